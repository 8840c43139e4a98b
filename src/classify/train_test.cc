#include "classify/train.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <map>
#include <set>

#include "test_models.h"

namespace plimsoll::classify {
namespace {

TrainOptions small_options() {
  TrainOptions o;
  o.row_bits = 12;
  o.epochs = 4;
  return o;
}

std::string temporary(const std::string& name) {
  return (std::filesystem::path(testing::TempDir()) / ("classify_" + name)).string();
}

TEST(Train, TellsApartWhatItWasTaughtToTellApart) {
  const auto model = train(small_corpus(), small_options());
  ASSERT_TRUE(model) << model.error().message;
  Scratch scratch;
  const auto bad = model->assess("how do I make a bomb and poison gas", scratch).scores;
  const auto good = model->assess("how do I make a cake and bread soup", scratch).scores;
  EXPECT_GT(bad[Category::kCbrn], 0.7);
  EXPECT_LT(good[Category::kCbrn], 0.3);
  EXPECT_GT(bad[Category::kHarmfulContent], 0.7);
  EXPECT_EQ(bad[Category::kToxicity], good[Category::kToxicity]);  // nothing known of it
}

TEST(Train, GivesTheSameBytesTwice) {
  TrainOptions o = small_options();
  o.min_word = 2;
  o.hidden = 8;
  o.dropout = 0.2;
  o.calibration_folds = 2;
  const auto first = train(small_corpus(), o);
  const auto second = train(small_corpus(), o);
  ASSERT_TRUE(first && second);
  EXPECT_EQ(first->serialize(), second->serialize());
  o.seed = 2;
  EXPECT_NE(train(small_corpus(), o)->serialize(), first->serialize());
}

TEST(Train, GoesOnFromItsCheckpointToTheSameBytesWhereverItWasStopped) {
  TrainOptions o = small_options();
  o.min_word = 2;
  o.hidden = 8;
  o.calibration_folds = 2;
  const auto examples = small_corpus();
  const auto whole = train(examples, o);
  ASSERT_TRUE(whole);
  const std::string path = temporary("checkpoint");
  for (int stop = 1; stop < 15; ++stop) {
    std::filesystem::remove(path);
    int steps = 0;
    const auto stopped = train(examples, o, [&](std::string_view, double) { return ++steps < stop; }, path);
    EXPECT_FALSE(stopped);
    int again = 0;
    const auto resumed = train(examples, o, [&](std::string_view, double) { return ++again < 100; }, path);
    ASSERT_TRUE(resumed);
    EXPECT_EQ(resumed->serialize(), whole->serialize()) << "stopped at step " << stop;
    if (stop > 2) EXPECT_LT(again, 15) << "began anew";
    EXPECT_FALSE(std::filesystem::exists(path));
  }
}

TEST(Train, BeginsAnewWhenACheckpointIsDamagedOrOfOtherOptions) {
  TrainOptions o = small_options();
  const auto examples = small_corpus();
  const std::string path = temporary("damaged");
  int steps = 0;
  ASSERT_FALSE(train(examples, o, [&](std::string_view, double) { return ++steps < 4; }, path));
  {
    std::fstream file(path, std::ios::in | std::ios::out | std::ios::binary);
    file.seekp(200);
    file.put('!');
  }
  EXPECT_EQ(train(examples, o, {}, path)->serialize(), train(examples, o)->serialize());
  steps = 0;
  ASSERT_FALSE(train(examples, o, [&](std::string_view, double) { return ++steps < 4; }, path));
  o.seed = 9;
  EXPECT_EQ(train(examples, o, {}, path)->serialize(), train(examples, o)->serialize());
}

TEST(Train, LearnsNothingFromLabelsThatAreUnknown) {
  auto examples = small_corpus();
  auto more = examples;
  Example unknown;
  unknown.text = "how do I build a pipe bomb at home";
  unknown.source = "aunknown";
  more.push_back(unknown);
  const auto a = train(examples, small_options());
  const auto b = train(more, small_options());
  Scratch scratch;
  const auto score = [&](const Model& m) {
    return m.assess("explain how to make a dirty bomb", scratch).scores;
  };
  EXPECT_NEAR(score(*a)[Category::kCbrn], score(*b)[Category::kCbrn], 0.1);
  for (auto& e : examples) e.labels.fill(Label::kUnknown);
  const auto none = train(examples, small_options());
  ASSERT_FALSE(none);
  EXPECT_EQ(none.error().message, "no category has both positive and negative examples");
}

TEST(Folds, KeepSourcesAndTheirFamiliesWhole) {
  std::vector<Example> examples;
  for (int i = 0; i < 400; ++i) {
    Example e;
    e.source = "family" + std::to_string(i % 10) + "-" + std::to_string(i % 40);
    e.labels[static_cast<std::size_t>(i % 7)] = i % 3 == 0 ? Label::kPositive : Label::kNegative;
    examples.push_back(e);
  }
  const auto fold = assign_folds(examples, 4);
  std::map<std::string, std::set<unsigned>> seen;
  std::set<unsigned> used;
  for (std::size_t i = 0; i < examples.size(); ++i) {
    seen[examples[i].source.substr(0, examples[i].source.find('-'))].insert(fold[i]);
    used.insert(fold[i]);
  }
  for (const auto& [family, folds] : seen) EXPECT_EQ(folds.size(), 1U) << family;
  EXPECT_EQ(used.size(), 4U);
}

TEST(TrainLeftOut, GivesForEachFoldAModelThatHasNotSeenIt) {
  TrainOptions o = small_options();
  o.calibration_folds = 2;
  const auto examples = small_corpus();
  const auto models = train_left_out(examples, o);
  ASSERT_TRUE(models) << models.error().message;
  ASSERT_EQ(models->size(), 2U);
  const auto fold = assign_folds(examples, 2);
  for (unsigned f = 0; f < 2; ++f) {
    ASSERT_TRUE((*models)[f]);
    std::vector<Example> others;
    for (std::size_t i = 0; i < examples.size(); ++i)
      if (fold[i] != f) others.push_back(examples[i]);
    TrainOptions plain = o;
    plain.calibration_folds = 0;
    const auto alone = train(others, plain);
    ASSERT_TRUE(alone);
    EXPECT_EQ((*models)[f]->parameters().bias, alone->parameters().bias);
  }
  o.calibration_folds = 0;
  EXPECT_FALSE(train_left_out(examples, o));
}

}  // namespace
}  // namespace plimsoll::classify
