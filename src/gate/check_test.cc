#include "gate/check.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "base/json.h"
#include "policy/policy.h"
#include "policy/shipped.h"

namespace plimsoll::gate {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

const std::vector<policy::Threshold>& shipped() {
  static const auto policy = *policy::Policy::parse(policy::shipped_yaml(), "shipped");
  return policy->thresholds();
}

Report checked(std::string_view metrics) {
  auto report = check(shipped(), *parse_json(metrics));
  EXPECT_TRUE(report) << (report ? "" : report.error().message);
  return report ? *report : Report();
}

std::string refused(std::string_view metrics) {
  const auto report = check(shipped(), *parse_json(metrics));
  return report ? "accepted" : report.error().message;
}

// Good everywhere but for one metric.
std::string with(std::string_view metric, std::string_view value) {
  const std::pair<std::string_view, std::string_view> good[] = {{"quality.pass_at_5", "0.9"},
                                                                {"fairness.subgroup_delta", "0.01"},
                                                                {"safety.harmful_rate", "0.001"},
                                                                {"drift.psi", "0.05"}};
  std::string out = "{";
  bool replaced = false;
  for (const auto& [name, number] : good) {
    const bool here = name == metric;
    replaced = replaced || here;
    out += "\"" + std::string(name) + "\":" + std::string(here ? value : number) + ",";
  }
  if (!replaced) out += "\"" + std::string(metric) + "\":" + std::string(value) + ",";
  out.back() = '}';
  return out;
}

TEST(Check, PassesWhatIsWithinEveryLimit) {
  const auto report = checked(
      R"({"quality":{"pass_at_5":0.84},"fairness":{"subgroup_delta":0.03},"safety":{"harmful_rate":0.002},"drift":{"psi":0.08}})");
  EXPECT_EQ(report.status, Status::kPass);
  EXPECT_EQ(plimsoll::to_json(to_json(report)), R"({"status":"pass","violations":[]})");
  EXPECT_EQ(report.rows.size(), 4U);
}

TEST(Check, EveryShippedLimitIsKeptAtItsNumberAndBrokenBeyondIt) {
  struct Limit {
    const char* name;
    double bound;
    double beyond;  // the direction of a violation
  };
  for (const Limit& limit : {Limit{"quality.pass_at_5", 0.82, -1}, Limit{"fairness.subgroup_delta", 0.05, 1},
                             Limit{"safety.harmful_rate", 0.005, 1}, Limit{"drift.psi", 0.2, 1},
                             Limit{"privacy.reid_risk", 0.001, 1}, Limit{"latency.p95_seconds", 2.0, 1}}) {
    const auto standing = [&](double value) {
      json::value metrics = *parse_json(with(limit.name, "0"));
      metrics.get_object()[limit.name] = value;
      for (const Row& row : check(shipped(), metrics)->rows)
        if (row.name == limit.name) return row.standing;
      return policy::Standing::kPass;
    };
    using policy::Standing;
    EXPECT_NE(standing(limit.bound), Standing::kViolation) << limit.name;
    EXPECT_NE(standing(std::nextafter(limit.bound, limit.bound - limit.beyond)), Standing::kViolation)
        << limit.name;
    EXPECT_EQ(standing(std::nextafter(limit.bound, limit.bound + limit.beyond)), Standing::kViolation)
        << limit.name;
  }
}

TEST(Check, WarnsBetweenTheWarningAndTheLimit) {
  EXPECT_EQ(checked(with("drift.psi", "0.1")).status, Status::kPass);
  const auto report = checked(with("drift.psi", "0.15"));
  EXPECT_EQ(report.status, Status::kWarn);
  EXPECT_THAT(report.warnings, ElementsAre("drift.psi"));
  EXPECT_THAT(report.violations, IsEmpty());
  EXPECT_EQ(checked(with("drift.psi", "0.2")).status, Status::kWarn);
  EXPECT_EQ(checked(with("drift.psi", "0.21")).status, Status::kFail);
}

TEST(Check, AMissingRequiredMetricIsAViolation) {
  const auto report = checked("{}");
  EXPECT_EQ(report.status, Status::kFail);
  EXPECT_THAT(report.violations, ElementsAre("quality.pass_at_5", "fairness.subgroup_delta",
                                             "safety.harmful_rate", "drift.psi"));
  EXPECT_THAT(checked(R"({"quality":{},"fairness":{"subgroup_delta":0.03},"drift":{"psi":0}})").violations,
              ElementsAre("quality.pass_at_5", "safety.harmful_rate"));
}

TEST(Check, JudgesTheOthersWhenSubmitted) {
  EXPECT_EQ(checked(with("latency.p95_seconds", "1.9")).status, Status::kPass);
  EXPECT_THAT(checked(with("latency.p95_seconds", "2.1")).violations, ElementsAre("latency.p95_seconds"));
  EXPECT_THAT(checked(with("privacy.reid_risk", "0.01")).violations, ElementsAre("privacy.reid_risk"));
}

TEST(Check, ViolationsStandInThePolicysOrder) {
  const auto report = checked(
      R"({"drift":{"psi":1},"safety":{"harmful_rate":1},"fairness":{"subgroup_delta":1},"quality":{"pass_at_5":0}})");
  EXPECT_THAT(report.violations, ElementsAre("quality.pass_at_5", "fairness.subgroup_delta",
                                             "safety.harmful_rate", "drift.psi"));
}

TEST(Check, NamesMetricsThatNothingJudges) {
  EXPECT_THAT(checked(with("quality.bleu", "0.3")).unjudged, ElementsAre("quality.bleu"));
}

TEST(Check, RefusesWhatIsNoNumber) {
  EXPECT_EQ(refused(R"({"quality":{"pass_at_5":"0.84"}})"),
            "quality.pass_at_5: must be a finite number; found text");
  EXPECT_EQ(refused(R"({"quality":{"pass_at_5":null}})"),
            "quality.pass_at_5: must be a finite number; found null");
  EXPECT_EQ(refused(R"({"quality":{"pass_at_5":true}})"),
            "quality.pass_at_5: must be a finite number; found true or false");
  EXPECT_EQ(refused(R"({"quality":{"pass_at_5":{}}})"),
            "quality.pass_at_5: must be a finite number; found an object");
  EXPECT_EQ(refused(R"({"quality":{"bleu":[]}})"), "quality.bleu: must be a finite number; found a list");
  EXPECT_THAT(refused(R"({"quality":0.9})"), HasSubstr("quality: must be an object of metrics"));
  EXPECT_THAT(refused("[]"), HasSubstr("expected an object of metrics"));
  for (const double value : {std::nan(""), std::numeric_limits<double>::infinity()}) {
    const json::value metrics{{"quality", {{"pass_at_5", value}}}};
    EXPECT_EQ(check(shipped(), metrics).error().message,
              "quality.pass_at_5: must be a finite number; found a number that is not finite");
  }
}

TEST(Report, ReadsAsTheDocumentsShowIt) {
  EXPECT_EQ(to_text(checked(with("fairness.subgroup_delta", "0.08"))),
            "❌ Governance Gate FAILED\n"
            "- fairness.subgroup_delta 0.08 > max 0.05\n"
            "Fix required before merge\n");
}

TEST(Report, NamesEveryKindOfFailure) {
  EXPECT_EQ(to_text(checked(
                R"({"quality":{"pass_at_5":0.7},"safety":{"harmful_rate":0.01},"drift":{"psi":0.15}})")),
            "❌ Governance Gate FAILED\n"
            "- quality.pass_at_5 0.7 < min 0.82\n"
            "- fairness.subgroup_delta missing (required)\n"
            "- safety.harmful_rate 0.01 > max 0.005\n"
            "- drift.psi 0.15 > warn 0.1 (warning)\n"
            "Fix required before merge\n");
}

TEST(Report, ShowsHowMuchRoomAPassHas) {
  EXPECT_EQ(to_text(checked(with("drift.psi", "0.08"))),
            "✅ Governance Gate PASSED\n"
            "- quality.pass_at_5 0.9 >= min 0.82\n"
            "- fairness.subgroup_delta 0.01 <= max 0.05\n"
            "- safety.harmful_rate 0.001 <= max 0.005\n"
            "- drift.psi 0.08 <= max 0.2\n");
  EXPECT_THAT(to_text(checked(with("drift.psi", "0.15"))), HasSubstr("PASSED with warnings"));
}

TEST(Report, DetailsEveryRowForMachines) {
  const auto details = to_detailed_json(checked(with("drift.psi", "0.15")));
  EXPECT_EQ(details.at("status"), "warn");
  EXPECT_EQ(details.at("warnings"), *parse_json(R"(["drift.psi"])"));
  EXPECT_EQ(details.at("rows").at(3), *parse_json(R"({"name":"drift.psi","value":0.15,"standing":"warn",
      "limit":"warn_above","bound":0.1,"text":"drift.psi 0.15 > warn 0.1"})"));
}

TEST(Report, AnExclusiveLimitIsShownAsOne) {
  policy::Threshold threshold;
  threshold.name = "g.m";
  threshold.maximum = 0.2;
  threshold.exclusive_maximum = true;
  EXPECT_EQ(to_text(check({threshold}, {{"g.m", 0.2}})->rows[0]), "g.m 0.2 >= max 0.2");
  EXPECT_EQ(to_text(check({threshold}, {{"g.m", 0.1}})->rows[0]), "g.m 0.1 < max 0.2");
}

}  // namespace
}  // namespace plimsoll::gate
