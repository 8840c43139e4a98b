// `incident_response.clocks`: within what time something must be done about an incident.
#include <algorithm>
#include <unordered_set>

#include "document.h"
#include "yaml/fields.h"

namespace plimsoll::policy {

using namespace yaml;
namespace {

constexpr std::size_t kMaxClocks = 32;
constexpr std::uint64_t kMaxDays = 366;

bool is_id(std::string_view text) {
  return !text.empty() && text.size() <= 64 && std::ranges::all_of(text, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
           c == '-' || c == '.';
  });
}

bool is_line(std::string_view text) {
  return !text.empty() && text.size() <= 200 &&
         std::ranges::all_of(text, [](unsigned char c) { return c >= 0x20; });
}

bool is_day(std::string_view text) {
  if (text.size() != 10 || text[4] != '-' || text[7] != '-') return false;
  return std::ranges::all_of(text, [](char c) { return c == '-' || (c >= '0' && c <= '9'); });
}

void read_within(const Node& node, Fields& fields, IncidentClock& clock, Problems& problems) {
  std::uint64_t days = 0, hours = 0;
  fields.read("days", days, 1, kMaxDays);
  fields.read("hours", hours, 1, kMaxDays * 24);
  const bool has_days = node.find("days") != nullptr, has_hours = node.find("hours") != nullptr;
  if (has_days == has_hours)
    problems.add(node.mark, "a clock has 'days' or 'hours', one of them");
  else
    clock.within = std::chrono::hours(has_days ? days * 24 : hours);
}

void read_kinds(Fields& fields, IncidentClock& clock, Problems& problems) {
  fields.require("kinds");
  const Node* node = fields.get("kinds");
  if (node == nullptr) return;
  const auto names = read_texts(*node, "kinds", problems);
  if (!names) return;
  const auto known = [](const std::string& name) {
    return name == kAnyIncident || std::ranges::find(kIncidentKinds, name) != kIncidentKinds.end();
  };
  if (names->empty() || !std::ranges::all_of(*names, known))
    problems.add(
        node->mark,
        "'kinds' must name serious_incident, critical_infrastructure, widespread_infringement, death, "
        "personal_data_breach or any");
  clock.kinds = *names;
}

IncidentClock read_clock(const Node& node, Problems& problems) {
  IncidentClock clock;
  Fields fields(node, "a clock", problems);
  fields.require("id");
  fields.read("id", clock.id);
  if (const Node* id = node.find("id"); id != nullptr && !is_id(clock.id))
    problems.add(id->mark, "'id' must be 1 to 64 letters, digits, '.', '_' or '-'");
  fields.require("name");
  fields.read("name", clock.name);
  fields.require("source");
  fields.read("source", clock.source);
  for (const auto& [key, text] : {std::pair("name", &clock.name), std::pair("source", &clock.source)})
    if (const Node* member = node.find(key); member != nullptr && !is_line(*text))
      problems.add(member->mark, "'" + std::string(key) + "' must be a line of 1 to 200 bytes");
  fields.require("as_of");
  fields.read("as_of", clock.as_of);
  if (const Node* day = node.find("as_of"); day != nullptr && !is_day(clock.as_of))
    problems.add(day->mark, "'as_of' must be a day, YYYY-MM-DD");
  read_within(node, fields, clock, problems);
  read_kinds(fields, clock, problems);
  using enum IncidentClock::MetBy;
  fields.choose<IncidentClock::MetBy>({"met_by"}, clock.met_by, {{"report", kReport}, {"review", kReview}});
  fields.finish();
  return clock;
}

}  // namespace

void read_clocks(const Node& incident_response, Settings& settings, Problems& problems) {
  const Node* node = incident_response.kind == Node::Kind::kMap ? incident_response.find("clocks") : nullptr;
  if (node == nullptr) return;
  settings.incident_clocks.clear();
  if (node->kind != Node::Kind::kList || node->items.size() > kMaxClocks)
    return problems.add(node->mark,
                        "'clocks' must be a list of up to 32 clocks; found " + std::string(describe(*node)));
  std::unordered_set<std::string> ids;
  for (const Node& item : node->items) {
    auto clock = read_clock(item, problems);
    if (!ids.insert(clock.id).second) problems.add(item.mark, "another clock has the id '" + clock.id + "'");
    settings.incident_clocks.push_back(std::move(clock));
  }
}

}  // namespace plimsoll::policy
