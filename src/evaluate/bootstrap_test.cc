#include "bootstrap.h"

#include <gtest/gtest.h>

#include <cmath>

namespace plimsoll::evaluate {
namespace {

TEST(Bootstrap, DrawsAsManyOfEachKind) {
  const auto ties = tie({{.9, true}, {.5, true}, {.5, false}, {.1, false}, {.1, false}});
  Resampler resampler(ties);
  Random random(1);
  bool differed = false;
  for (int i = 0; i < 50; ++i) {
    const auto drawn = resampler.draw(random);
    EXPECT_EQ(positives(drawn), 2);
    EXPECT_EQ(negatives(drawn), 3);
    EXPECT_EQ(drawn[0].negatives, 0);  // none scored that high
    differed = differed || drawn[0].positives != 1;
  }
  EXPECT_TRUE(differed);
}

TEST(Bootstrap, TheSameSeedDrawsTheSame) {
  Random a(7, "jailbreak", "x"), b(7, "jailbreak", "x"), other(7, "jailbreak", "y"),
      later(8, "jailbreak", "x");
  const auto first = a.next();
  EXPECT_EQ(first, b.next());
  EXPECT_NE(first, other.next());
  EXPECT_NE(first, later.next());
  // Where a name ends matters.
  EXPECT_NE(Random(1, "ab", "c").next(), Random(1, "a", "bc").next());
}

TEST(Bootstrap, DrawsEvenly) {
  Random random(3);
  std::vector<int> seen(10);
  for (int i = 0; i < 100'000; ++i) ++seen[random.below(10)];
  for (const int n : seen) EXPECT_NEAR(n, 10'000, 500);  // five standard deviations
}

TEST(Bootstrap, RecallsIntervalIsTheBinomials) {
  // 80 of 100 positives are above every negative: the standard error is sqrt(.8 * .2 / 100) = .04.
  std::vector<Sample> samples;
  for (int i = 0; i < 100; ++i) samples.push_back({i < 80 ? .9 : .1, true});
  for (int i = 0; i < 200; ++i) samples.push_back({.5, false});
  Resampler resampler(tie(samples));
  Random random(1);
  Spread spread;
  constexpr std::size_t kResamples = 4000;
  for (std::size_t i = 0; i < kResamples; ++i)
    spread.add(recall_at_false_positive_rate(resampler.draw(random), .01));
  const auto interval = spread.interval(kResamples);
  ASSERT_TRUE(interval);
  EXPECT_NEAR(interval->low, .8 - 1.96 * .04, .015);
  EXPECT_NEAR(interval->high, .8 + 1.96 * .04, .015);
}

TEST(Bootstrap, AFigureThatMostlyDoesNotExistHasNoInterval) {
  Spread spread;
  for (int i = 0; i < 40; ++i) spread.add(i < 10 ? std::optional(.5) : std::nullopt);
  EXPECT_FALSE(spread.interval(40));
  EXPECT_FALSE(Spread().interval(0));
}

}  // namespace
}  // namespace plimsoll::evaluate
