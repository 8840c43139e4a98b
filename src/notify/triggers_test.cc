#include "triggers.h"

#include <gmock/gmock.h>

#include "base/json.h"
#include "test_support.h"

namespace plimsoll::notify {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

std::vector<std::string> events_of(const std::string& entry) {
  std::vector<std::string> out;
  for (const auto& t : triggers_of(7, entry))
    out.push_back(std::string(to_string(t.event)) + (t.resolved ? " resolved" : "") + " " +
                  std::string(to_string(t.severity)) + " " + t.subject);
  return out;
}

std::string act(const std::string& type, const std::string& more) {
  return R"({"time":"2026-01-02T03:04:05Z","type":")" + type + R"(","v":1)" + more + "}";
}

TEST(Triggers, OfADecisionAreWhatItSays) {
  EXPECT_THAT(events_of(decision("e", "allow", 0)), IsEmpty());
  EXPECT_THAT(events_of(decision("e", "redact", 0)), IsEmpty());
  EXPECT_THAT(events_of(decision("e", "block", 0)), ElementsAre("risk_threshold_exceeded warning e"));
  EXPECT_THAT(events_of(decision("e", "escalate", 0)), ElementsAre("risk_threshold_exceeded error e"));
  EXPECT_THAT(events_of(decision("e", "block", 0, "secrets")), IsEmpty()) << "a rule, not the tier table";
  EXPECT_THAT(events_of(decision("e", "allow", 3)), ElementsAre("asl_trigger error e"))
      << "also where it passes";
  EXPECT_THAT(events_of(decision("e", "block", 4)),
              ElementsAre("risk_threshold_exceeded warning e", "asl_trigger critical e"));
  EXPECT_THAT(events_of(decision("e", "error_block", 0, "policy_check_fail")),
              ElementsAre("policy_fail error e"));
}

TEST(Triggers, SayNoUserAndNoOrganisation) {
  for (const auto& t : triggers_of(7, decision("e", "block", 4))) {
    const auto said = to_json(t.data) + t.summary;
    EXPECT_EQ(said.find("a-pseudonym"), std::string::npos);
    EXPECT_EQ(said.find("acme"), std::string::npos);
    EXPECT_EQ(t.index, 7U);
    EXPECT_EQ(to_rfc3339_ms(t.time), "2026-01-02T03:04:05.678Z");
  }
}

TEST(Triggers, OfOtherEntriesFollowATable) {
  EXPECT_THAT(events_of(act("review_overdue", R"(,"event_id":"e","tier":"general","asl":3)")),
              ElementsAre("review_overdue error e"));
  EXPECT_THAT(events_of(act("review_decided", R"(,"event_id":"e","decision":"block")")),
              ElementsAre("review_overdue resolved info e"));
  EXPECT_THAT(events_of(act("watch_alert", R"(,"subject":"psi","severity":"critical")")),
              ElementsAre("watch_alert critical psi"));
  EXPECT_THAT(events_of(act("clock_due", R"(,"incident":"i","clock":"gdpr-33","state":"overdue")")),
              ElementsAre("clock_due critical i"));
  EXPECT_THAT(events_of(act("clock_due", R"(,"incident":"i","clock":"gdpr-33","state":"approaching")")),
              ElementsAre("clock_due warning i"));
  EXPECT_THAT(events_of(act("incident_change", R"(,"incident":"i","to":"MITIGATED")")), IsEmpty());
  EXPECT_THAT(events_of(act("incident_change", R"(,"incident":"i","to":"RESOLVED")")),
              ElementsAre("incident_opened resolved info i"));
  EXPECT_THAT(triggers_of(7, act("incident", R"(,"severity":"sev2","description":"secret words")")),
              SizeIs(1));
  EXPECT_THAT(events_of(act("notice", R"(,"subject":"e")")), IsEmpty()) << "notices are not told of";
  EXPECT_THAT(events_of(act("watch_alert", "")), IsEmpty()) << "about nothing";
  const auto drift = triggers_of(
      7, act("watch_alert", R"(,"kind":"rate_rise","subject":"blocked","value":0.3,"limit":0.1)"));
  ASSERT_THAT(drift, SizeIs(1));
  EXPECT_EQ(drift[0].summary, "The watch found a change: rate rise of blocked");
  EXPECT_EQ(drift[0].data.at("value"), 0.3);
  EXPECT_THAT(events_of("no JSON"), IsEmpty());
}

TEST(Triggers, OfAnIncidentDoNotRepeatItsDescription) {
  const auto found = triggers_of(7, act("incident", R"(,"severity":"sev2","description":"secret words")"));
  ASSERT_THAT(found, SizeIs(1));
  EXPECT_EQ((to_json(found[0].data) + found[0].summary).find("secret"), std::string::npos);
  EXPECT_EQ(found[0].severity, Severity::kError);
}

TEST(Triggers, ShowAClientsIdOnOneLineOfBoundedLength) {
  const auto found = triggers_of(7, decision("a\\n\\u0007b" + std::string(500, 'x'), "block", 0));
  ASSERT_THAT(found, SizeIs(1));
  EXPECT_EQ(found[0].subject.substr(0, 5), "a  bx");
  EXPECT_EQ(found[0].subject.size(), 128U);
}

}  // namespace
}  // namespace plimsoll::notify
