#include "triggers.h"

#include <algorithm>
#include <boost/json/array.hpp>
#include <cstdio>

#include "base/json.h"
#include "evidence/statement.h"
#include "store/rows.h"

namespace plimsoll::notify {
namespace {

constexpr std::string_view kTierTable = "risk_thresholds.";
constexpr std::size_t kMaxSubject = 128;  // bytes
constexpr std::size_t kMaxRules = 16;

// Ids may be a client's: shown on one line, and not at any length.
std::string one_line(std::string_view text, std::size_t most) {
  std::string out(text.substr(0, most));
  while (out.size() < text.size() && !out.empty() && !is_utf8(out)) out.pop_back();
  std::ranges::replace_if(out, [](unsigned char c) { return c < 0x20 || c == 0x7F; }, ' ');
  return is_utf8(out) ? out : std::string("?");
}

// Most entries are decisions that let something pass, and need not be read: members of canonical JSON are sorted, and
// no text inside it holds a bare quotation mark.
bool is_of_no_interest(std::string_view entry) {
  constexpr std::string_view kBegin = R"({"action":")", kNoLevel = R"(,"asl":0,)";
  if (!entry.starts_with(kBegin)) return false;
  const auto action = entry.substr(kBegin.size(), entry.substr(kBegin.size(), 32).find('"'));
  const auto rest = entry.substr(std::min(entry.size(), kBegin.size() + action.size() + 1));
  return rest.starts_with(kNoLevel) && action != "block" && action != "escalate" && action != "error_block" &&
         parse_action(action).has_value();
}

// The highest score's category, if any score is there.
std::optional<Category> highest(const store::EventRow& row) {
  std::optional<Category> out;
  for (std::size_t i = 0; i < kCategoryCount; ++i) {
    const auto category = static_cast<Category>(i);
    if (row.scores[category] > (out ? row.scores[*out] : 0)) out = category;
  }
  return out;
}

std::string text_of(const store::EventRow& row, std::optional<Category> category) {
  if (!category) return "no score";
  std::array<char, 16> number{};
  std::snprintf(number.data(), number.size(), " %.2f", row.scores[*category]);
  return std::string(to_string(*category)) + number.data();
}

json::object data_of(const store::EventRow& row) {
  json::object scores;
  for (std::size_t i = 0; i < kCategoryCount; ++i) {
    const auto category = static_cast<Category>(i);
    if (row.scores[category] >= 0.01) scores[to_string(category)] = row.scores[category];
  }
  json::array rules;
  for (const auto& rule : row.rules)
    if (rules.size() < kMaxRules) rules.emplace_back(rule);
  return {{"action", to_string(row.action)},
          {"asl", row.asl_level},
          {"decision_id", row.decision_id},
          {"direction", row.direction},
          {"policy", row.policy},
          {"review", row.review},
          {"rules", std::move(rules)},
          {"scores", std::move(scores)},
          {"surface", row.surface},
          {"tier", row.tier}};
}

void read_decision(const store::EventRow& row, std::vector<Trigger>& out) {
  Trigger base{.asl = row.asl_level, .time = row.time, .subject = one_line(row.event_id, kMaxSubject)};
  base.path = row.review ? "/review/" + base.subject : "/events/" + base.subject;
  base.index = row.index;
  base.data = data_of(row);
  const auto where =
      text_of(row, highest(row)) + " (" + row.tier + "), " + std::string(to_string(row.action));
  const auto add = [&](Event event, Severity severity, std::string summary) {
    Trigger trigger = base;
    trigger.event = event;
    trigger.severity = severity;
    trigger.summary = std::move(summary);
    out.push_back(std::move(trigger));
  };
  if (row.action == Action::kErrorBlock)
    add(Event::kPolicyFail, Severity::kError,
        "A request was refused because no decision could be made (" + row.surface + ")");
  const bool withheld = row.action == Action::kBlock || row.action == Action::kEscalate;
  const auto of_table = [](const std::string& rule) { return rule.starts_with(kTierTable); };
  if (withheld && std::ranges::any_of(row.rules, of_table))
    add(Event::kRiskThresholdExceeded,
        row.action == Action::kEscalate ? Severity::kError : Severity::kWarning,
        "A risk threshold was exceeded: " + where);
  if (row.asl_level > 0)
    add(Event::kAslTrigger, row.asl_level >= 4 ? Severity::kCritical : Severity::kError,
        "ASL-" + std::to_string(row.asl_level) + " trigger: " + where);
}

std::string member(const json::value& entry, std::string_view key) {
  const auto* text = find_string(entry, key);
  return text != nullptr ? one_line(*text, kMaxSubject) : std::string();
}

// The members that are numbers, flags or short words by nature.
json::object pick(const json::value& entry, std::initializer_list<std::string_view> keys) {
  json::object out;
  for (const auto key : keys)
    if (const auto* value = find(entry, key)) {
      if (value->is_string())
        out[key] = one_line(value->get_string(), kMaxSubject);
      else if (value->is_number() || value->is_bool())
        out[key] = *value;
    }
  return out;
}

// A merge gate's report that says that it failed.
void read_evidence(const store::ActRow& act, Trigger trigger, std::vector<Trigger>& out) {
  if (act.body.find("violations") == std::string::npos) return;
  const auto stored = evidence::read_entry(act.body);
  if (!stored) return;
  const std::string id = evidence::id_of(act.body);
  for (const auto& statement : evidence::statements_of(id, *stored)) {
    const auto value = parse_json(statement);
    const auto* predicate = value ? find(*value, "predicate") : nullptr;
    const auto* result = predicate != nullptr ? find_string(*predicate, "result") : nullptr;
    if (result == nullptr || *result != "FAILED") continue;
    const auto* failed = find_array(*predicate, "failedTests");
    const auto& artifact = std::get<evidence::Artifact>(stored->content);
    trigger.event = Event::kPolicyFail;
    trigger.severity = Severity::kError;
    trigger.subject = id;
    trigger.path = "/evidence/" + id;
    trigger.summary = "A merge check failed: " + std::to_string(failed != nullptr ? failed->size() : 0) +
                      " of its thresholds";
    trigger.data = {{"artifact_type", one_line(artifact.artifact_type, kMaxSubject)},
                    {"model_version", one_line(artifact.model_version, kMaxSubject)},
                    {"failed", failed != nullptr ? failed->size() : 0}};
    out.push_back(std::move(trigger));
    return;
  }
}

// Severities of incidents, "sev1" first.
constexpr std::array kIncidentSeverities = {Severity::kCritical, Severity::kError, Severity::kWarning,
                                            Severity::kInfo};

using Read = void (*)(const store::ActRow&, const json::value&, Trigger, std::vector<Trigger>&);

void incident(const store::ActRow& act, const json::value& entry, Trigger t, std::vector<Trigger>& out) {
  t.event = Event::kIncidentOpened;
  const auto severity = member(entry, "severity");
  const bool known = severity.size() == 4 && severity[3] >= '1' && severity[3] <= '4';
  t.severity = known ? kIncidentSeverities.at(static_cast<std::size_t>(severity[3] - '1')) : Severity::kError;
  t.subject = evidence::id_of(act.body);
  t.path = "/incident/" + t.subject;
  t.summary = "An incident was opened: " + (known ? severity : std::string("severity unknown"));
  t.data = pick(entry, {"severity"});
  out.push_back(std::move(t));
}

void incident_change(const store::ActRow&, const json::value& entry, Trigger t, std::vector<Trigger>& out) {
  if (member(entry, "to") != "RESOLVED") return;
  t.event = Event::kIncidentOpened;
  t.severity = Severity::kInfo;
  t.resolved = true;
  t.subject = member(entry, "incident");
  t.path = "/incident/" + t.subject;
  t.summary = "An incident was resolved";
  out.push_back(std::move(t));
}

void review_overdue(const store::ActRow&, const json::value& entry, Trigger t, std::vector<Trigger>& out) {
  t.event = Event::kReviewOverdue;
  t.data = pick(entry, {"asl", "category", "due", "priority", "score", "state", "surface", "tier"});
  const auto asl = t.data.find("asl");
  t.asl = asl != t.data.end() && asl->value().is_int64() ? static_cast<int>(asl->value().get_int64()) : 0;
  t.severity = t.asl > 0 ? Severity::kError : Severity::kWarning;
  t.subject = member(entry, "event_id");
  t.path = "/review/" + t.subject;
  t.summary = "A review is overdue: " + member(entry, "tier") + ", due " + member(entry, "due");
  out.push_back(std::move(t));
}

void review_decided(const store::ActRow&, const json::value& entry, Trigger t, std::vector<Trigger>& out) {
  t.event = Event::kReviewOverdue;
  t.severity = Severity::kInfo;
  t.resolved = true;
  t.subject = member(entry, "event_id");
  t.path = "/review/" + t.subject;
  t.summary = "A review was decided: " + member(entry, "decision");
  out.push_back(std::move(t));
}

void watch_alert(const store::ActRow& act, const json::value& entry, Trigger t, std::vector<Trigger>& out) {
  t.event = Event::kWatchAlert;
  t.severity = parse_severity(member(entry, "severity")).value_or(Severity::kWarning);
  t.resolved = member(entry, "state") == "resolved";
  t.subject = one_line(act.subject, kMaxSubject);
  t.data = pick(entry, {"alert_id", "kind", "value", "limit", "tier", "model_version", "count"});
  auto kind = member(entry, "kind");
  std::ranges::replace(kind, '_', ' ');
  t.summary = "The watch found a change: " + (kind.empty() ? std::string() : kind + " of ") + t.subject;
  out.push_back(std::move(t));
}

void clock_due(const store::ActRow&, const json::value& entry, Trigger t, std::vector<Trigger>& out) {
  t.event = Event::kClockDue;
  const bool overdue = member(entry, "state") == "overdue";
  t.severity = overdue ? Severity::kCritical : Severity::kWarning;
  t.subject = member(entry, "incident");
  t.path = "/incident/" + t.subject;
  t.data = pick(entry, {"clock", "due", "source", "state"});
  t.summary =
      std::string(overdue ? "A reporting clock has run out: " : "A reporting clock is running out: ") +
      member(entry, "clock") + ", due " + member(entry, "due");
  out.push_back(std::move(t));
}

void evidence_entry(const store::ActRow& act, const json::value&, Trigger t, std::vector<Trigger>& out) {
  read_evidence(act, std::move(t), out);
}

struct Entry {
  std::string_view type;
  Read read;
};
constexpr std::array kTypes = std::to_array<Entry>({
    {"evidence", evidence_entry},
    {"incident", incident},
    {"incident_change", incident_change},
    {"review_overdue", review_overdue},
    {"review_decided", review_decided},
    {"watch_alert", watch_alert},
    {"clock_due", clock_due},
});

}  // namespace

std::vector<Trigger> triggers_of(ledger::Index index, std::string_view entry) {
  std::vector<Trigger> out;
  if (is_of_no_interest(entry)) return out;
  store::Rows rows;
  if (!store::read_entry(index, entry, rows)) return out;
  for (const auto& row : rows.events) read_decision(row, out);
  for (const auto& act : rows.acts) {
    const auto* const known = std::ranges::find(kTypes, act.type, &Entry::type);
    if (known == kTypes.end()) continue;
    const auto value = parse_json(act.body);
    if (value) known->read(act, *value, {.time = act.time.value_or(Time()), .index = index}, out);
  }
  std::erase_if(out, [](const Trigger& t) { return t.subject.empty(); });
  return out;
}

}  // namespace plimsoll::notify
