#include "evidence/control_report.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/json/array.hpp>

namespace plimsoll::evidence {
namespace {

constexpr std::string_view kReport =
    R"({"framework":"ISO/IEC 42001:2023","report_date":"2026-11-28T12:00:00Z",
  "window":{"from":"2026-10-29T12:00:00Z","to":"2026-11-28T12:00:00Z"},"checkpoint":"a log\n3\nroot\n",
  "evidence":{"decisions":{"query":"every decision","count":3}},
  "controls":[
   {"control_id":"iso_A.6.2.8","iso_clause":"A.6.2.8","control_name":"Recording of <event> logs","evidence_count":3,
    "compliance_status":"supported by live evidence","last_updated":"2026-11-27T12:00:00Z",
    "sample_events":[{"event_id":"e-1","timestamp":"2026-11-27T12:00:00Z","action":"allow","log_index":41}]},
   {"control_id":"iso_A.2.2","iso_clause":"A.2.2","control_name":"AI policy, \"written\"","evidence_count":0,
    "compliance_status":"organisational only","last_updated":null,"sample_events":[]}]})";

ControlReport report() {
  return parse_control_report(kReport).value();
}

TEST(ControlReport, IsReadOrSaysWhatIsMissing) {
  const auto read = report();
  ASSERT_EQ(read.controls.size(), 2U);
  EXPECT_EQ(read.controls[0].samples[0].index, 41U);
  EXPECT_EQ(read.queries.at("decisions"), "every decision");
  EXPECT_FALSE(parse_control_report("{}"));
  EXPECT_FALSE(parse_control_report("nothing"));
  EXPECT_FALSE(parse_control_report(R"({"framework":"x","report_date":"y","window":{},"controls":[{}]})"));
}

TEST(ControlReport, FindsOfAControlOnlyThatEvidenceIsRecorded) {
  const auto document = json::value(to_assessment_results(report(), "https://res.example.org"));
  const auto& result = document.at("assessment-results").at("results").at(0);
  const auto& findings = result.at("findings").as_array();
  ASSERT_EQ(findings.size(), 2U);
  EXPECT_EQ(findings[0].at("target").at("target-id").as_string(), "a.6.2.8_live-evidence");
  EXPECT_EQ(findings[0].at("target").at("status").at("state").as_string(), "satisfied");
  EXPECT_EQ(findings[1].at("target").at("status").at("state").as_string(), "not-satisfied");
  ASSERT_EQ(result.at("observations").as_array().size(), 1U) << "of what was not recorded there is none";
  EXPECT_EQ(result.at("observations").at(0).at("relevant-evidence").at(0).at("href").as_string(),
            "https://res.example.org/ledger/receipt/41");
  EXPECT_FALSE(to_json(document).contains("compliant"));
}

TEST(ControlReport, MadeTwiceIsTheSame) {
  EXPECT_EQ(to_json(to_assessment_results(report(), "x")), to_json(to_assessment_results(report(), "x")));
  const auto id = to_assessment_results(report(), "x").at("assessment-results").at("uuid").as_string();
  EXPECT_THAT(std::string(id),
              testing::MatchesRegex("[0-9a-f]{8}-[0-9a-f]{4}-5[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}"));
}

TEST(ControlReport, PlansWhatIsOpen) {
  const auto items =
      json::value(to_action_plan(report())).at("plan-of-action-and-milestones").at("poam-items").as_array();
  ASSERT_EQ(items.size(), 1U);
  EXPECT_THAT(std::string(items[0].at("title").as_string()), testing::StartsWith("A.2.2 "));
}

TEST(ControlReport, EscapesInTablesAndPages) {
  EXPECT_THAT(
      to_csv(report()),
      testing::HasSubstr("iso_A.2.2,A.2.2,\"AI policy, \"\"written\"\"\",organisational only,0,,\r\n"));
  EXPECT_THAT(to_html(report()), testing::HasSubstr("Recording of &lt;event&gt; logs"));
}

}  // namespace
}  // namespace plimsoll::evidence
