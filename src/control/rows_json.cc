#include "rows_json.h"

#include <boost/json/array.hpp>
#include <charconv>

#include "base/json.h"
#include "base/time.h"

namespace plimsoll::control {
namespace {

json::value text_or_null(const std::string& text) {
  return text.empty() ? json::value(nullptr) : json::value(text);
}

json::array list(const std::vector<std::string>& texts) {
  json::array out;
  for (const auto& text : texts) out.emplace_back(text);
  return out;
}

std::unexpected<net::QueryProblem> wrong(std::string_view name, std::string message) {
  return std::unexpected(net::QueryProblem{std::string(name), std::move(message)});
}

}  // namespace

json::object to_object(const store::EventRow& e) {
  json::object scores;
  for (std::size_t i = 0; i < kCategoryCount; ++i)
    if (const auto category = static_cast<Category>(i); e.scores[category] > 0)
      scores[to_string(category)] = e.scores[category];
  json::object out{{"event_id", e.event_id},
                   {"decision_id", e.decision_id},
                   {"index", e.index},
                   {"timestamp", to_rfc3339_ms(e.occurred)},
                   {"decided_at", to_rfc3339_ms(e.time)},
                   {"surface", e.surface},
                   {"direction", e.direction},
                   {"tier", e.tier},
                   {"action", to_string(e.action)},
                   {"asl_level", e.asl_level},
                   {"requires_human_review", e.review},
                   {"reasons", list(e.reasons)},
                   {"rules", list(e.rules)},
                   {"tags", list(e.tags)},
                   {"entities", list(e.entities)},
                   {"scores", std::move(scores)},
                   {"policy_version", e.policy},
                   {"detectors", e.detectors}};
  out["org"] = text_or_null(e.org);
  out["user"] = text_or_null(e.user);
  out["model"] = text_or_null(e.model);
  out["review_due"] = e.review_due ? json::value(to_rfc3339_ms(*e.review_due)) : json::value(nullptr);
  return out;
}

json::object to_object(const store::ReviewItem& item, Time now) {
  const bool decided = item.state == store::ReviewState::kDecided;
  json::object out{{"event_id", item.event_id},
                   {"timestamp", to_rfc3339_ms(item.occurred)},
                   {"review_due", to_rfc3339_ms(item.due)},
                   {"overdue", !decided && item.due < now},
                   {"priority", item.priority},
                   {"surface", item.surface},
                   {"tier", item.tier},
                   {"action", to_string(item.action)},
                   {"asl_level", item.asl_level},
                   {"score", item.score},
                   {"state", store::to_string(item.state)}};
  out["org"] = text_or_null(item.org);
  out["category"] = item.category ? json::value(to_string(*item.category)) : json::value(nullptr);
  out["assignee"] = text_or_null(item.assignee);
  out["decision"] = text_or_null(item.decision);
  out["decided_by"] = text_or_null(item.decided_by);
  out["decided_at"] = item.decided_at ? json::value(to_rfc3339_ms(*item.decided_at)) : json::value(nullptr);
  return out;
}

json::object to_object(const store::ActRow& act) {
  json::object out{{"index", act.index}, {"type", act.type}};
  out["time"] = act.time ? json::value(to_rfc3339_ms(*act.time)) : json::value(nullptr);
  out["actor"] = text_or_null(act.actor);
  out["subject"] = text_or_null(act.subject);
  if (auto entry = parse_json(act.body)) out["entry"] = *std::move(entry);
  return out;
}

std::expected<EventQuery, net::QueryProblem> read_event_query(const net::Parameters& parameters) {
  EventQuery out;
  auto& filter = out.filter;
  const auto get = [&](std::string_view name) {
    const auto at = parameters.find(name);
    return at == parameters.end() ? std::string() : at->second;
  };
  const auto from = net::time_in(parameters, "from"), until = net::time_in(parameters, "to");
  if (!from) return std::unexpected(from.error());
  if (!until) return std::unexpected(until.error());
  filter.window = {*from, *until};
  filter.surface = get("surface");
  filter.tier = get("tier");
  filter.direction = get("direction");
  filter.org = get("org");
  filter.model = get("model");
  filter.policy = get("policy");
  filter.rule = get("rule");
  filter.tag = get("tag");
  out.cursor = get("cursor");
  if (parameters.contains("action")) {
    filter.action = parse_action(get("action"));
    if (!filter.action) return wrong("action", "is no action");
  }
  if (parameters.contains("category")) {
    filter.category = parse_category(get("category"));
    if (!filter.category) return wrong("category", "is no category of risk");
    filter.min_score = store::detected_at(*filter.category);
  }
  if (parameters.contains("min_score")) {
    const auto text = get("min_score");
    const auto read = std::from_chars(text.data(), text.data() + text.size(), filter.min_score);
    if (read.ec != std::errc() || read.ptr != text.data() + text.size() || !(filter.min_score >= 0) ||
        filter.min_score > 1 || !filter.category)
      return wrong("min_score", "expected a number from 0 to 1, with a category");
  }
  for (const auto& [name, member] : {std::pair("asl", &filter.asl), {"review", &filter.review}})
    if (parameters.contains(name)) {
      const auto text = get(name);
      if (text != "true" && text != "false") return wrong(name, "expected true or false");
      *member = text == "true";
    }
  const auto limit = net::number_in(parameters, "limit", 1, store::kMaxPage);
  if (!limit) return std::unexpected(limit.error());
  if (*limit) out.limit = **limit;
  return out;
}

}  // namespace plimsoll::control
