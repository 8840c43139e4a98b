#include <gtest/gtest.h>

#include <cmath>
#include <vector>

#include "calibration.h"
#include "classify/train.h"
#include "exact.h"
#include "test_models.h"

namespace plimsoll::classify {
namespace {

TEST(Calibration, FindsTheCurveThatTheLabelsWereDrawnFrom) {
  Random random(1);
  std::vector<Scored> scored;
  double positives = 0;
  for (int i = 0; i < 20'000; ++i) {
    const double logit = random.uniform() * 8 - 4;
    const bool positive = random.uniform() < sigmoid(1.7 * logit - 0.8);
    positives += positive ? 1 : 0;
    scored.push_back({logit, positive, 1});
  }
  const auto c = fit_calibration(scored, positives / 20'000);
  EXPECT_NEAR(c.slope, 1.7, 0.1);
  EXPECT_NEAR(c.offset, -0.8, 0.1);
}

TEST(Calibration, MeansProbabilityAtTheBaseRateAskedFor) {
  Random random(2);
  std::vector<Scored> scored;
  for (int i = 0; i < 20'000; ++i) {
    const bool positive = i % 2 == 0;
    scored.push_back({(positive ? 1 : -1) + (random.uniform() + random.uniform() - 1) * 3, positive, 1});
  }
  const auto c = fit_calibration(scored, 0.1);
  double mean = 0;
  for (const auto& s : scored) mean += c(s.logit) * (s.positive ? 0.2 : 1.8) / 20'000;
  EXPECT_NEAR(mean, 0.1, 0.01);
}

TEST(Calibration, NeverTurnsTheOrderOfScoresAround) {
  std::vector<Scored> scored;
  for (int i = 0; i < 100; ++i) scored.push_back({static_cast<double>(i), i < 50, 1});
  EXPECT_GT(fit_calibration(scored, 0.5).slope, 0);
}

TEST(Recalibrate, FitsTheHeadsThatTheExamplesKnowAndLeavesTheOthers) {
  TrainOptions o;
  o.row_bits = 12;
  const auto model = train(small_corpus(), o);
  ASSERT_TRUE(model);
  const auto again = recalibrate(*model, small_corpus());
  ASSERT_TRUE(again) << again.error().message;
  EXPECT_EQ(again->heads, (std::vector{Category::kCbrn, Category::kHarmfulContent}));
  EXPECT_EQ(again->model.parameters().calibration[4].slope, model->parameters().calibration[4].slope);
  EXPECT_NE(again->model.version(), model->version());
  Scratch scratch;
  double mean = 0;
  for (const auto& e : small_corpus())
    mean += again->model.assess(e.text, scratch).scores[Category::kCbrn] / 120;
  EXPECT_NEAR(mean, 0.5, 0.02);
}

TEST(Recalibrate, SaysWhenThereIsTooLittleToFit) {
  const Model model(random_parameters(1));
  const auto examples = small_corpus();
  const auto few = recalibrate(model, std::span(examples).first(10));
  ASSERT_FALSE(few);
  EXPECT_EQ(few.error().message, "no category has 20 positive and 20 negative examples");
}

}  // namespace
}  // namespace plimsoll::classify
