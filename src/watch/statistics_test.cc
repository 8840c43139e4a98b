#include "watch/statistics.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <random>

namespace plimsoll::watch {
namespace {

// Draws by a table of cumulative shares: the library's distributions take most of a simulation's time.
class Draw {
 public:
  explicit Draw(std::vector<double> shares) : upto_(std::move(shares)) {
    for (std::size_t i = 1; i < upto_.size(); ++i) upto_[i] += upto_[i - 1];
  }
  static Draw binomial(int n, double p) {
    std::vector<double> shares;
    for (int k = 0; k <= n; ++k)
      shares.push_back(std::exp(std::lgamma(n + 1) - std::lgamma(k + 1) - std::lgamma(n - k + 1) +
                                k * std::log(p) + (n - k) * std::log1p(-p)));
    return Draw(std::move(shares));
  }
  std::size_t operator()(std::mt19937& random) const {
    const double at = static_cast<double>(random()) * 0x1p-32 * upto_.back();
    return static_cast<std::size_t>(std::ranges::upper_bound(upto_, at) - upto_.begin());
  }

 private:
  std::vector<double> upto_;
};

TEST(ClopperPearson, HasThePublishedValues) {
  struct Row {
    std::uint64_t x, n;
    double low, high;
  };
  for (const Row& row :
       {Row{0, 300, 0, .01222}, Row{3, 400, .00155, .02176}, Row{20, 1000, .01226, .03072}}) {
    const auto [low, high] = clopper_pearson(row.x, row.n);
    EXPECT_NEAR(low, row.low, 5e-6) << row.x << "/" << row.n;
    EXPECT_NEAR(high, row.high, 5e-6) << row.x << "/" << row.n;
  }
  EXPECT_EQ(clopper_pearson(0, 0), std::pair(0.0, 1.0));
  EXPECT_EQ(clopper_pearson(5, 5).second, 1.0);
}

// ---- Drift -----------------------------------------------------------------------------------------------------

std::vector<std::uint64_t> drawn(std::size_t n, const std::vector<double>& shares, std::mt19937& random) {
  const Draw draw(shares);
  std::vector<std::uint64_t> out(shares.size());
  for (std::size_t i = 0; i < n; ++i) ++out.at(draw(random));
  return out;
}

TEST(Psi, IsTheSumOverBins) {
  const std::vector<std::uint64_t> reference = {500, 300, 200}, current = {4000, 3000, 3000};
  const auto found = psi(reference, current, .1, .2);
  EXPECT_NEAR(found.value, -.1 * std::log(.8) + 0 + .1 * std::log(1.5), 1e-12);
  EXPECT_EQ(found.bins, 3U);
  EXPECT_EQ(found.n_reference, 1000U);
  EXPECT_EQ(found.n_current, 10'000U);
  EXPECT_NEAR(found.noise, 5.991465 * (1 / 1000.0 + 1 / 10'000.0), 1e-6);
}

TEST(Psi, GivesThreeAnswersAndSaysWhenItCannot) {
  const auto of = [](std::vector<std::uint64_t> a, std::vector<std::uint64_t> b) {
    return psi(a, b, .1, .2).drift;
  };
  EXPECT_EQ(of({5000, 5000}, {5000, 5000}), Drift::kStable);
  EXPECT_EQ(of({5000, 5000}, {6700, 3300}), Drift::kModerate);
  EXPECT_EQ(of({5000, 5000}, {7500, 2500}), Drift::kDrifted);
  EXPECT_EQ(of({5, 5}, {10, 0}), Drift::kInsufficient) << "ten against ten show nothing";
  EXPECT_EQ(of({}, {}), Drift::kInsufficient);
  EXPECT_EQ(of({5000, 5000}, {0, 0}), Drift::kInsufficient);
  EXPECT_EQ(of({10'000, 0}, {10'000, 0}), Drift::kStable);
}

// EVIDENCE: with ten equal bins and 100 against 100 an index without its noise is over 0.2 in 39 % of all cases.
TEST(Psi, WithoutDriftFewAreTakenForIt) {
  std::mt19937 random(11);
  const std::vector<double> shares(10, .1);
  constexpr int kRounds = 1'000;
  int naive = 0;
  for (const std::size_t n : {100U, 200U, 500U, 2'000U}) {
    int wrong = 0, moderate = 0;
    for (int i = 0; i < kRounds; ++i) {
      const auto found = psi(drawn(n, shares, random), drawn(n, shares, random), .1, .2);
      naive += n == 100 && found.value >= .2 ? 1 : 0;
      wrong += found.drift == Drift::kDrifted ? 1 : 0;
      moderate += found.drift == Drift::kModerate ? 1 : 0;
    }
    EXPECT_LE(wrong, kRounds * 5 / 100) << n;
    EXPECT_LE(moderate, kRounds * 6 / 100) << n;
  }
  EXPECT_NEAR(naive, kRounds * 39 / 100, kRounds * 5 / 100);
}

TEST(Psi, FindsAShiftThatThereIs) {
  std::mt19937 random(12);
  int found = 0;
  for (int i = 0; i < 200; ++i)
    found += psi(drawn(2'000, {.25, .25, .25, .25}, random), drawn(2'000, {.5, .2, .2, .1}, random), .1, .2)
                 .drift == Drift::kDrifted;
  EXPECT_GE(found, 195);
}

// ---- Rates -----------------------------------------------------------------------------------------------------

// Whether a stream in which the rate is the bound, or nearer to what it should be, raises an alarm at any of its hours.
int alarms(double rate, double bound, Side side, double alpha, int streams, unsigned seed) {
  std::mt19937 random(seed);
  const auto hour = Draw::binomial(40, rate);
  int out = 0;
  for (int s = 0; s < streams; ++s) {
    RateTest test(bound, side);
    for (int h = 0; h < 168 && !test.reached(alpha); ++h) test.add(hour(random), 40);
    out += test.reached(alpha) ? 1 : 0;
  }
  return out;
}

TEST(RateTest, FalseAlarmsOfTenThousandStreamsThatAreLookedAtHourlyAreAtMostAlpha) {
  constexpr int kStreams = 10'000;
  // At the bound itself, which is the worst there is; 0.05 * 10,000 = 500, 0.01: 100. Three deviations would be 66 and 30.
  for (const Side side : {Side::kRise, Side::kFall}) {
    EXPECT_LE(alarms(.05, .05, side, .05, kStreams, 21), 500) << to_string(side);
    EXPECT_LE(alarms(.3, .3, side, .01, kStreams, 22), 100) << to_string(side);
  }
  EXPECT_EQ(alarms(.03, .05, Side::kRise, .01, kStreams, 23), 0) << "below the bound there is none to be had";
}

TEST(RateTest, WithAReferenceThatIsItselfAnEstimateTheyStillAre) {
  // What the watch does: half of alpha for the reference's bound, half for the test.
  constexpr double kAlpha = .05, kRate = .08;
  std::mt19937 random(31);
  int wrong = 0;
  constexpr int kStreams = 10'000;
  const auto reference = Draw::binomial(2'000, kRate), hour = Draw::binomial(40, kRate);
  for (int s = 0; s < kStreams; ++s) {
    const auto bound = reference_bound(reference(random), 2'000, Side::kRise, kAlpha / 2);
    RateTest test(bound, Side::kRise);
    for (int h = 0; h < 168 && !test.reached(kAlpha / 2); ++h) test.add(hour(random), 40);
    wrong += test.reached(kAlpha / 2) ? 1 : 0;
  }
  EXPECT_LE(wrong, kStreams * kAlpha);
}

// Looking every hour at a test that is made for one look.
TEST(RateTest, AnOrdinaryTestLookedAtHourlyWouldNotHoldIt) {
  std::mt19937 random(41);
  const auto hour = Draw::binomial(40, .05);
  int wrong = 0;
  for (int s = 0; s < 2'000; ++s) {
    double counted = 0, events = 0;
    bool alarm = false;
    for (int h = 0; h < 168; ++h) {
      counted += static_cast<double>(hour(random));
      events += 40;
      alarm = alarm || (counted / events - .05) / std::sqrt(.05 * .95 / events) > 1.645;
    }
    wrong += alarm ? 1 : 0;
  }
  EXPECT_GT(wrong, 400) << "more than four times the 5 % it promises";
}

TEST(RateTest, FindsARateThatDoubles) {
  int late = 0;
  std::mt19937 random(51);
  const auto hour = Draw::binomial(40, .10);
  for (int s = 0; s < 500; ++s) {
    RateTest test(.05, Side::kRise);
    int hours = 0;
    while (hours < 168 && !test.reached(.005)) test.add(hour(random), 40), ++hours;
    late += hours > 24 ? 1 : 0;
  }
  EXPECT_LT(late, 50) << "nine of ten within a day of 40 events an hour";
}

TEST(RateTest, IsTheSameInWhateverPortionsItIsFed) {
  RateTest one(.1, Side::kRise), many(.1, Side::kRise);
  one.add(30, 100);
  for (int i = 0; i < 10; ++i) many.add(3, 10);
  EXPECT_NEAR(one.log_value(), many.log_value(), 1e-9);
}

TEST(RateTest, SurvivesExtremes) {
  for (const Side side : {Side::kRise, Side::kFall})
    for (const double bound : {0.0, 1e-12, .5, 1.0}) {
      RateTest test(bound, side);
      test.add(1'000'000'000, 1'000'000'000);
      test.add(0, 1'000'000'000);
      EXPECT_TRUE(std::isfinite(test.log_value())) << bound;
    }
  EXPECT_EQ(reference_bound(0, 0, Side::kRise, .01), 1);
  EXPECT_EQ(reference_bound(0, 10, Side::kFall, .01), 0);
}

}  // namespace
}  // namespace plimsoll::watch
