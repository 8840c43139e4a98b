#include "gatherer.h"

#include <gmock/gmock.h>

#include "base/json.h"
#include "test_support.h"

namespace plimsoll::notify {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

const Time kNow = at("2026-01-02T04:00:00Z");

class GathererTest : public testing::Test {
 protected:
  std::vector<Addressed> leave(Time now) {
    auto out = gatherer.leave(now);
    gatherer.left(now);
    return out;
  }
  std::vector<Destination> destinations{webhook()};
  Gatherer gatherer{destinations, "log"};
};

TEST_F(GathererTest, GivesTheFirstAtOnceAndWhatFollowsTogether) {
  gatherer.add(trigger("a"));
  const auto first = leave(kNow);
  ASSERT_THAT(first, SizeIs(1));
  EXPECT_EQ(first[0].notice.count, 1U);
  for (int i = 0; i < 10'000; ++i) gatherer.add(trigger("b" + std::to_string(i)));
  EXPECT_THAT(leave(kNow + std::chrono::seconds(59)), IsEmpty());
  const auto second = leave(kNow + std::chrono::seconds(60));
  ASSERT_THAT(second, SizeIs(1));
  EXPECT_EQ(second[0].notice.count, 10'000U);
  EXPECT_EQ(second[0].notice.subjects.size(), kNamed);
  EXPECT_EQ(second[0].notice.subjects.front(), "b0");
  EXPECT_EQ(headline(second[0].notice), "ASL-3 trigger: cbrn 0.42 (general), block (and 9999 more)");
  EXPECT_NE(first[0].notice.id, second[0].notice.id);
}

TEST_F(GathererTest, ShowsTheGravestOfThem) {
  gatherer.add(trigger("mild", Event::kAslTrigger, Severity::kWarning));
  gatherer.add(trigger("grave", Event::kAslTrigger, Severity::kCritical));
  gatherer.add(trigger("other", Event::kAslTrigger, Severity::kError));
  const auto out = leave(kNow);
  ASSERT_THAT(out, SizeIs(1));
  EXPECT_EQ(out[0].notice.first.subject, "grave");
  EXPECT_THAT(out[0].notice.subjects, ElementsAre("mild", "grave", "other"));
}

TEST_F(GathererTest, KeepsEventsAndDestinationsApart) {
  destinations.push_back(webhook("second"));
  destinations[1].min_severity = Severity::kCritical;
  Gatherer both(destinations, "log");
  both.add(trigger("a"));
  both.add(trigger("b", Event::kPolicyFail));
  both.add(trigger("c", Event::kPolicyFail, Severity::kCritical));
  EXPECT_THAT(both.leave(kNow), SizeIs(3));
}

TEST_F(GathererTest, ComesBackFromWhatWasWrittenDown) {
  gatherer.add(trigger("a"));
  gatherer.add(trigger("b"));
  const auto leaving = gatherer.leave(kNow);
  Gatherer again(destinations, "log");
  again.restore(json::value(gatherer.to_object()));
  ASSERT_THAT(again.leaving(), SizeIs(1));
  EXPECT_EQ(again.leaving()[0].notice, leaving[0].notice) << "with the same id";
  EXPECT_EQ(again.to_object(), gatherer.to_object());
  again.left(kNow);
  Gatherer third(destinations, "log");
  third.restore(json::value(again.to_object()));
  third.add(trigger("c"));
  EXPECT_THAT(third.leave(kNow + std::chrono::seconds(1)), IsEmpty()) << "the interval is remembered, too";
}

TEST_F(GathererTest, TellsThatSomethingIsOverOnlyWhoWasToldOfIt) {
  destinations[0].kind = Kind::kPagerDuty;
  auto over = trigger("a", Event::kIncidentOpened);
  over.resolved = true;
  gatherer.add(over);
  EXPECT_THAT(gatherer.leave(kNow), IsEmpty());
  gatherer.add(trigger("a", Event::kIncidentOpened));
  leave(kNow);
  gatherer.add(over);
  const auto out = leave(kNow);
  ASSERT_THAT(out, SizeIs(1)) << "at once";
  EXPECT_TRUE(out[0].notice.first.resolved);
  gatherer.add(over);
  EXPECT_THAT(leave(kNow), IsEmpty()) << "and once";
}

TEST_F(GathererTest, IsNotHeldUpByAClockThatWasSetBack) {
  gatherer.add(trigger("a"));
  leave(kNow);
  gatherer.add(trigger("b"));
  EXPECT_THAT(leave(kNow - std::chrono::hours(24)), SizeIs(1));
}

}  // namespace
}  // namespace plimsoll::notify
