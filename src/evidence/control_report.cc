#include "evidence/control_report.h"

#include <openssl/evp.h>

#include <algorithm>
#include <array>
#include <boost/json/array.hpp>

#include "base/hash.h"

namespace plimsoll::evidence {
namespace {

constexpr std::string_view kVersion = "1.2.1";
constexpr std::string_view kSupported = "supported by live evidence";
// Of our own names (RFC 9562, section 5.5).
constexpr std::array<unsigned char, 16> kNamespace = {0x6b, 0x1f, 0x8d, 0x2e, 0x51, 0x0c, 0x4b, 0x77,
                                                      0x9a, 0x3d, 0x1e, 0x58, 0xc4, 0x02, 0x7f, 0xe1};

std::string text_at(const json::value& value, std::string_view key) {
  const auto* found = find_string(value, key);
  return found != nullptr ? std::string(*found) : std::string();
}

// Version 5: the same name has the same id, so that a report made twice is one report.
std::string uuid_of(std::string_view name) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned size = 0;
  std::string text(kNamespace.begin(), kNamespace.end());
  text += name;
  EVP_Digest(text.data(), text.size(), digest.data(), &size, EVP_sha1(), nullptr);
  digest[6] = static_cast<unsigned char>((digest[6] & 0x0FU) | 0x50U);
  digest[8] = static_cast<unsigned char>((digest[8] & 0x3FU) | 0x80U);
  auto hex = to_hex(std::string_view(reinterpret_cast<const char*>(digest.data()), 16));
  for (const std::size_t at : {8U, 13U, 18U, 23U}) hex.insert(at, "-");
  return hex;
}

// A control's id as OSCAL's catalogs write it: "iso_A.6.2.8" is "a.6.2.8".
std::string token_of(const ControlReport::Control& control) {
  std::string id = control.id;
  if (id.starts_with("iso_A.")) id = id.substr(4);
  std::ranges::transform(id, id.begin(),
                         [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
  return id;
}

class Documents {
 public:
  explicit Documents(const ControlReport& report) : report_(report) {}

  std::string uuid(std::string_view kind, std::string_view what = {}) const {
    return uuid_of(std::string(kind) + "\n" + report_.framework + "\n" + report_.date + "\n" +
                   std::string(what));
  }
  json::object metadata(std::string_view title) const {
    return {{"title", std::string(title) + ": " + report_.framework},
            {"last-modified", report_.date},
            {"version", report_.date.substr(0, 10)},
            {"oscal-version", kVersion}};
  }
  std::string objective(const ControlReport::Control& control) const {
    return token_of(control) + "_live-evidence";
  }

 private:
  const ControlReport& report_;
};

std::string summary_of(const ControlReport::Control& control) {
  if (control.count == 0) return "No evidence of this control was recorded in the window.";
  return std::to_string(control.count) + " records in the window, the last of " + control.last + ".";
}

std::string csv_cell(std::string_view text) {
  if (text.find_first_of(",\"\n\r") == std::string_view::npos) return std::string(text);
  std::string out = "\"";
  for (const char c : text) out.append(c == '"' ? 2 : 1, c);
  return out + '"';
}

std::string html(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == '&')
      out += "&amp;";
    else if (c == '<')
      out += "&lt;";
    else if (c == '>')
      out += "&gt;";
    else if (c == '"')
      out += "&quot;";
    else
      out += c;
  }
  return out;
}

}  // namespace

Result<ControlReport> parse_control_report(std::string_view text) {
  const auto value = parse_json(text, {.max_bytes = kMaxReportBytes, .max_depth = 32});
  if (!value) return std::unexpected(value.error());
  ControlReport out;
  out.framework = text_at(*value, "framework");
  out.date = text_at(*value, "report_date");
  out.checkpoint = text_at(*value, "checkpoint");
  const auto* window = find(*value, "window");
  const auto* controls = find_array(*value, "controls");
  if (out.framework.empty() || out.date.empty() || window == nullptr || controls == nullptr)
    return fail(Code::kInvalid,
                "no report about controls: framework, report_date, window or controls are missing");
  out.from = text_at(*window, "from");
  out.to = text_at(*window, "to");
  if (const auto* kinds = find_object(*value, "evidence"))
    for (const auto& [kind, found] : *kinds) out.queries.emplace(kind, text_at(found, "query"));
  for (const auto& one : *controls) {
    ControlReport::Control control{.id = text_at(one, "control_id"),
                                   .clause = text_at(one, "iso_clause"),
                                   .name = text_at(one, "control_name"),
                                   .status = text_at(one, "compliance_status"),
                                   .count = 0,
                                   .last = text_at(one, "last_updated"),
                                   .samples = {}};
    const auto* count = find(one, "evidence_count");
    if (control.id.empty() || control.status.empty() || count == nullptr || !count->is_number())
      return fail(Code::kInvalid, "a control without control_id, compliance_status or evidence_count");
    boost::system::error_code wrong;
    control.count = count->to_number<std::uint64_t>(wrong);
    if (const auto* samples = find_array(one, "sample_events"))
      for (const auto& sample : *samples) {
        const auto* index = find(sample, "log_index");
        control.samples.push_back(
            {text_at(sample, "event_id"), text_at(sample, "timestamp"), text_at(sample, "action"),
             index != nullptr && index->is_number() ? index->to_number<std::uint64_t>(wrong) : 0});
      }
    if (wrong) return fail(Code::kInvalid, "a number of control " + control.id + " is none");
    out.controls.push_back(std::move(control));
  }
  return out;
}

json::object to_assessment_results(const ControlReport& report, std::string_view log_url) {
  const Documents documents(report);
  json::array included, observations, findings;
  for (const auto& control : report.controls) {
    included.emplace_back(json::object{{"control-id", token_of(control)}});
    json::object finding{{"uuid", documents.uuid("finding", control.id)},
                         {"title", control.clause + ": live evidence"},
                         {"description", summary_of(control)},
                         {"target",
                          {{"type", "objective-id"},
                           {"target-id", documents.objective(control)},
                           {"status",
                            {{"state", control.status == kSupported ? "satisfied" : "not-satisfied"},
                             {"reason", control.status == kSupported ? "pass" : "other"},
                             {"remarks", "Live evidence: " + control.status +
                                             ". Whether the control is met is for an assessor."}}}}}};
    if (control.count > 0 && !control.samples.empty()) {
      json::array relevant;
      for (const auto& sample : control.samples)
        relevant.emplace_back(json::object{
            {"href", std::string(log_url) + "/ledger/receipt/" + std::to_string(sample.index)},
            {"description",
             "Entry " + std::to_string(sample.index) + " of the log, " + sample.time + ": " + sample.what}});
      const auto id = documents.uuid("observation", control.id);
      observations.emplace_back(json::object{{"uuid", id},
                                             {"title", control.clause},
                                             {"description", summary_of(control)},
                                             {"methods", json::array{"EXAMINE"}},
                                             {"collected", report.date},
                                             {"relevant-evidence", std::move(relevant)}});
      finding["related-observations"] = json::array{json::object{{"observation-uuid", id}}};
    }
    findings.emplace_back(std::move(finding));
  }
  json::object result{
      {"uuid", documents.uuid("result")},
      {"title", "Live evidence"},
      {"description", "What the log recorded from " + report.from + " to " + report.to +
                          ". The log's checkpoint of that moment:\n\n" + report.checkpoint},
      {"start", report.from},
      {"end", report.to},
      {"reviewed-controls",
       {{"control-selections", json::array{json::object{{"include-controls", std::move(included)}}}}}}};
  if (!observations.empty()) result["observations"] = std::move(observations);
  if (!findings.empty()) result["findings"] = std::move(findings);
  return {{"assessment-results",
           {{"uuid", documents.uuid("assessment-results")},
            {"metadata", documents.metadata("Live evidence")},
            {"import-ap", {{"href", "#" + documents.uuid("plan")}}},
            {"results", json::array{std::move(result)}}}}};
}

json::object to_component_definition(const ControlReport& report) {
  const Documents documents(report);
  json::array requirements;
  for (const auto& control : report.controls)
    requirements.emplace_back(json::object{
        {"uuid", documents.uuid("requirement", control.id)},
        {"control-id", token_of(control)},
        {"description", control.name + " — live evidence: " + control.status + ". " + summary_of(control)}});
  json::object implementation{
      {"uuid", documents.uuid("implementation")},
      {"source", "urn:plimsoll:framework:" + uuid_of(report.framework)},
      {"description", "What this component records that speaks to the controls of " + report.framework},
      {"implemented-requirements", std::move(requirements)}};
  json::object component{{"uuid", uuid_of("component")},
                         {"type", "software"},
                         {"title", "Plimsoll"},
                         {"description", "Inspects, decides on and records the traffic of language models"},
                         {"control-implementations", json::array{std::move(implementation)}}};
  return {{"component-definition",
           {{"uuid", documents.uuid("component-definition")},
            {"metadata", documents.metadata("Component definition")},
            {"components", json::array{std::move(component)}}}}};
}

json::object to_action_plan(const ControlReport& report) {
  const Documents documents(report);
  json::array items;
  for (const auto& control : report.controls)
    if (control.status != kSupported)
      items.emplace_back(json::object{
          {"uuid", documents.uuid("item", control.id)},
          {"title", control.clause + " " + control.name.substr(0, control.name.find('\n'))},
          {"description",
           control.status == "partly"
               ? "Only a part of the evidence that is given for this control was recorded in the window. "
                 "Record the rest, or attach a document."
               : "Nothing that is recorded speaks to this control. Attach a document."}});
  if (items.empty())
    items.emplace_back(
        json::object{{"uuid", documents.uuid("item", "none")},
                     {"title", "Nothing is open"},
                     {"description", "Every control is supported by live evidence in the window."}});
  return {{"plan-of-action-and-milestones",
           {{"uuid", documents.uuid("plan-of-action")},
            {"metadata", documents.metadata("Open controls")},
            {"system-id", {{"identifier-type", "http://ietf.org/rfc/rfc4122"}, {"id", uuid_of("system")}}},
            {"poam-items", std::move(items)}}}};
}

std::string to_csv(const ControlReport& report) {
  std::string out = "control_id,clause,name,status,evidence_count,last_updated,samples\r\n";
  for (const auto& control : report.controls) {
    std::string samples;
    for (const auto& sample : control.samples)
      samples += (samples.empty() ? "" : " ") + sample.id + "@" + std::to_string(sample.index);
    for (const auto& cell : {control.id, control.clause, control.name, control.status,
                             std::to_string(control.count), control.last})
      out += csv_cell(cell) + ",";
    out += csv_cell(samples) + "\r\n";
  }
  return out;
}

std::string to_html(const ControlReport& report) {
  std::string out = "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><title>" +
                    html(report.framework) +
                    ": live evidence</title>\n<style>body{font:11pt/1.4 "
                    "Georgia,serif;max-width:60rem;margin:2rem auto;padding:0 1rem}"
                    "table{border-collapse:collapse;width:100%}td,th{border:1px solid #999;padding:.3rem "
                    ".5rem;text-align:left;"
                    "vertical-align:top;font-size:9.5pt}thead{display:table-header-group}tr{break-inside:"
                    "avoid}pre{font-size:8pt;"
                    "white-space:pre-wrap;overflow-wrap:anywhere}@media "
                    "print{body{margin:0;max-width:none}}</style></head><body>\n<h1>" +
                    html(report.framework) + "</h1>\n<p>What was recorded from " + html(report.from) +
                    " to " + html(report.to) +
                    ". A state says how much evidence there is, and not that a control is "
                    "met.</p>\n<table><thead><tr><th>Control<th>State"
                    "<th>Records<th>Last<th>Samples: event @ index in the log</tr></thead><tbody>\n";
  for (const auto& control : report.controls) {
    out += "<tr><td><strong>" + html(control.clause) + "</strong> " + html(control.name) + "<td>" +
           html(control.status) + "<td>" + std::to_string(control.count) + "<td>" +
           html(control.last.substr(0, 10)) + "<td>";
    for (const auto& sample : control.samples)
      out += html(sample.id) + " @ " + std::to_string(sample.index) + "<br>";
    out += "</tr>\n";
  }
  out += "</tbody></table>\n<h2>What was counted</h2>\n<dl>\n";
  for (const auto& [kind, query] : report.queries) out += "<dt>" + html(kind) + "<dd>" + html(query) + "\n";
  return out + "</dl>\n<h2>The log's checkpoint</h2>\n<pre>" + html(report.checkpoint) +
         "</pre>\n</body></html>\n";
}

}  // namespace plimsoll::evidence
