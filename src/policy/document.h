// The policy document after validation, before anything is compiled: what the file says, in our types.
#pragma once

#include <array>
#include <boost/json/value.hpp>
#include <optional>
#include <string>
#include <vector>

#include "model/action.h"
#include "model/caller.h"
#include "model/category.h"
#include "model/conversation.h"
#include "policy/accumulation.h"
#include "policy/policy.h"
#include "policy/thresholds.h"
#include "policy/watch.h"
#include "yaml/yaml.h"

namespace plimsoll::policy {

using namespace yaml;

struct Rule {
  std::string id;
  std::string description;
  std::string condition;
  std::string reason;
  bool on_prompt = true;
  bool on_output = true;
  Action action = Action::kBlock;
  bool shadow = false;     // mode: shadow
  bool fail_open = false;  // on_error: open
  bool review = false;
  bool care = false;
  Categories redact;  // empty: what the condition reads (filled in when compiled)
  Mark mark;
  Node source;  // the condition as written, for the positions of problems

  bool judges(Direction direction) const { return direction == Direction::kPrompt ? on_prompt : on_output; }
};

// What one kind of caller meets: a tier's column of the table, or the untiered one.
struct Column {
  std::string access;
  std::array<std::optional<double>, kCategoryCount> limits;  // risk thresholds, reached at >=
  std::array<Mark, kCategoryCount> marks;
  Action severe = Action::kBlock;    // cbrn, self_harm
  Action moderate = Action::kBlock;  // the others, below high_score
  Action high = Action::kBlock;      // the others, from high_score on
  double high_score = 0.5;
  Action asl_action = Action::kBlock;
  bool asl_review = false;
  bool asl_shadow = false;  // recorded, without effect
  RateLimit rate_limit;
};

inline constexpr std::size_t kUntiered = kTierCount;  // index of the column after the tiers'
inline constexpr std::size_t kColumnCount = kTierCount + 1;
std::string_view column_name(std::size_t column);  // "general", …, "untiered"
std::optional<std::size_t> parse_column(std::string_view name);

constexpr bool is_severe(Category c) {
  return c == Category::kCbrn || c == Category::kSelfHarm;
}

struct AslTrigger {
  std::string name;
  std::string description;
  int level = 3;
  double threshold = 1;
  std::vector<Category> categories;
};

struct Document {
  Document();  // columns and settings with their defaults, nothing else

  std::vector<std::pair<std::string, std::string>> about;  // title, status, … as written
  std::vector<Threshold> thresholds;
  std::vector<std::string> threshold_notes;  // descriptions, by threshold
  std::vector<Rule> rules;
  std::array<Column, kColumnCount> columns;
  std::vector<AslTrigger> asl_triggers;
  std::vector<Accumulation> accumulations;
  std::vector<std::string> card_required;  // fields that a model's card must have
  Settings settings;
  WatchSettings watch;
  std::vector<std::pair<std::string, boost::json::value>> records;  // free-form sections, as written
};

// Reads and validates everything but the conditions of rules. Problems are added, those of other files to
// `elsewhere`; the result is only good for compiling when there are none.
Document read_document(const Node& root, const std::optional<std::string>& directory, Problems& problems,
                       std::vector<Problem>& elsewhere);

// Parts of the above, each in a file of its own.
void read_thresholds(const Node& node, Document& document, Problems& problems);
void read_rules(const Node& node, Document& document, Problems& problems);
void read_risk_thresholds(const Node& node, Document& document, Problems& problems);
void read_tiers(const Node& node, Document& document, Problems& problems);
void read_asl_triggers(const Node& node, Document& document, Problems& problems);
void read_clocks(const Node& incident_response, Settings& settings, Problems& problems);
void read_accumulate(const Node& node, Document& document, Problems& problems);
void read_watch(const Node& node, WatchSettings& watch, Problems& problems);
void read_opinions(const Node& node, Settings& settings, Problems& problems);
void read_actions(const Node& node, Settings& settings, Problems& problems);
void check_columns(const Document& document, Problems& problems);

// Sets one cell of the tier table; two places that disagree are a problem.
void set_limit(Document& document, std::size_t column, Category category, const Node& node,
               Problems& problems);

// The effective document: defaults filled in, aliases and older spellings gone.
boost::json::value to_json(const Document& document);

}  // namespace plimsoll::policy
