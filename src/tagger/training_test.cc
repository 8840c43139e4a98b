#include "tagger/training.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace plimsoll::tagger {
namespace {

NameSpan span(std::size_t begin, std::size_t end, Kind kind = Kind::kPerson, float confidence = 1) {
  return {.begin = begin, .end = end, .kind = kind, .confidence = confidence};
}

std::vector<Example> examples() {
  return {
      {.text = "I met Xyzzy at the Plugh hotel.", .spans = {span(6, 11)}, .annotation = Annotation::kAll},
      {.text = "Nothing to see here, says nobody.", .spans = {}, .annotation = Annotation::kNone},
      {.text = "Some people like Paris in the spring.", .spans = {}, .annotation = Annotation::kUnmarked}};
}

TEST(Training, TwiceGivesTheSameBytes) {
  const TrainOptions options{.epochs = 1, .rounds = 1};
  const auto first = train(examples(), options);
  ASSERT_TRUE(first);
  EXPECT_EQ(*train(examples(), options), *first);
  EXPECT_NE(*train(examples(), {.epochs = 1, .seed = 2, .rounds = 1}), *first);
}

TEST(Training, LearnsWhatItIsShown) {
  const auto model = train(examples(), {.epochs = 3, .rounds = 3});
  ASSERT_TRUE(model);
  const auto tagger = Tagger::create(*model).value();
  Scratch scratch;
  std::vector<NameSpan> spans;
  const std::string text = "Hi, my name is Maria Lopez.";
  tagger->tag(text, scratch, spans);
  ASSERT_EQ(spans.size(), 1U);
  EXPECT_EQ(text.substr(spans[0].begin, spans[0].end - spans[0].begin), "Maria Lopez");
}

TEST(Training, NeedsSomethingToLearnFrom) {
  EXPECT_FALSE(train({}, {.epochs = 1, .rounds = 0}));
}

TEST(Measure, AsksForTheKindAndMoreThanSevenTenths) {
  Figures figures{};
  const std::vector<NameSpan> expected{span(0, 10), span(20, 30, Kind::kLocation)};
  measure(std::vector{span(0, 8), span(20, 30, Kind::kPerson), span(40, 45, Kind::kPerson, 0.2F)}, expected,
          0.5F, figures);
  const Counts& persons = figures[static_cast<std::size_t>(Kind::kPerson)];
  EXPECT_EQ(persons.found, 1U);
  EXPECT_EQ(persons.predicted, 2U);
  EXPECT_EQ(persons.expected, 1U);
  EXPECT_EQ(figures[kKinds].found, 2U);
  EXPECT_DOUBLE_EQ(figures[kKinds].recall(), 1);

  Figures short_of{};
  measure(std::vector{span(0, 7)}, expected, 0, short_of);
  EXPECT_EQ(short_of[0].found, 0U);
}

TEST(Calibrate, MakesConfidencesHold) {
  const auto raw = train(examples(), {.epochs = 1, .rounds = 1});
  std::vector<Judged> judged;  // says .9, and is right half of the time
  for (int i = 0; i < 1000; ++i)
    judged.push_back({.kind = Kind::kPerson, .confidence = 0.9F, .right = i % 2 == 0});
  const auto fitted = calibrate(*raw, judged);
  ASSERT_TRUE(fitted);
  Scratch scratch;
  std::vector<NameSpan> before, after;
  const std::string_view text = "Hi, my name is Maria Lopez.";
  Tagger::create(*raw).value()->tag(text, scratch, before);
  Tagger::create(*fitted).value()->tag(text, scratch, after);
  ASSERT_EQ(before.size(), 1U);
  ASSERT_EQ(after.size(), 1U);
  EXPECT_LT(after[0].confidence, before[0].confidence);
}

}  // namespace
}  // namespace plimsoll::tagger
