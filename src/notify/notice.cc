#include "notify/notice.h"

#include <algorithm>
#include <boost/json/array.hpp>

#include "base/json.h"

namespace plimsoll::notify {
namespace {

constexpr std::array<std::string_view, kEvents> kEventNames = {"policy_fail",
                                                               "incident_opened",
                                                               "risk_threshold_exceeded",
                                                               "review_overdue",
                                                               "asl_trigger",
                                                               "watch_alert",
                                                               "clock_due",
                                                               "test"};
constexpr std::array<std::string_view, kSeverities> kSeverityNames = {"info", "warning", "error", "critical"};

template <class Enum, std::size_t N>
std::optional<Enum> find_name(const std::array<std::string_view, N>& names, std::string_view name) {
  const auto* const found = std::ranges::find(names, name);
  if (found == names.end()) return std::nullopt;
  return static_cast<Enum>(found - names.begin());
}

std::string text_of(const json::value& object, std::string_view key) {
  const auto* text = find_string(object, key);
  return text != nullptr ? std::string(*text) : std::string();
}

std::optional<std::uint64_t> count_of(const json::value& object, std::string_view key) {
  const auto* value = find(object, key);
  if (value != nullptr && value->is_uint64()) return value->get_uint64();
  if (value == nullptr || !value->is_int64() || value->get_int64() < 0) return std::nullopt;
  return static_cast<std::uint64_t>(value->get_int64());
}

}  // namespace

std::string_view to_string(Event event) {
  return kEventNames.at(static_cast<std::size_t>(event));
}
std::optional<Event> parse_event(std::string_view name) {
  return find_name<Event>(kEventNames, name);
}
std::string_view to_string(Severity severity) {
  return kSeverityNames.at(static_cast<std::size_t>(severity));
}
std::optional<Severity> parse_severity(std::string_view name) {
  return find_name<Severity>(kSeverityNames, name);
}

void add(Notice& notice, Trigger trigger) {
  ++notice.count;
  notice.last = std::max(notice.last, trigger.time);
  if (notice.subjects.size() < kNamed &&
      std::ranges::find(notice.subjects, trigger.subject) == notice.subjects.end())
    notice.subjects.push_back(trigger.subject);
  if (trigger.severity > notice.first.severity) notice.first = std::move(trigger);
}

json::object to_object(const Notice& n) {
  const Trigger& t = n.first;
  json::array subjects;
  for (const auto& subject : n.subjects) subjects.emplace_back(subject);
  json::object out{{"id", n.id}, {"event", to_string(t.event)}, {"time", to_rfc3339_ms(t.time)}};
  out["subject"] = t.subject;
  out["severity"] = to_string(t.severity);
  out["state"] = t.resolved ? "resolved" : "open";
  out["summary"] = t.summary;
  out["count"] = n.count;
  out["subjects"] = std::move(subjects);
  out["last"] = to_rfc3339_ms(n.last);
  if (!t.path.empty()) out["path"] = t.path;
  out["data"] = t.data;
  out["log"] = json::object{{"index", t.index}, {"origin", n.origin}};
  return out;
}

Result<Notice> read_notice(const json::value& value) {
  const auto bad = [](std::string_view what) {
    return fail(Code::kInvalid, "no notice: " + std::string(what));
  };
  const auto event = parse_event(text_of(value, "event"));
  const auto severity = parse_severity(text_of(value, "severity"));
  const auto time = from_rfc3339(text_of(value, "time")), last = from_rfc3339(text_of(value, "last"));
  const auto count = count_of(value, "count");
  const auto* subjects = find_array(value, "subjects");
  const auto* data = find_object(value, "data");
  const auto* log = find(value, "log");
  if (!event || !severity) return bad("event or severity");
  if (!time || !last) return bad("time or last");
  if (!count || subjects == nullptr || subjects->size() > kNamed) return bad("count or subjects");
  if (data == nullptr || log == nullptr) return bad("data or log");
  const auto index = count_of(*log, "index");
  if (!index) return bad("log.index");
  Notice out{.id = text_of(value, "id"),
             .first = {.event = *event,
                       .severity = *severity,
                       .asl = 0,
                       .resolved = text_of(value, "state") == "resolved",
                       .time = *time,
                       .subject = text_of(value, "subject"),
                       .summary = text_of(value, "summary"),
                       .path = text_of(value, "path"),
                       .data = *data,
                       .index = *index},
             .count = *count,
             .subjects = {},
             .last = *last,
             .origin = text_of(*log, "origin")};
  if (out.id.empty()) return bad("id");
  for (const auto& subject : *subjects) {
    if (!subject.is_string()) return bad("subjects");
    out.subjects.emplace_back(subject.get_string());
  }
  if (const auto asl = count_of(json::value(*data), "asl"))
    out.first.asl = static_cast<int>(std::min<std::uint64_t>(*asl, 9));
  return out;
}

std::string headline(const Notice& n) {
  if (n.count <= 1) return n.first.summary;
  return n.first.summary + " (and " + std::to_string(n.count - 1) + " more)";
}

}  // namespace plimsoll::notify
