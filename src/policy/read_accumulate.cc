#include <algorithm>
#include <charconv>

#include "document.h"
#include "read_window.h"
#include "yaml/fields.h"
#include "yaml/numbers.h"

namespace plimsoll::policy {

using namespace yaml;
namespace {

constexpr std::size_t kMost = 64;
constexpr std::chrono::minutes kLongest = std::chrono::days(31);

bool is_name(std::string_view text) {
  return !text.empty() && text.size() <= 64 && std::ranges::all_of(text, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-';
  });
}

// A name, or a list of names, each once.
template <class Known>
void read_names(const Node& node, std::string_view key, std::string_view expected, Known take,
                Problems& problems) {
  std::vector<const Node*> items;
  if (node.kind == Node::Kind::kList)
    for (const Node& item : node.items) items.push_back(&item);
  else
    items.push_back(&node);
  if (items.empty()) problems.add(node.mark, "'" + std::string(key) + "' must not be empty");
  for (const Node* item : items)
    if (const auto text = read_text(*item, key, problems); text && !take(*text))
      problems.add(item->mark, "unknown '" + *text + "' in '" + std::string(key) + "'; expected " +
                                   std::string(expected));
}

void read_window(Fields& fields, Accumulation& out, Problems& problems) {
  fields.require("window");
  const Node* node = fields.get("window");
  if (node == nullptr) return;
  const auto text = read_text(*node, "window", problems);
  if (!text) return;
  if (const auto window = parse_window(*text); window && *window <= kLongest)
    out.window = *window;
  else
    problems.add(node->mark,
                 "'window' must be a time such as '30 minutes', '24 hours' or '7 days', up to 31 days");
}

void read_limits(const Node& node, Fields& fields, Accumulation& out, Problems& problems) {
  fields.read("min_score", out.min_score, {0, 1});
  if (const Node* least = fields.get("min_score");
      least != nullptr && Accumulation::places(out.min_score) == 0)
    problems.add(least->mark, "'min_score' of 0 is reached by every text");
  if (const Node* count = fields.get("count"))
    out.count = read_count(*count, "count", 2, Accumulation::kMostMessages, problems);
  if (const Node* sum = fields.get("sum"))
    out.sum = read_number(*sum, "sum", {0, Accumulation::kMostMessages}, problems);
  if (fields.get("count") == nullptr && fields.get("sum") == nullptr)
    problems.add(node.mark, "an accumulation needs 'count' or 'sum': how much is too much");
  if (!out.sum) return;
  const auto* at = fields.get("sum");
  if (*out.sum <= 1)
    problems.add(at->mark,
                 "'sum' " + number_text(*out.sum) + " can be reached by one text; expected more than 1");
  else if (*out.sum / std::max(out.min_score, 1e-9) > Accumulation::kMostMessages)
    problems.add(at->mark, "'sum' may take more than " + std::to_string(Accumulation::kMostMessages) +
                               " texts of 'min_score' " + number_text(out.min_score) + "; raise 'min_score'");
}

Accumulation read_one(const Node& node, Problems& problems) {
  Accumulation out;
  Fields fields(node, "an accumulation", problems);
  fields.require("id");
  if (const Node* id = fields.get("id"))
    if (auto text = read_text(*id, "id", problems)) {
      if (!is_name(*text)) problems.add(id->mark, "'id' must be 1 to 64 letters, digits, '_' or '-'");
      out.name = *std::move(text);
    }
  fields.read("description", out.description);
  fields.require("categories");
  Categories categories;
  fields.read("categories", categories);
  for (std::size_t i = 0; i < kCategoryCount; ++i)
    if (categories.has(static_cast<Category>(i))) out.categories.push_back(static_cast<Category>(i));

  const auto take_per = [&](std::string_view name) {
    const auto per = parse_per(name);
    if (per) out.per.at(static_cast<std::size_t>(*per)) = true;
    return per.has_value();
  };
  if (const Node* per = fields.get("per"))
    read_names(*per, "per", "'user', 'org' or 'session'", take_per, problems);
  else
    take_per("user");
  const auto take_tier = [&](std::string_view name) {
    const auto column = parse_column(name);
    if (column) out.tiers.at(*column) = true;
    return column.has_value();
  };
  if (const Node* tiers = fields.get("tiers"))
    read_names(*tiers, "tiers", "'general', 'enterprise', 'research_sandbox' or 'untiered'", take_tier,
               problems);
  else
    for (std::size_t i = 0; i < kTierCount; ++i) out.tiers.at(i) = true;

  read_window(fields, out, problems);
  read_limits(node, fields, out, problems);
  std::uint64_t level = 0;
  fields.read("level", level, 2, 5);
  out.level = static_cast<int>(level);
  fields.read("action", out.action);
  fields.read("review", out.review);
  fields.choose<bool>({"mode"}, out.shadow, {{"enforce", false}, {"shadow", true}});
  fields.finish();
  return out;
}

}  // namespace

std::optional<std::chrono::minutes> parse_window(std::string_view text) {
  unsigned number = 0;
  const auto [end, wrong] = std::from_chars(text.data(), text.data() + text.size(), number);
  const auto unit = text.substr(static_cast<std::size_t>(end - text.data()));
  const unsigned minutes = unit == " minute" || unit == " minutes" ? 1
                           : unit == " hour" || unit == " hours"   ? 60
                           : unit == " day" || unit == " days"     ? 24 * 60
                                                                   : 0;
  if (wrong != std::errc() || minutes == 0 || number == 0 ||
      number > std::chrono::minutes(std::chrono::days(366)).count() / minutes)
    return std::nullopt;
  return std::chrono::minutes(number * minutes);
}

std::string window_text(std::chrono::minutes window) {
  constexpr std::int64_t kDay = 1'440;
  const auto minutes = window.count();
  const auto [number, unit] = minutes % kDay == 0 && minutes > kDay ? std::pair(minutes / kDay, "day")
                              : minutes % 60 == 0                   ? std::pair(minutes / 60, "hour")
                                                                    : std::pair(minutes, "minute");
  return std::to_string(number) + " " + unit + (number == 1 ? "" : "s");
}

void read_accumulate(const Node& node, Document& document, Problems& problems) {
  if (node.kind != Node::Kind::kList) {
    problems.add(node.mark, "'accumulate' must be a list; found " + std::string(describe(node)));
    return;
  }
  if (node.items.size() > kMost) {
    problems.add(node.mark, "more than " + std::to_string(kMost) + " accumulations");
    return;
  }
  for (const Node& item : node.items) {
    auto one = read_one(item, problems);
    if (std::ranges::find(document.accumulations, one.name, &Accumulation::name) !=
        document.accumulations.end())
      problems.add(item.mark, "duplicate accumulation '" + one.name + "'");
    for (std::size_t i = 0; i < kPerCount; ++i) {
      const auto per = std::string(to_string(static_cast<Per>(i)));
      one.ids.at(i) = "accumulate." + one.name + "." + per;
      one.reasons.at(i) = one.name + ": over " + window_text(one.window) + ", per " + per;
    }
    document.accumulations.push_back(std::move(one));
  }
}

}  // namespace plimsoll::policy
