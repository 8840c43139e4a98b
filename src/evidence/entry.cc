#include "evidence/entry.h"

#include <algorithm>
#include <array>
#include <boost/json/array.hpp>

#include "base/hash.h"
#include "base/json.h"
#include "model/incident_clock.h"

namespace plimsoll::evidence {
namespace {

constexpr std::size_t kMaxEntryBytes = 65'535;  // what the log takes
constexpr std::size_t kMaxProseBytes = 8'192;
constexpr std::size_t kMaxRefs = 64;
constexpr std::size_t kMaxRefBytes = 512;
constexpr std::array<std::string_view, kIncidentStates> kStates = {"OPEN", "INVESTIGATING", "MITIGATED",
                                                                   "RESOLVED"};

json::object head(std::string_view type, const Submitter& by, const std::string& event_id, Time time) {
  json::object out;
  out["v"] = 1;
  out["type"] = type;
  out["time"] = to_rfc3339_ms(time);
  out["event_id"] = event_id;
  out["submitter"] = json::object{{"authenticated", by.authenticated},
                                  {"org", by.org},
                                  {"user", by.user.empty() ? json::value(nullptr) : json::value(by.user)}};
  return out;
}

json::array to_array(const std::vector<std::string>& texts) {
  json::array out;
  for (const auto& text : texts) out.emplace_back(text);
  return out;
}

std::optional<std::vector<std::string>> read_refs(const json::value* value) {
  std::vector<std::string> out;
  if (value == nullptr || value->is_null()) return out;
  const auto* array = value->if_array();
  if (array == nullptr || array->size() > kMaxRefs) return std::nullopt;
  for (const auto& item : *array) {
    const auto* text = item.if_string();
    if (text == nullptr || text->empty() || text->size() > kMaxRefBytes || !is_plain_text(*text))
      return std::nullopt;
    out.emplace_back(*text);
  }
  return out;
}

std::optional<std::vector<std::string>> read_kinds(const json::value* value) {
  std::vector<std::string> out;
  if (value == nullptr || value->is_null()) return out;
  const auto* array = value->if_array();
  if (array == nullptr) return std::nullopt;
  for (const auto& item : *array) {
    const auto* text = item.if_string();
    if (text == nullptr ||
        std::ranges::find(kIncidentKinds, std::string_view(*text)) == kIncidentKinds.end() ||
        std::ranges::find(out, std::string_view(*text)) != out.end())
      return std::nullopt;
    out.emplace_back(*text);
  }
  return out;
}

std::string text_of(const json::object& object, std::string_view key) {
  const auto* value = object.if_contains(key);
  const auto* text = value != nullptr ? value->if_string() : nullptr;
  return text != nullptr ? std::string(*text) : std::string();
}

// A JSON object with no other keys than these.
std::expected<json::object, Problem> read_object(std::string_view body,
                                                 std::span<const std::string_view> keys) {
  auto value = parse_json(body, {.max_bytes = kMaxSubmissionBytes, .max_depth = kMaxSubmissionDepth});
  if (!value)
    return std::unexpected(
        Problem{value.error().code == Code::kTooLarge ? Problem::Kind::kTooLarge : Problem::Kind::kMalformed,
                "", value.error().message});
  if (!value->is_object())
    return std::unexpected(Problem{Problem::Kind::kField, "", "expected a JSON object"});
  for (const auto& member : value->get_object()) {
    const std::string_view key = member.key();
    if (std::ranges::find(keys, key) == keys.end())
      return std::unexpected(field_problem(
          key.size() <= 64 && is_plain_text(key) ? std::string(key) : "a key", "is not known here"));
  }
  return std::move(value->get_object());
}

std::expected<std::string, Problem> read_prose(const json::object& object, std::string_view key,
                                               bool required) {
  const auto* value = object.if_contains(key);
  if (value == nullptr && !required) return std::string();
  if (value == nullptr) return std::unexpected(field_problem(std::string(key), "is missing"));
  const auto* text = value->if_string();
  if (text == nullptr || text->empty() || text->size() > kMaxProseBytes)
    return std::unexpected(field_problem(
        std::string(key), "expected 1 to " + std::to_string(kMaxProseBytes) + " bytes of text"));
  return std::string(*text);
}

constexpr std::string_view kRefsExpected = "expected at most 64 texts of 1 to 512 bytes each";

}  // namespace

std::string id_of(std::string_view entry) {
  constexpr std::string_view kLeaf("\0", 1);
  const std::string_view pieces[] = {kLeaf, entry};
  return to_hex(sha256(pieces));
}

bool is_id(std::string_view text) {
  return text.size() == 64 && text.find_first_not_of("0123456789abcdef") == std::string_view::npos;
}

std::string_view to_string(IncidentState state) {
  return kStates.at(static_cast<std::size_t>(state));
}

std::optional<IncidentState> parse_incident_state(std::string_view text) {
  const auto found = std::ranges::find(kStates, text);
  if (found == kStates.end()) return std::nullopt;
  return static_cast<IncidentState>(found - kStates.begin());
}

std::expected<std::string, Problem> to_entry(const Submission& s, const Submitter& by,
                                             const std::string& event_id, Time time,
                                             std::string_view attestation_base) {
  json::object entry = head("evidence", by, event_id, time);
  entry["artifact_type"] = s.artifact_type;
  entry["attestation_base"] = attestation_base;
  entry["model_version"] = s.model_version;
  entry["content_ref"] = s.content_ref;
  entry["evidence_hash"] = s.hash();
  entry["submitted"] = s.text;
  std::string out = to_canonical_json(entry);
  if (out.size() > kMaxEntryBytes)
    return std::unexpected(Problem{Problem::Kind::kTooLarge, "metadata",
                                   "metadata: the record would have " + std::to_string(out.size()) +
                                       " bytes and the log takes " + std::to_string(kMaxEntryBytes) +
                                       "; keep what is large elsewhere and name it and its digest "
                                       "in contentRef"});
  return out;
}

std::expected<IncidentReport, Problem> read_incident(std::string_view body) {
  static constexpr std::array<std::string_view, 5> kKeys = {"severity", "description", "refs", "kinds",
                                                            "aware_at"};
  const auto object = read_object(body, kKeys);
  if (!object) return std::unexpected(object.error());
  IncidentReport out;
  const std::string severity = text_of(*object, "severity");
  if (severity.size() != 4 || !severity.starts_with("sev") || severity[3] < '1' || severity[3] > '4')
    return std::unexpected(field_problem("severity", "expected sev1, sev2, sev3 or sev4"));
  out.severity = static_cast<std::uint8_t>(severity[3] - '0');
  auto description = read_prose(*object, "description", true);
  if (!description) return std::unexpected(std::move(description).error());
  out.description = *std::move(description);
  auto refs = read_refs(object->if_contains("refs"));
  if (!refs) return std::unexpected(field_problem("refs", kRefsExpected));
  out.refs = *std::move(refs);
  auto kinds = read_kinds(object->if_contains("kinds"));
  if (!kinds)
    return std::unexpected(field_problem("kinds",
                                         "expected a list of serious_incident, critical_infrastructure, "
                                         "widespread_infringement, death, personal_data_breach, each once"));
  out.kinds = *std::move(kinds);
  if (const auto* aware = object->if_contains("aware_at"); aware != nullptr && !aware->is_null()) {
    const auto text = text_of(*object, "aware_at");
    if (text >= "1970" && text < "2200") out.aware_at = from_rfc3339(text);  // others do not fit
    if (!out.aware_at)
      return std::unexpected(field_problem("aware_at", "expected a time such as 2026-01-31T12:00:00Z"));
  }
  return out;
}

std::optional<std::expected<IncidentReported, Problem>> read_incident_reported(std::string_view body) {
  static constexpr std::array<std::string_view, 2> kKeys = {"reported", "reference"};
  const auto value = parse_json(body, {.max_bytes = kMaxSubmissionBytes, .max_depth = kMaxSubmissionDepth});
  if (!value || find(*value, "reported") == nullptr) return std::nullopt;
  const auto object = read_object(body, kKeys);
  if (!object) return std::unexpected(object.error());
  IncidentReported out{
      .incident = {}, .clock = text_of(*object, "reported"), .reference = text_of(*object, "reference")};
  if (out.clock.empty() || out.clock.size() > 64)
    return std::unexpected(field_problem("reported", "expected a clock's id"));
  if (out.reference.empty() || out.reference.size() > kMaxRefBytes || !is_plain_text(out.reference))
    return std::unexpected(
        field_problem("reference", "expected 1 to 512 bytes: under what number it was reported"));
  return out;
}

std::expected<IncidentChange, Problem> read_incident_change(std::string_view body) {
  static constexpr std::array<std::string_view, 3> kKeys = {"status", "note", "refs"};
  const auto object = read_object(body, kKeys);
  if (!object) return std::unexpected(object.error());
  IncidentChange out;
  const auto state = parse_incident_state(text_of(*object, "status"));
  if (!state)
    return std::unexpected(field_problem("status", "expected OPEN, INVESTIGATING, MITIGATED or RESOLVED"));
  out.to = *state;
  auto note = read_prose(*object, "note", false);
  if (!note) return std::unexpected(std::move(note).error());
  out.note = *std::move(note);
  auto refs = read_refs(object->if_contains("refs"));
  if (!refs) return std::unexpected(field_problem("refs", kRefsExpected));
  out.refs = *std::move(refs);
  return out;
}

std::string to_entry(const IncidentReport& report, const Submitter& by, const std::string& event_id,
                     Time time) {
  json::object entry = head("incident", by, event_id, time);
  entry["severity"] = "sev" + std::to_string(report.severity);
  entry["description"] = report.description;
  entry["refs"] = to_array(report.refs);
  if (!report.kinds.empty()) entry["kinds"] = to_array(report.kinds);
  if (report.aware_at) entry["aware_at"] = to_rfc3339_ms(*report.aware_at);
  return to_canonical_json(entry);
}

std::string to_entry(const IncidentReported& reported, const Submitter& by, const std::string& event_id,
                     Time time) {
  json::object entry = head("incident_reported", by, event_id, time);
  entry["incident"] = reported.incident;
  entry["clock"] = reported.clock;
  entry["reference"] = reported.reference;
  return to_canonical_json(entry);
}

std::string to_entry(const ClockDue& due, Time time) {
  return to_canonical_json(json::object{{"clock", due.clock},
                                        {"due", to_rfc3339_ms(due.due)},
                                        {"incident", due.incident},
                                        {"source", due.source},
                                        {"state", due.overdue ? "overdue" : "approaching"},
                                        {"time", to_rfc3339_ms(time)},
                                        {"type", "clock_due"},
                                        {"v", 1}});
}

std::string to_entry(const IncidentChange& change, const Submitter& by, const std::string& event_id,
                     Time time) {
  json::object entry = head("incident_change", by, event_id, time);
  entry["incident"] = change.incident;
  entry["from"] = to_string(change.from);
  entry["to"] = to_string(change.to);
  entry["note"] = change.note;
  entry["refs"] = to_array(change.refs);
  return to_canonical_json(entry);
}

std::optional<Stored> read_entry(std::string_view entry) {
  // Most entries are decisions: a key of canonical JSON stands in the text exactly so, and nothing inside a string can.
  if (entry.find(R"("type":"evidence")") == std::string_view::npos &&
      entry.find(R"("type":"incident)") == std::string_view::npos &&
      entry.find(R"("type":"clock_due")") == std::string_view::npos)
    return std::nullopt;
  const auto value = parse_json(entry, {.max_bytes = kMaxEntryBytes, .max_depth = kMaxSubmissionDepth});
  if (!value || !value->is_object()) return std::nullopt;
  const json::object& o = value->get_object();
  const auto time = from_rfc3339(text_of(o, "time"));
  if (!time) return std::nullopt;
  Stored out{.event_id = text_of(o, "event_id"), .time = *time, .submitter = {}, .content = {}};
  if (const auto* by = o.if_contains("submitter"); by != nullptr && by->is_object()) {
    const auto* authenticated = by->get_object().if_contains("authenticated");
    out.submitter.authenticated =
        authenticated != nullptr && authenticated->is_bool() && authenticated->get_bool();
    out.submitter.org = text_of(by->get_object(), "org");
    out.submitter.user = text_of(by->get_object(), "user");
  }
  const std::string type = text_of(o, "type");
  const auto refs = read_refs(o.if_contains("refs")).value_or(std::vector<std::string>());
  if (type == "evidence") {
    out.content = Artifact{.artifact_type = text_of(o, "artifact_type"),
                           .model_version = text_of(o, "model_version"),
                           .content_ref = text_of(o, "content_ref"),
                           .evidence_hash = text_of(o, "evidence_hash"),
                           .submitted = text_of(o, "submitted"),
                           .attestation_base = text_of(o, "attestation_base")};
  } else if (type == "incident") {
    const std::string severity = text_of(o, "severity");
    if (severity.size() != 4) return std::nullopt;
    out.content =
        IncidentReport{.severity = static_cast<std::uint8_t>(severity[3] - '0'),
                       .description = text_of(o, "description"),
                       .refs = refs,
                       .kinds = read_kinds(o.if_contains("kinds")).value_or(std::vector<std::string>()),
                       .aware_at = from_rfc3339(text_of(o, "aware_at"))};
  } else if (type == "incident_change") {
    const auto from = parse_incident_state(text_of(o, "from"));
    const auto to = parse_incident_state(text_of(o, "to"));
    if (!from || !to || !is_id(text_of(o, "incident"))) return std::nullopt;
    out.content = IncidentChange{.incident = text_of(o, "incident"),
                                 .from = *from,
                                 .to = *to,
                                 .note = text_of(o, "note"),
                                 .refs = refs};
  } else if (type == "incident_reported") {
    if (!is_id(text_of(o, "incident")) || text_of(o, "clock").empty()) return std::nullopt;
    out.content = IncidentReported{.incident = text_of(o, "incident"),
                                   .clock = text_of(o, "clock"),
                                   .reference = text_of(o, "reference")};
  } else if (type == "clock_due") {
    const auto due = from_rfc3339(text_of(o, "due"));
    if (!due || !is_id(text_of(o, "incident")) || text_of(o, "clock").empty()) return std::nullopt;
    out.content = ClockDue{.incident = text_of(o, "incident"),
                           .clock = text_of(o, "clock"),
                           .source = text_of(o, "source"),
                           .due = *due,
                           .overdue = text_of(o, "state") == "overdue"};
  } else {
    return std::nullopt;
  }
  return out;
}

}  // namespace plimsoll::evidence
