// What is on record for the controls of a framework, as other people's tools read it.
//
// OSCAL 1.2 (NIST): assessment results, a component definition, a plan of action and milestones. What is assessed of a
// control is one objective, "<control>_live-evidence": that evidence of it was recorded in the window. Whether the
// control is met is for an assessor to say; nothing here does.
#pragma once

#include <boost/json/object.hpp>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"
#include "base/result.h"

namespace plimsoll::evidence {

// As GET /export/… answers.
struct ControlReport {
  struct Sample {
    std::string id, time, what;
    std::uint64_t index = 0;  // in the log
  };
  struct Control {
    std::string id, clause, name, status;
    std::uint64_t count = 0;
    std::string last;  // RFC 3339; empty: never
    std::vector<Sample> samples;
  };
  std::string framework;   // "ISO/IEC 42001:2023"
  std::string date;        // RFC 3339
  std::string from, to;    // of the window
  std::string checkpoint;  // the log's, signed
  std::vector<Control> controls;
  std::map<std::string, std::string> queries;  // by kind of evidence: what was counted
};
inline constexpr std::size_t kMaxReportBytes = 64U << 20U;

// kInvalid, with what is missing.
Result<ControlReport> parse_control_report(std::string_view text);

// `log_url`: where receipts are ("https://res.example.org"): evidence is linked as <log_url>/ledger/receipt/<index>.
json::object to_assessment_results(const ControlReport& report, std::string_view log_url);
json::object to_component_definition(const ControlReport& report);
// An item for every control that is not supported by live evidence.
json::object to_action_plan(const ControlReport& report);

std::string to_csv(const ControlReport& report);  // RFC 4180, a control a row
std::string to_html(
    const ControlReport& report);  // one page without anything from elsewhere, made for printing

}  // namespace plimsoll::evidence
