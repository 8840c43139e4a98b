#include "evaluate/metrics.h"

#include <gtest/gtest.h>

#include <cmath>

namespace plimsoll::evaluate {
namespace {

std::vector<Tie> of(std::vector<double> positive, std::vector<double> negative) {
  std::vector<Sample> samples;
  for (const double s : positive) samples.push_back({s, true});
  for (const double s : negative) samples.push_back({s, false});
  return tie(samples);
}

// What Fawcett (2006, "An introduction to ROC analysis", figure 3) ranks: twenty instances, ten of each class.
std::vector<Tie> fawcett() {
  return of({.9, .8, .6, .55, .54, .51, .4, .38, .34, .3}, {.7, .53, .52, .505, .39, .37, .36, .35, .33, .1});
}

TEST(Metrics, AnswerFawcettsExample) {
  // Positives above each negative, counted by hand: .7: 2; .53, .52: 5; .505: 6; .39: 7; .37, .36, .35: 8;
  // .33: 9; .1: 10.
  EXPECT_DOUBLE_EQ(*auroc(fawcett()), (2 + 5 + 5 + 6 + 7 + 8 + 8 + 8 + 9 + 10) / 100.0);
  // At each positive: how many of those taken so far are positive.
  EXPECT_NEAR(*auprc(fawcett()),
              (1 + 1 + 3 / 4. + 4 / 5. + 5 / 6. + 6 / 9. + 7 / 11. + 8 / 13. + 9 / 17. + 10 / 19.) / 10,
              1e-12);
  EXPECT_DOUBLE_EQ(*recall_at_false_positive_rate(fawcett(), .1), .5);
  EXPECT_DOUBLE_EQ(*recall_at_false_positive_rate(fawcett(), .3), .6);
  const auto c = confusion_at(fawcett(), .54);
  EXPECT_EQ(c, (Confusion{5, 1, 5, 9}));
  EXPECT_DOUBLE_EQ(*c.precision(), 5 / 6.);
  EXPECT_DOUBLE_EQ(*c.recall(), .5);
  EXPECT_DOUBLE_EQ(*c.f(1), 2 * (5 / 6.) * .5 / (5 / 6. + .5));
  EXPECT_DOUBLE_EQ(*c.false_positive_rate(), .1);
}

TEST(Metrics, APerfectAndAReversedRanking) {
  const auto perfect = of({.9, .8}, {.2, .1});
  EXPECT_EQ(auroc(perfect), 1);
  EXPECT_EQ(auprc(perfect), 1);
  const auto reversed = of({.2, .1}, {.9, .8});
  EXPECT_EQ(auroc(reversed), 0);
  EXPECT_DOUBLE_EQ(*auprc(reversed), (1 / 3. + 2 / 4.) / 2);
}

TEST(Metrics, WhatIsTiedIsNotToldApart) {
  const auto all_same = of({0, 0, 0}, {0, 0, 0, 0, 0, 0, 0});
  EXPECT_EQ(auroc(all_same), .5);
  EXPECT_DOUBLE_EQ(*auprc(all_same), .3);  // the base rate
  EXPECT_EQ(recall_at_false_positive_rate(all_same, .5), 0);
  // One positive above, one tied with half of the negatives.
  const auto ties = of({.9, .5}, {.5, .1});
  EXPECT_DOUBLE_EQ(*auroc(ties), (2 + 1.5) / 4);
  EXPECT_DOUBLE_EQ(*auprc(ties), (1 + 2 / 3.) / 2);
}

TEST(Metrics, DoNotDependOnTheOrderOfTheSamples) {
  std::vector<Sample> samples = {{.5, true}, {.5, false}, {.7, false}, {.1, true}, {.5, true}};
  const auto forward = tie(samples);
  const auto backward = tie({samples.rbegin(), samples.rend()});
  EXPECT_EQ(auprc(forward), auprc(backward));
  EXPECT_EQ(auroc(forward), auroc(backward));
}

TEST(Metrics, FalsePositivesAreNeverMoreThanTheRate) {
  std::vector<double> negative;
  for (int i = 0; i < 100; ++i) negative.push_back(i / 100.);
  // Exactly one of a hundred may be above: .99. So everything above .98 is found.
  const auto ties = of({.985, .98, .5, .999}, negative);
  EXPECT_DOUBLE_EQ(*score_at_false_positive_rate(ties, .01), .98);
  EXPECT_DOUBLE_EQ(*recall_at_false_positive_rate(ties, .01), .5);
  // Two tie at the top: neither may be taken.
  negative.back() = .98;
  EXPECT_DOUBLE_EQ(*recall_at_false_positive_rate(of({.985, .98, .5, .999}, negative), .01), .5);
}

TEST(Metrics, ARateThatTheNegativesCannotShowDoesNotExist) {
  EXPECT_EQ(recall_at_false_positive_rate(of({.9}, std::vector<double>(99, .1)), .01), std::nullopt);
  EXPECT_EQ(recall_at_false_positive_rate(of({.9}, std::vector<double>(100, .1)), .01), 1);
  EXPECT_EQ(recall_at_false_positive_rate(of({.9}, std::vector<double>(999, .1)), .001), std::nullopt);
  EXPECT_EQ(recall_at_false_positive_rate(of({.9}, std::vector<double>(1000, .1)), .001), 1);
  EXPECT_EQ(recall_at_false_positive_rate(of({0, .9}, {0, 0}), 1), 1);
}

TEST(Metrics, DoNotExistWithoutBothClasses) {
  const auto only_positive = of({.9, .1}, {});
  EXPECT_EQ(auroc(only_positive), std::nullopt);
  EXPECT_EQ(auprc(only_positive), std::nullopt);  // it would be 1, whatever the classifier
  EXPECT_EQ(recall_at_false_positive_rate(only_positive, .01), std::nullopt);
  const auto only_negative = of({}, {.9, .1});
  EXPECT_EQ(auroc(only_negative), std::nullopt);
  EXPECT_EQ(auprc(only_negative), std::nullopt);
  EXPECT_EQ(confusion_at(only_negative, .5).recall(), std::nullopt);
  EXPECT_EQ(confusion_at(only_negative, .5).f(1), std::nullopt);
  EXPECT_EQ(confusion_at(only_negative, .5).precision(), 0);
  EXPECT_EQ(auroc({}), std::nullopt);
  EXPECT_EQ(calibration_error({}), std::nullopt);
}

TEST(Metrics, NothingFoundHasNoPrecisionButAnF) {
  const auto c = confusion_at(of({.1}, {.1}), .5);
  EXPECT_EQ(c.precision(), std::nullopt);
  EXPECT_EQ(c.recall(), 0);
  EXPECT_EQ(c.f(2), 0);
}

TEST(Metrics, FWeighsRecall) {
  const Confusion c{.true_positives = 8, .false_positives = 8, .false_negatives = 2, .true_negatives = 0};
  EXPECT_DOUBLE_EQ(*c.f(1), 2 * .5 * .8 / (.5 + .8));
  EXPECT_DOUBLE_EQ(*c.f(2), 5 * .5 * .8 / (4 * .5 + .8));
}

TEST(Metrics, AThresholdIsReachedByWhatEqualsIt) {
  EXPECT_EQ(confusion_at(of({.3}, {.3}), .3), (Confusion{1, 1, 0, 0}));
}

TEST(Metrics, CalibrationErrorIsTheGapInEachBin) {
  // Five texts at .9, four of them positive; five at .1, one of them positive: gaps of .1 and .1.
  EXPECT_NEAR(*calibration_error(of({.9, .9, .9, .9, .1}, {.9, .1, .1, .1, .1})), .1, 1e-12);
  // 21 of 25 are .84.
  EXPECT_NEAR(*calibration_error(of(std::vector<double>(21, .84), std::vector<double>(4, .84))), 0, 1e-12);
  EXPECT_EQ(calibration_error(of({1}, {0})), 0);
  EXPECT_EQ(calibration_error(of({0}, {1})), 1);
}

TEST(Metrics, QuantilesInterpolate) {
  std::vector<double> values = {4, 1, 3, 2};
  EXPECT_DOUBLE_EQ(*quantile(values, 0), 1);
  EXPECT_DOUBLE_EQ(*quantile(values, .5), 2.5);
  EXPECT_DOUBLE_EQ(*quantile(values, 1), 4);
  std::vector<double> none;
  EXPECT_EQ(quantile(none, .5), std::nullopt);
}

}  // namespace
}  // namespace plimsoll::evaluate
