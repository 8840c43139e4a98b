#include <algorithm>
#include <array>

#include "document.h"
#include "yaml/fields.h"
#include "yaml/numbers.h"

namespace plimsoll::policy {

using namespace yaml;
namespace {

constexpr std::array<std::string_view, kColumnCount> kColumns = {"general", "enterprise", "research_sandbox",
                                                                 "untiered"};

std::optional<std::size_t> read_column(const Member& member, Problems& problems) {
  const auto column = parse_column(member.key);
  if (!column && !problems.full())
    problems.add(member.mark, "unknown tier '" + member.key + "'" + did_you_mean(member.key, kColumns) +
                                  " (expected " + one_of(kColumns) + ")");
  return column;
}

void read_rate_limit(const Node& node, RateLimit& limit, Problems& problems) {
  constexpr std::uint64_t kMost = 1'000'000'000'000;
  Fields fields(node, "'rate_limits'", problems);
  fields.read("requests_per_hour", limit.requests_per_hour, 0, kMost);
  fields.read("tokens_per_day", limit.tokens_per_day, 0, kMost);
  fields.finish();
}

void read_tier(const Node& node, Column& column, Problems& problems) {
  Fields fields(node, "a tier", problems);
  fields.read("access", column.access);
  if (const Node* limits = fields.get("rate_limits")) read_rate_limit(*limits, column.rate_limit, problems);
  if (const Node* on = fields.get("on_threshold")) {
    Fields inner(*on, "'on_threshold'", problems);
    inner.read("severe", column.severe);
    inner.read("moderate", column.moderate);
    inner.read("high", column.high);
    inner.read("high_score", column.high_score, {0, 1});
    inner.finish();
    if (column.high < column.moderate)
      problems.add(on->mark, "'high' (" + std::string(to_string(column.high)) +
                                 ") is weaker than 'moderate' (" + std::string(to_string(column.moderate)) +
                                 "): a higher score would do less");
  }
  if (const Node* on = fields.get("on_asl_trigger")) {
    Fields inner(*on, "'on_asl_trigger'", problems);
    inner.read("action", column.asl_action);
    inner.read("review", column.asl_review);
    inner.choose<bool>({"mode"}, column.asl_shadow, {{"enforce", false}, {"shadow", true}});
    inner.finish();
  }
  fields.finish();
}

// What the documents' trigger names stand for, where the policy does not say.
std::vector<Category> usual_categories(std::string_view name) {
  using enum Category;
  if (name == "biological" || name == "cbrn") return {kCbrn};
  if (name == "cyber") return {kExploitation, kCyberOffense};
  if (name == "deception") return {kJailbreak, kDeception};
  if (const auto category = parse_category(name)) return {*category};
  return {};
}

std::vector<Category> listed(Categories set) {
  std::vector<Category> out;
  for (std::size_t i = 0; i < kCategoryCount; ++i)
    if (set.has(static_cast<Category>(i))) out.push_back(static_cast<Category>(i));
  return out;
}

void read_threshold(const Node& node, std::string_view name, double& out, Problems& problems) {
  if (const auto value = read_number(node, name, {0, 1}, problems)) {
    out = *value;
    if (out == 0) problems.add(node.mark, "'" + std::string(name) + "' of 0 is reached by every text");
  }
}

// A number, or {threshold, level, categories, description}.
void read_trigger(const Member& member, std::optional<int> level, Document& document, Problems& problems) {
  constexpr std::size_t kMaxTriggers = 200;
  if (document.asl_triggers.size() >= kMaxTriggers)
    return problems.add(member.mark, "more than " + std::to_string(kMaxTriggers) + " ASL triggers");
  AslTrigger trigger;
  trigger.name = member.key;
  trigger.level = level.value_or(3);
  trigger.categories = usual_categories(member.key);
  const Node& node = member.value;
  if (node.kind == Node::Kind::kScalar) {
    read_threshold(node, member.key, trigger.threshold, problems);
  } else {
    Fields fields(node, "an ASL trigger", problems);
    fields.require("threshold");
    if (const Node* threshold = fields.get("threshold"))
      read_threshold(*threshold, "threshold", trigger.threshold, problems);
    std::uint64_t number = static_cast<std::uint64_t>(trigger.level);
    if (level && node.find("level") != nullptr)
      problems.add(node.mark, "'level' is given by the group that the trigger is listed in");
    fields.read("level", number, 2, 5);
    trigger.level = static_cast<int>(number);
    Categories categories;
    fields.read("categories", categories);
    if (!categories.empty()) trigger.categories = listed(categories);
    fields.read("description", trigger.description);
    fields.finish();
  }
  if (trigger.categories.empty())
    problems.add(member.mark, "trigger '" + member.key + "' needs 'categories': which scores it reads");
  if (std::ranges::find(document.asl_triggers, trigger.name, &AslTrigger::name) !=
      document.asl_triggers.end())
    problems.add(member.mark, "duplicate ASL trigger '" + trigger.name + "'");
  document.asl_triggers.push_back(std::move(trigger));
}

// "asl_3", "asl-3", "ASL3": a group of triggers of one level.
std::optional<int> parse_level(std::string_view key) {
  if (!key.starts_with("asl") && !key.starts_with("ASL")) return std::nullopt;
  key.remove_prefix(3);
  if (key.starts_with("_") || key.starts_with("-")) key.remove_prefix(1);
  if (key.size() != 1 || key[0] < '2' || key[0] > '5') return std::nullopt;
  return key[0] - '0';
}

}  // namespace

void set_limit(Document& document, std::size_t column, Category category, const Node& node,
               Problems& problems) {
  const auto name = std::string(to_string(category)) + "." + std::string(column_name(column));
  double value = 0;
  const std::size_t before = problems.count();
  read_threshold(node, name, value, problems);
  if (problems.count() != before) return;
  const auto index = static_cast<std::size_t>(category);
  auto& cell = document.columns.at(column).limits.at(index);
  auto& mark = document.columns.at(column).marks.at(index);
  if (cell && *cell != value)
    problems.add(node.mark, name + " is " + number_text(value) + " here and " + number_text(*cell) +
                                " on line " + std::to_string(mark.line));
  cell = value;
  mark = node.mark;
}

void read_risk_thresholds(const Node& node, Document& document, Problems& problems) {
  if (node.kind != Node::Kind::kMap) {
    problems.add(node.mark, "'risk_thresholds' must be a mapping; found " + std::string(describe(node)));
    return;
  }
  for (const Member& row : node.members) {
    const auto category = read_category(row.key, row.mark, problems);
    if (row.value.kind != Node::Kind::kMap) {
      problems.add(row.value.mark, "'" + row.key + "' must be a mapping of tiers to thresholds; found " +
                                       std::string(describe(row.value)));
      continue;
    }
    for (const Member& cell : row.value.members) {
      const auto column = read_column(cell, problems);
      if (category && column) set_limit(document, *column, *category, cell.value, problems);
    }
  }
}

void read_tiers(const Node& node, Document& document, Problems& problems) {
  if (node.kind != Node::Kind::kMap) {
    problems.add(node.mark, "'tiers' must be a mapping; found " + std::string(describe(node)));
    return;
  }
  for (const Member& tier : node.members)
    if (const auto column = read_column(tier, problems))
      read_tier(tier.value, document.columns.at(*column), problems);
}

void read_asl_triggers(const Node& node, Document& document, Problems& problems) {
  if (node.kind != Node::Kind::kMap) {
    problems.add(node.mark, "'asl_triggers' must be a mapping; found " + std::string(describe(node)));
    return;
  }
  for (const Member& member : node.members) {
    const auto level = parse_level(member.key);
    if (!level) {
      read_trigger(member, std::nullopt, document, problems);
    } else if (member.value.kind != Node::Kind::kMap) {
      problems.add(member.value.mark, "'" + member.key + "' must be a mapping of triggers; found " +
                                          std::string(describe(member.value)));
    } else {
      for (const Member& trigger : member.value.members) read_trigger(trigger, level, document, problems);
    }
  }
}

// Each tier knows its callers better than the one before it; a limit that falls on the way is a slip.
void check_columns(const Document& document, Problems& problems) {
  for (std::size_t i = 0; i < kCategoryCount; ++i) {
    std::optional<std::size_t> stricter;
    for (std::size_t column = 0; column < kTierCount; ++column) {
      const auto& limit = document.columns.at(column).limits.at(i);
      if (!limit) continue;
      if (stricter && *limit < *document.columns.at(*stricter).limits.at(i))
        problems.add(document.columns.at(column).marks.at(i),
                     std::string(to_string(static_cast<Category>(i))) + ": " +
                         std::string(column_name(column)) + " " + number_text(*limit) + " is stricter than " +
                         std::string(column_name(*stricter)) + " " +
                         number_text(*document.columns.at(*stricter).limits.at(i)));
      stricter = column;
    }
  }
}

}  // namespace plimsoll::policy
