#include "evidence/clock.h"

#include <gmock/gmock.h>

namespace plimsoll::evidence {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

const Time kAware = *from_rfc3339("2026-09-01T12:00:00Z");

IncidentStatus incident(std::vector<std::string> kinds) {
  IncidentStatus out;
  out.aware_at = kAware;
  out.kinds = std::move(kinds);
  return out;
}

std::vector<std::string> shown(const IncidentStatus& of, Time now) {
  static const auto kRules = usual_incident_clocks();
  std::vector<std::string> out;
  for (const auto& s : clocks_of(of, kRules, now))
    out.push_back(s.clock->id + " " + to_rfc3339(s.due) + " " + std::string(to_string(s.state)));
  return out;
}

TEST(Clock, OfTheLawRunsFromWhenSomebodyWasAware) {
  EXPECT_THAT(shown(incident({}), kAware), ElementsAre("review-24h 2026-09-02T12:00:00Z running"));
  EXPECT_THAT(shown(incident({"personal_data_breach", "death"}), kAware),
              ElementsAre("review-24h 2026-09-02T12:00:00Z running", "gdpr-33 2026-09-04T12:00:00Z running",
                          "eu-ai-act-73-10d 2026-09-11T12:00:00Z running"));
  EXPECT_THAT(
      shown(incident({"serious_incident", "critical_infrastructure"}), kAware + std::chrono::hours(49)),
      ElementsAre("review-24h 2026-09-02T12:00:00Z overdue", "eu-ai-act-73-2d 2026-09-03T12:00:00Z overdue",
                  "eu-ai-act-73-15d 2026-09-16T12:00:00Z running"));
}

TEST(Clock, IsMetByAReportAndByALook) {
  auto of = incident({"death"});
  of.looked_into_at = kAware + std::chrono::hours(30);
  of.marks = {{.clock = "eu-ai-act-73-10d",
               .kind = ClockMark::Kind::kReported,
               .time = kAware,
               .reference = "17/26"}};
  const auto rules = usual_incident_clocks();
  const auto states = clocks_of(of, rules, kAware + std::chrono::hours(1'000));
  ASSERT_EQ(states.size(), 2U);
  for (const auto& state : states) EXPECT_EQ(state.state, ClockState::State::kMet);
  EXPECT_GT(*states[0].met_at, states[0].due) << "late, and met";
  EXPECT_EQ(states[1].reference, "17/26");
}

TEST(Clock, EarnsAMarkAtThreeQuartersAndOneAtItsEndOnceEach) {
  auto of = incident({});
  const auto rules = usual_incident_clocks();
  const auto earned = [&](std::chrono::minutes after) {
    const auto now = kAware + after;
    return mark_due(of, clocks_of(of, rules, now).at(0), now);
  };
  using std::chrono::minutes;
  EXPECT_FALSE(earned(minutes(18 * 60 - 1)));
  EXPECT_EQ(earned(minutes(18 * 60)), ClockMark::Kind::kApproaching);
  of.marks.push_back(
      {.clock = "review-24h", .kind = ClockMark::Kind::kApproaching, .time = kAware, .reference = {}});
  EXPECT_FALSE(earned(minutes(24 * 60)));
  EXPECT_EQ(earned(minutes(24 * 60 + 1)), ClockMark::Kind::kOverdue);
  of.marks.push_back(
      {.clock = "review-24h", .kind = ClockMark::Kind::kOverdue, .time = kAware, .reference = {}});
  EXPECT_FALSE(earned(minutes(9'999)));
  of.marks.clear();
  of.looked_into_at = kAware;
  EXPECT_FALSE(earned(minutes(9'999))) << "met";
}

TEST(Clock, IsReadBackFromTheLog) {
  const auto report = read_incident(
      R"({"severity":"sev1","description":"d","kinds":["death"],"aware_at":"2026-09-01T12:00:00Z"})");
  ASSERT_TRUE(report) << report.error().message;
  const auto opened = to_entry(*report, {}, "e", kAware + std::chrono::hours(2));
  const auto id = id_of(opened);
  Index index;
  index.add(4, id, *read_entry(opened));
  const auto due = to_entry(
      ClockDue{.incident = id, .clock = "gdpr-33", .source = "s", .due = kAware, .overdue = true}, kAware);
  index.add(5, id_of(due), *read_entry(due));
  const auto reported = to_entry(
      IncidentReported{.incident = id, .clock = "eu-ai-act-73-10d", .reference = "r"}, {}, "f", kAware);
  index.add(6, id_of(reported), *read_entry(reported));
  const auto status = index.incident(4);
  ASSERT_TRUE(status);
  EXPECT_EQ(status->aware_at, kAware);
  EXPECT_THAT(status->kinds, ElementsAre("death"));
  ASSERT_EQ(status->marks.size(), 2U);
  EXPECT_EQ(status->marks[0].kind, ClockMark::Kind::kOverdue);
  EXPECT_EQ(status->marks[1].reference, "r");
}

TEST(Clock, WhatIsSaidOfAnIncidentIsChecked) {
  for (const char* body : {R"({"severity":"sev1","description":"d","kinds":["fire"]})",
                           R"({"severity":"sev1","description":"d","kinds":["death","death"]})",
                           R"({"severity":"sev1","description":"d","kinds":"death"})",
                           R"({"severity":"sev1","description":"d","aware_at":"yesterday"})",
                           R"({"severity":"sev1","description":"d","aware_at":"2999-01-01T00:00:00Z"})",
                           R"({"severity":"sev1","description":"d","aware_at":"0001-01-01T00:00:00Z"})"})
    EXPECT_FALSE(read_incident(body)) << body;
  EXPECT_FALSE(read_incident_reported(R"({"status":"RESOLVED"})"));
  for (const char* body : {R"({"reported":"gdpr-33"})", R"({"reported":1,"reference":"r"})",
                           R"({"reported":"gdpr-33","reference":"r","status":"OPEN"})"}) {
    const auto read = read_incident_reported(body);
    ASSERT_TRUE(read);
    EXPECT_FALSE(*read) << body;
  }
}

TEST(Clock, SaysNothingNewInEntriesThatDoNotUseIt) {
  const auto report = read_incident(R"({"severity":"sev1","description":"d"})");
  const auto entry = to_entry(*report, {}, "e", kAware);
  EXPECT_EQ(entry.find("kinds"), std::string::npos);
  EXPECT_EQ(entry.find("aware_at"), std::string::npos);
}

}  // namespace
}  // namespace plimsoll::evidence
