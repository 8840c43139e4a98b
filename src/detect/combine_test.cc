#include "combine.h"

#include <gtest/gtest.h>

namespace plimsoll::detect {
namespace {

Scores scored(double cbrn) {
  Scores scores;
  scores.raise(Category::kCbrn, cbrn);
  return scores;
}

Scores combine(const Scores& rules, const Scores& model) {
  return Combination()(rules, model);
}

TEST(Combine, TheModelAloneCountsAPart) {
  EXPECT_NEAR(combine({}, scored(.6))[Category::kCbrn], .6 * .14, 1e-6);
}

TEST(Combine, OnlyAHintOfARuleGivesTheModelMoreWeight) {
  EXPECT_NEAR(combine(scored(.02), scored(.6))[Category::kCbrn], 1 - .98 * (1 - .6 * .14), 1e-6);
  EXPECT_NEAR(combine(scored(.03), scored(.6))[Category::kCbrn], 1 - .97 * .4, 1e-6);
}

TEST(Combine, WhatHintsAtAKindOfHarmHintsAtHarm) {
  Scores rules, model;
  model.raise(Category::kHarmfulContent, .4);
  const double alone = combine(rules, model)[Category::kHarmfulContent];
  rules.raise(Category::kSelfHarm, .2);
  EXPECT_GT(combine(rules, model)[Category::kHarmfulContent], alone);
}

TEST(Combine, HarmInWordsOfCrimeIsOne) {
  Scores rules, model;
  model.raise(Category::kHarmfulContent, .9);
  EXPECT_EQ(combine(rules, model)[Category::kExploitation], 0);
  rules.raise(Category::kExploitation, .06);
  EXPECT_GT(combine(rules, model)[Category::kExploitation], .3);
}

TEST(Combine, AnnoyanceIsNoInsult) {
  Scores rules, model;
  rules.raise(Category::kToxicity, .29);
  model.raise(Category::kToxicity, 1);
  EXPECT_LT(combine(rules, model)[Category::kToxicity], .8);
}

// At the general tier's thresholds.
TEST(Combine, TheModelAloneReachesNoThreshold) {
  Scores model;
  for (const auto& part : kModelAlone) model.raise(part.category, 1);
  const auto scores = combine({}, model);
  EXPECT_LT(scores[Category::kCbrn], .15);
  for (const auto category : {Category::kSelfHarm, Category::kJailbreak, Category::kExploitation})
    EXPECT_LT(scores[category], .3);
  EXPECT_LT(scores[Category::kToxicity], .8);
}

TEST(Combine, CalibratedScoresGoUpAndStayAtThresholds) {
  for (const auto& calibrated : kCalibrations) {
    for (int i = 0; i < 1000; ++i) EXPECT_LT(calibrated(i / 1000.), calibrated((i + 1) / 1000.));
    EXPECT_EQ(calibrated(0), 0);
    EXPECT_EQ(calibrated(1), 1);
  }
  const auto calibrated = [](Category category, double score) {
    return std::ranges::find(kCalibrations, category, &Calibration::category)->operator()(score);
  };
  for (const double threshold : {.3, .45, .5, .6})
    EXPECT_NEAR(calibrated(Category::kExploitation, threshold), threshold, 1e-12);
  EXPECT_NEAR(calibrated(Category::kHarmfulContent, .5), .5, 1e-12);
}

TEST(Combine, AModelOfTheirOwnCountsAsTheySay) {
  const std::pair<Category, double> own[] = {{Category::kExploitation, 1.}, {Category::kCbrn, 0.}};
  Scores model;
  for (const auto& part : kModelAlone) model.raise(part.category, .4);
  const auto scores = Combination(own)({}, model);
  EXPECT_NEAR(scores[Category::kExploitation], .4, 1e-12);
  EXPECT_EQ(scores[Category::kCbrn], 0);
  EXPECT_NEAR(scores[Category::kJailbreak], .4 * .29, 1e-12);
}

TEST(Combine, NeverSaysLessThanEither) {
  for (const double rules : {0., .02, .024, .025, .1, .5, .99})
    for (const double model : {0., .3, .9}) {
      const double both = combine(scored(rules), scored(model))[Category::kCbrn];
      EXPECT_GE(both + 1e-6, rules);
      EXPECT_GE(both + 1e-6, model * .14);
    }
}

}  // namespace
}  // namespace plimsoll::detect
