// The policy as it decides: rules compiled, tables laid out by caller.
#pragma once

#include <array>
#include <string>
#include <vector>

#include "cel/cel.h"
#include "document.h"
#include "policy/policy.h"

namespace plimsoll::policy {

using namespace yaml;

struct CompiledRule {
  std::size_t index;  // into Document::rules
  cel::Program program;
};

// One cell of the tier table.
struct LimitCheck {
  Category category;
  double limit;
  double high_score;
  Action below;  // what a score from `limit` on does
  Action above;  // what a score from `high_score` on does
  std::string id;
  std::string reason;

  Action action(double score) const { return score < high_score ? below : above; }
};

// One ASL trigger as one kind of caller meets it.
struct AslCheck {
  const AslTrigger* trigger;
  Action action;
  bool review;
  bool shadow;
};

struct Policy::Impl {
  Document document;
  boost::json::value json;
  std::string version;
  std::vector<CompiledRule> rules;  // in the document's order
  std::array<std::vector<LimitCheck>, kColumnCount> limits;
  std::array<std::vector<AslCheck>, kColumnCount> triggers;
  std::vector<std::string> asl_ids;      // by trigger
  std::vector<std::string> asl_reasons;  // by trigger

  const Rule& rule(const CompiledRule& compiled) const { return document.rules[compiled.index]; }
  // A tier threshold reads what was found and what an event reported; never what a context claims.
  static double judged_score(const Facts& facts, Category category) {
    return std::max(facts.found.scores[category], facts.reported[category]);
  }
  static double judged_score(const Facts& facts, const AslTrigger& trigger) {
    double most = 0;
    for (const Category c : trigger.categories) most = std::max(most, judged_score(facts, c));
    return most;
  }
  static std::size_t column_of(const Facts& facts) {
    return facts.caller.tier ? static_cast<std::size_t>(*facts.caller.tier) : kUntiered;
  }
};

// Compiles the rules' conditions and adds what is wrong with them, at their place in `source`.
std::vector<CompiledRule> compile_rules(std::string_view source, Document& document, Problems& problems);

// Rules that type-check and still cannot be meant: never true, or hidden behind another.
void check_rules(std::string_view source, const Document& document, const std::vector<CompiledRule>& rules,
                 Problems& problems);

}  // namespace plimsoll::policy
