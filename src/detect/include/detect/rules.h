// Rules as data: what the files in rules/ and the policy's `detection.rules` hold (docs/rules.md).
#pragma once

#include <boost/json/value.hpp>
#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "model/category.h"
#include "yaml/yaml.h"

namespace plimsoll::detect {

// One rule as written, its vocabularies put in. Each pattern is looked for on its own. Accents on Latin letters matter to
// none, as texts are searched without them; but a match of `toned` counts only where a letter of Vietnamese alone stands
// (ạ, đ, ơ, ư …).
struct RuleDefinition {
  std::string id;
  Category category = Category::kHarmfulContent;
  std::string entity;  // empty for an idea
  std::string idea;    // the idea that a match stands for; empty: a match is a finding
  std::vector<std::string> patterns, toned;
  std::vector<std::string> withdraws;  // ideas that no longer count when they stand just before a match,
  std::vector<std::string> excuses;    // and that do not count when they begin just after one
  bool exact_case = false;
  bool everyday = false;  // only looked for in texts that hold another idea it could meet
  double weight = 0;      // how much a match says about the category's score
  double confidence = .9;
  friend bool operator==(const RuleDefinition&, const RuleDefinition&) = default;
};

// Ideas that mean, within `distance` bytes of each other, what none means alone.
struct MeetingDefinition {
  std::string id;
  Category category = Category::kHarmfulContent;
  std::string entity;
  std::vector<std::string> ideas;  // two to four, distinct
  std::size_t distance = 0;
  double weight = 0;
  friend bool operator==(const MeetingDefinition&, const MeetingDefinition&) = default;
};

// A text that a rule or a meeting finds, or one that only looks like it.
struct Example {
  std::string id;
  std::string text;
  bool found = true;
};

struct RuleBook {
  // By name: phrases in the syntax of patterns, in which a blank stands for white space, a leading or trailing
  // `*` for the rest of a word. Kept as written, `{{name}}` replaced.
  std::map<std::string, std::vector<std::string>, std::less<>> vocabularies;
  std::vector<RuleDefinition> rules;
  std::vector<MeetingDefinition> meetings;
  std::vector<Example> examples;

  bool has(std::string_view id) const;  // a rule or a meeting
};

// What a policy says about rules.
struct RuleOptions {
  std::vector<std::string> disabled;                    // sorted
  std::vector<std::string> enabled;                     // of optional_rules(); sorted
  std::vector<std::pair<std::string, double>> weights;  // sorted
  std::vector<RuleDefinition> rules;
  std::vector<MeetingDefinition> meetings;

  bool empty() const {
    return disabled.empty() && enabled.empty() && weights.empty() && rules.empty() && meetings.empty();
  }
  friend bool operator==(const RuleOptions&, const RuleOptions&) = default;
};

// The rules that are part of the program, read once.
const RuleBook& shipped_rules();
// What is wrong with them; empty, or the build is broken. `thorough`: every pattern is tried on its own.
std::vector<yaml::Problem> shipped_problems(bool thorough);

// Reads `detection.rules`. Files are found relative to `directory`; without one they are a problem. What is
// wrong within a file is added to `elsewhere`. The result is good for compiling when there are no problems.
RuleOptions read_rule_options(const yaml::Node& node, const std::optional<std::string>& directory,
                              yaml::Problems& problems, std::vector<yaml::Problem>& elsewhere);

// A rule or a meeting, as the policy has it.
struct RuleSummary {
  std::string id;
  Category category = Category::kPii;
  std::string what;  // the entity it reports, or the idea it stands for
  bool idea = false;
  double weight = 0;      // towards the category's score; of what has none, how sure a finding is
  bool disabled = false;  // or optional, and not enabled
};
// The ids of the program's rules that are off unless a policy enables them: sorted.
std::vector<std::string> optional_rules();
// Each id once, the program's first.
std::vector<RuleSummary> list_rules(const RuleOptions& options);

// The canonical form of the same section: reading it gives the same options.
boost::json::value to_json(const RuleOptions& options);

}  // namespace plimsoll::detect
