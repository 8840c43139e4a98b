#include "route/breaker.h"

#include <gtest/gtest.h>

namespace plimsoll::route {
namespace {

using namespace std::chrono_literals;
using Outcome = Breaker::Outcome;

class BreakerTest : public testing::Test {
 protected:
  Breaker::Clock::time_point now{1h};

  void record(Breaker& breaker, std::initializer_list<Outcome> outcomes) const {
    for (const auto outcome : outcomes) breaker.record(outcome, now);
  }
  Breaker opened(BreakerOptions options = {}) const {
    Breaker breaker(options);
    for (unsigned i = 0; i < options.failures; ++i) breaker.record(Outcome::kBad, now);
    EXPECT_FALSE(breaker.closed());
    return breaker;
  }
};

TEST_F(BreakerTest, OpensAfterFailuresInARow) {
  Breaker breaker({.failures = 3});
  record(breaker, {Outcome::kBad, Outcome::kBad, Outcome::kGood, Outcome::kBad, Outcome::kBad});
  EXPECT_TRUE(breaker.allows(now));
  record(breaker, {Outcome::kBad});
  EXPECT_FALSE(breaker.closed());
  EXPECT_FALSE(breaker.allows(now));
  EXPECT_EQ(breaker.wait(now), 5s);
}

TEST_F(BreakerTest, OpensWhenTooManyOfTheLastFailed) {
  Breaker breaker({.failures = 5, .share = 0.5, .window = 8});
  record(breaker, {Outcome::kStrained, Outcome::kStrained, Outcome::kStrained, Outcome::kStrained,
                   Outcome::kGood, Outcome::kGood, Outcome::kGood});
  EXPECT_TRUE(breaker.closed()) << "not before the window is full";
  record(breaker, {Outcome::kGood});
  EXPECT_FALSE(breaker.closed());
}

TEST_F(BreakerTest, ForgetsWhatLeftTheWindow) {
  Breaker breaker({.failures = 5, .share = 0.5, .window = 4});
  for (int i = 0; i < 100; ++i)
    record(breaker, {Outcome::kStrained, Outcome::kGood, Outcome::kGood, Outcome::kGood});
  EXPECT_TRUE(breaker.closed());
}

TEST_F(BreakerTest, StrainAloneIsNoRow) {
  Breaker breaker({.failures = 2, .share = 2, .window = 4});
  for (int i = 0; i < 100; ++i) record(breaker, {Outcome::kBad, Outcome::kStrained});
  EXPECT_TRUE(breaker.closed());
}

TEST_F(BreakerTest, LetsOneProbeThroughAfterThePause) {
  Breaker breaker = opened();
  now += 5s - 1ms;
  EXPECT_FALSE(breaker.allows(now));
  now += 1ms;
  EXPECT_TRUE(breaker.allows(now));
  EXPECT_TRUE(breaker.allows(now)) << "asking is not sending";
  breaker.begin(now);
  EXPECT_FALSE(breaker.allows(now));
  breaker.record(Outcome::kGood, now);
  EXPECT_TRUE(breaker.closed());
  EXPECT_TRUE(breaker.allows(now));
}

TEST_F(BreakerTest, ClosesWithNothingHeldAgainstTheUpstream) {
  Breaker breaker = opened({.failures = 3, .share = 0.5, .window = 4});
  now += 5s;
  breaker.begin(now);
  breaker.record(Outcome::kGood, now);
  record(breaker, {Outcome::kBad, Outcome::kBad});
  EXPECT_TRUE(breaker.closed());
}

TEST_F(BreakerTest, WaitsTwiceAsLongAfterEveryProbeThatFailsUpToALimit) {
  Breaker breaker = opened({.pause = 10s, .longest_pause = 35s});
  for (const auto pause : {10s, 20s, 35s, 35s}) {
    EXPECT_EQ(breaker.wait(now), pause);
    now += pause;
    breaker.begin(now);
    breaker.record(Outcome::kBad, now);
  }
  now += 35s;
  breaker.begin(now);
  breaker.record(Outcome::kGood, now);
  for (int i = 0; i < 5; ++i) breaker.record(Outcome::kBad, now);
  EXPECT_EQ(breaker.wait(now), 10s) << "as at first";
}

TEST_F(BreakerTest, SendsAnotherProbeWhenOneIsNeverHeardOfAgain) {
  Breaker breaker = opened();
  now += 5s;
  breaker.begin(now);
  now += 5s;
  EXPECT_TRUE(breaker.allows(now));
}

TEST_F(BreakerTest, WhatWasOnItsWayWhenItOpenedDecidesNothing) {
  Breaker breaker = opened();
  record(breaker, {Outcome::kGood, Outcome::kBad, Outcome::kGood});
  EXPECT_FALSE(breaker.allows(now));
  EXPECT_EQ(breaker.wait(now), 5s);
}

TEST_F(BreakerTest, NeverOpensWhenToldSo) {
  Breaker breaker({.failures = 0, .share = 0.1, .window = 4});
  for (int i = 0; i < 1'000; ++i) breaker.record(Outcome::kBad, now);
  EXPECT_TRUE(breaker.allows(now));
}

}  // namespace
}  // namespace plimsoll::route
