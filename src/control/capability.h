// Capability evaluations: what a model was found to be able to do, read strictly, and what that means.
//
// Not to be taken for a trigger (what one text, or one user's texts, scored): this is about a model, measured by somebody
// with a method, and held against a threshold of a published framework.
#pragma once

#include <expected>
#include <optional>
#include <string>
#include <string_view>

#include "base/time.h"
#include "net/query.h"

namespace plimsoll::control {

enum class Capability { kRuledOut, kCannotRuleOut, kRuledIn };  // the gravest last
std::string_view to_string(Capability status);                  // "ruled_out", "cannot_rule_out", "ruled_in"
std::optional<Capability> parse_capability(std::string_view name);

struct CapabilityEvaluation {
  std::string model, threat, framework, version, threshold_id, method, evaluator, decision_maker, notes;
  double score = 0, low = 0, high = 1;  // and its interval: 95 %, of `successes` of `n` where none is given
  std::optional<double> threshold;      // of the score
  std::uint64_t n = 0;                  // 0: not stated
  std::optional<std::uint64_t> successes;
  std::optional<Time> as_of;
  std::optional<Capability> stated;

  // The graver of what the interval says and what the evaluator states. By the interval: ruled out where all of it is under
  // the threshold, ruled in where none of it is.
  Capability status() const;
  // What cannot be ruled out acts as reached.
  bool crossed() const { return status() != Capability::kRuledOut; }
};

// A JSON object. What is wrong is named by member and quotes nothing.
std::expected<CapabilityEvaluation, net::QueryProblem> read_capability_evaluation(std::string_view body);

// What somebody decided about a crossing.
struct CapabilityDecision {
  std::string decision;  // "freeze", "safeguards", "accept"
  std::string decided_by, notes;
};
std::expected<CapabilityDecision, net::QueryProblem> read_capability_decision(std::string_view body);

}  // namespace plimsoll::control
