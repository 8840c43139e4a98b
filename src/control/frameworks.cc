#include "frameworks.h"

#include <algorithm>
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

#include "base/json.h"
#include "texts.h"

namespace plimsoll::control {
namespace {

std::string text_of(const json::value& object, std::string_view key) {
  const auto* found = find_string(object, key);
  return found != nullptr ? std::string(*found) : std::string();
}

struct Tables {
  std::map<std::string, std::string, std::less<>> kinds;
  std::map<std::string, Framework, std::less<>> frameworks;

  Tables() {
    const auto document = parse_json(frameworks_text());
    if (!document) return;  // a test reads it
    if (const auto* all = find_object(*document, "evidence"))
      for (const auto& [name, words] : *all)
        if (words.is_string()) kinds.emplace(name, words.get_string());
    const auto* all = find_object(*document, "frameworks");
    if (all == nullptr) return;
    for (const auto& [name, value] : *all) {
      Framework framework{.title = text_of(value, "title"), .controls = {}};
      if (const auto* list = find_array(value, "controls"))
        for (const auto& one : *list) framework.controls.push_back(control_of(one));
      frameworks.emplace(name, std::move(framework));
    }
  }

  static Control control_of(const json::value& value) {
    Control out{.id = text_of(value, "id"),
                .clause = text_of(value, "clause"),
                .name = text_of(value, "name"),
                .evidence = {}};
    if (const auto* kinds = find_array(value, "evidence"))
      for (const auto& kind : *kinds)
        if (kind.is_string()) out.evidence.emplace_back(kind.get_string());
    return out;
  }
};

const Tables& tables() {
  static const Tables all;
  return all;
}

Result<Evidence> count_decisions(store::Reader& reader, const store::EventFilter& filter) {
  const auto counted = store::count_events(reader, filter);
  if (!counted) return std::unexpected(counted.error());
  Evidence out{.count = counted->count, .last = counted->last, .samples = {}};
  for (const auto& event : counted->samples)
    out.samples.push_back(
        {event.occurred, event.event_id, std::string(to_string(event.action)), event.index});
  return out;
}

Result<Evidence> count_acts(store::Reader& reader, std::vector<std::string> types,
                            const store::Window& window) {
  const auto counted =
      store::count_acts(reader, {.types = std::move(types), .subject = {}, .actor = {}, .window = window});
  if (!counted) return std::unexpected(counted.error());
  Evidence out{.count = counted->count, .last = counted->last, .samples = {}};
  for (const auto& act : counted->samples)
    out.samples.push_back(
        {act.time.value_or(Time()), act.type + "@" + std::to_string(act.index), act.type, act.index});
  return out;
}

}  // namespace

const Framework* framework(std::string_view name) {
  const auto found = tables().frameworks.find(name);
  return found == tables().frameworks.end() ? nullptr : &found->second;
}

const std::map<std::string, std::string, std::less<>>& evidence_kinds() {
  return tables().kinds;
}

Result<Evidence> count_evidence(store::Reader& reader, std::string_view kind, const store::Window& window) {
  store::EventFilter filter;
  filter.window = window;
  const auto of_category = [&](Category category) {
    filter.category = category;
    filter.min_score = store::detected_at(category);
    return count_decisions(reader, filter);
  };
  if (kind == "decisions") return count_decisions(reader, filter);
  if (kind == "personal_data") return of_category(Category::kPii);
  if (kind == "attacks") return of_category(Category::kJailbreak);
  if (kind == "withheld") {
    filter.action = Action::kBlock;
    return count_decisions(reader, filter);
  }
  if (kind == "triggers") {
    filter.asl = true;
    return count_decisions(reader, filter);
  }
  if (kind == "escalations") {
    filter.review = true;
    return count_decisions(reader, filter);
  }
  if (kind == "reviews") return count_acts(reader, {"review_decided", "review_assigned"}, window);
  if (kind == "policy_versions") return count_acts(reader, {"policy"}, window);
  if (kind == "incidents")
    return count_acts(reader, {"incident", "incident_change", "incident_reported", "clock_due"}, window);
  if (kind == "artifacts") return count_acts(reader, {"evidence"}, window);
  if (kind == "capability")
    return count_acts(reader, {"capability_evaluation", "capability_decision"}, window);
  if (kind == "retention") return count_acts(reader, {"prune", "erasure"}, window);
  if (kind == "keys") return count_acts(reader, {"key_rotated"}, window);
  if (kind == "counts") return count_acts(reader, {"tally"}, window);
  return fail(Code::kInternal, "no such kind of evidence");
}

std::string_view status_of(const Control& control,
                           const std::map<std::string, Evidence, std::less<>>& found) {
  const auto there = std::ranges::count_if(control.evidence, [&](const std::string& kind) {
    const auto at = found.find(kind);
    return at != found.end() && at->second.count > 0;
  });
  if (there == 0) return "organisational only";
  return static_cast<std::size_t>(there) == control.evidence.size() ? "supported by live evidence" : "partly";
}

}  // namespace plimsoll::control
