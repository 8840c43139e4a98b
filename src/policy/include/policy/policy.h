// The policy document, and the decision it makes.
//
// One YAML file (docs/policy.md): thresholds, rules, risk_thresholds, asl_triggers, tiers, actions, … It is
// validated as a whole, its rules are compiled once, and from then on it is immutable: the same facts and
// the same policy give the same verdict for ever, so any recorded decision can be replayed.
#pragma once

#include <boost/json/value.hpp>
#include <expected>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "model/action.h"
#include "model/verdict.h"
#include "policy/facts.h"
#include "policy/thresholds.h"

namespace plimsoll::policy {

// One thing wrong with a document. Positions are 1-based.
struct Problem {
  std::string file;
  std::size_t line = 1;
  std::size_t column = 1;
  std::string message;  // what was found, what was expected
};
std::string to_string(const Problem& problem);  // "policy.yaml:12:7: unknown key 'treshold'; did you mean 'threshold'?"

// What the data plane needs to know besides verdicts. Defaults are the shipped policy's.
struct Settings {
  std::string redaction = "[REDACTED:{entity}]";  // `{entity}` becomes the finding's entity
  std::string safety_preamble;                    // system message put first in safe mode
  double safe_mode_max_temperature = 0.2;
  std::string refusal_message;                    // what a blocked caller reads
  std::string care_message;                       // self-harm: care first
  std::vector<std::string> crisis_resources;
  std::string escalation_message;
  std::vector<std::string> fail_open_routes;      // surfaces ("chat.completions") that answer when no decision can be made
  bool wait_for_disk = false;                     // whether allowed traffic, too, waits for its record
  bool store_content = false;                     // `records.store_content: none|full`
  std::size_t hold_back_bytes = 256;              // upper bound on text held in a stream beyond an open match
};

class Policy {
 public:
  // All problems at once, or the policy. `file` is only used in messages.
  static std::expected<std::shared_ptr<const Policy>, std::vector<Problem>> parse(std::string_view yaml,
                                                                                  std::string file);
  // The same from disk; an unreadable or oversized (> 4 MiB) file is a problem at 1:1.
  static std::expected<std::shared_ptr<const Policy>, std::vector<Problem>> load(const std::string& path);

  ~Policy();
  Policy(const Policy&) = delete;
  Policy& operator=(const Policy&) = delete;

  // SHA-256 of the canonical document, lower-case hex.
  const std::string& version() const;

  // The effective document: defaults filled in, aliases resolved. What GET /rules answers (with "version").
  const boost::json::value& document() const;

  const Settings& settings() const;
  const std::vector<Threshold>& thresholds() const;

  // Pure, bounded, thread-safe, never throws. A rule whose condition fails to evaluate counts as kErrorBlock
  // ("on_error: closed", the default) or as not fired ("open"); either way it is in Verdict::rules as failed.
  Verdict decide(const Facts& facts) const;

  // For `policy explain`: every rule with its condition, true/false/error, the values of the variables it
  // read, then tier thresholds and ASL triggers with score against limit, and the verdict.
  boost::json::value explain(const Facts& facts) const;

 private:
  struct Impl;
  explicit Policy(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace plimsoll::policy
