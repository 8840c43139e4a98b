// A text that is full of harm is not read to the end: which texts are does not depend on how they are read.
#include <gtest/gtest.h>

#include <algorithm>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "detect/detector.h"
#include "engine.h"

namespace plimsoll::detect {
namespace {

// With a rule of its own, so that it is known where harm begins.
const Detector& detector() {
  static const auto instance = [] {
    RuleDefinition rule;
    rule.id = "test.word";
    rule.category = Category::kJailbreak;
    rule.entity = "TEST";
    rule.patterns = {R"(\bzorblax\b)"};
    rule.weight = .3;
    auto hint = rule;
    hint.id = "test.hint";
    hint.entity = "HINT";
    hint.patterns = {R"(\bquaxill\b)"};
    hint.weight = .1;
    return *Detector::create(
        {.rules = {.disabled = {}, .enabled = {}, .weights = {}, .rules = {rule, hint}, .meetings = {}},
         .model = {},
         .names = {}});
  }();
  return *instance;
}

std::string repeated(std::string_view piece, std::size_t times) {
  std::string text;
  for (; times > 0; --times) text += piece;
  return text;
}

constexpr std::string_view kPlain = "zorblax, then - ";    // one place
constexpr std::string_view kNothing = "on it goes now. ";  // none
constexpr std::string_view kDisguised =
    "z&#111;rblax, it - now. now and then it "
    "was.... ";  // one, in disguise
static_assert(kPlain.size() == Fullness::kPlace && kNothing.size() == Fullness::kPlace &&
              kDisguised.size() % Fullness::kPlace == 0);

bool is_too_full(const Inspection& inspection) {
  return std::ranges::any_of(inspection.findings,
                             [](const Finding& f) { return f.entity == "TOO_MANY_FINDINGS"; });
}

struct Told {
  bool too_full = false;
  Scores scores;
};
Told in_a_stream(const std::string& text, std::size_t cut) {
  const auto scratch = detector().make_scratch();
  StreamInspector stream(detector(), *scratch);
  Told told;
  std::size_t decided = 0;
  const auto take = [&](const StreamInspector::Step& step) {
    // All that has not left yet is said to be harmful.
    for (const auto& f : step.findings)
      if (f.entity == "TOO_MANY_FINDINGS" && f.category == Category::kPii) {
        EXPECT_GE(f.span.begin, decided);
        if (told.too_full) EXPECT_EQ(f.span.begin, decided);
        EXPECT_EQ(f.continuation, told.too_full);
        told.too_full = true;
        decided = f.span.end;
      }
    EXPECT_GE(step.decided, decided);
    if (told.too_full) EXPECT_EQ(step.decided, decided);
    decided = step.decided;
    told.scores = step.scores;
  };
  for (std::size_t at = 0; at < text.size(); at += cut)
    take(stream.feed(std::string_view(text).substr(at, cut)));
  take(stream.finish());
  EXPECT_EQ(decided, text.size());
  return told;
}

void expect(bool too_full, const std::string& text) {
  const auto scratch = detector().make_scratch();
  const auto whole = detector().inspect(text, *scratch);
  EXPECT_EQ(is_too_full(whole), too_full);
  for (const std::size_t cut : {text.size(), std::size_t{1000}, std::size_t{4096}}) {
    const auto told = in_a_stream(text, cut);
    EXPECT_EQ(told.too_full, too_full) << cut;
    EXPECT_TRUE(told.scores == whole.scores) << cut;
  }
  if (!too_full) return;
  EXPECT_EQ(whole.scores[Category::kCbrn], 1);
  EXPECT_EQ(whole.scores[Category::kHarmfulContent], 1);
  for (const auto& f : whole.findings) EXPECT_EQ(f.span, (Span{.begin = 0, .end = text.size()}));
  EXPECT_TRUE(
      std::ranges::any_of(whole.findings, [](const Finding& f) { return f.category == Category::kPii; }));
  // What was given up leaves no trace.
  const auto after = detector().inspect(repeated(kPlain, 3), *scratch);
  EXPECT_EQ(after.findings.size(), 3U);
  EXPECT_NEAR(after.scores[Category::kJailbreak], .3, 1e-6);
}

TEST(Fullness, IsToldByPlaces) {
  expect(false, repeated(kPlain, Fullness::kMost));
  expect(true, repeated(kPlain, Fullness::kMost + 1));
  expect(true, repeated(kNothing, 2000) + repeated(kPlain, Fullness::kMost + 1) + repeated(kNothing, 2000));
}

TEST(Fullness, IsReachedSoonerInDisguise) {
  constexpr auto kMost = Fullness::kMost / Fullness::kDisguised;
  const auto rest = repeated(kNothing, 4000);
  expect(false, repeated(kDisguised, kMost) + rest);
  expect(true, repeated(kDisguised, kMost) + std::string(kPlain) + rest);
}

TEST(Fullness, OfALongTextIsToldByHowNearTheyAre) {
  constexpr std::size_t kEach = Fullness::kApart / Fullness::kPlace;
  const auto one = std::string(kPlain) + repeated(kNothing, kEach - 1);
  const auto sparse = repeated(kNothing, kEach) + repeated(one, Fullness::kMost + 500);
  expect(false, sparse);
  expect(true, repeated(kPlain, 600) + sparse);
  // Wherever it is: what comes later makes it no better.
  expect(true, repeated(kPlain, Fullness::kMost + 1) + repeated(kNothing, 10'000));
  expect(true, repeated(kPlain, Fullness::kMost + 1) + repeated(kNothing, 150'000));
}

TEST(Fullness, IsToldByIdeas) {
  // Again in the same breath it adds nothing.
  constexpr std::string_view kIdea = "quaxill, then on it goes, now - ",
                             kDisguisedIdea = "qu&#97;xill, then it goes, on - ";
  static_assert(kIdea.size() == 2 * Fullness::kPlace && kDisguisedIdea.size() == kIdea.size());
  expect(false, repeated(kIdea, Fullness::kMostIdeas));
  expect(true, repeated(kIdea, Fullness::kMostIdeas + 1));
  constexpr auto kMost = Fullness::kMostIdeas / Fullness::kDisguisedIdea;
  expect(false, repeated(kDisguisedIdea, kMost));
  expect(true, repeated(kDisguisedIdea, kMost) + std::string(kIdea));
}

TEST(Fullness, IsToldByLettersThatAreDigits) {
  constexpr std::string_view kLeet = "th3 w34th3r now ";
  static_assert(kLeet.size() == Fullness::kPlace);
  expect(false, repeated(kLeet, Fullness::kMostCiphered));
  expect(true, repeated(kLeet, Fullness::kMostCiphered + 1));
}

TEST(Fullness, IsToldByCiphers) {
  // "The committee met on Tuesday to go through the open items. "
  constexpr std::string_view kRot13 = "Gur pbzzvggrr zrg ba Ghrfqnl gb tb guebhtu gur bcra vgrzf. ";
  constexpr std::size_t kMost =
      Fullness::kMostCiphered / Fullness::kCiphered * Fullness::kPlace / kRot13.size();
  const auto rest = repeated(kNothing, 4000);
  expect(false, repeated(kRot13, kMost * 9 / 10) + rest);
  expect(true, repeated(kRot13, kMost * 11 / 10) + rest);
}

// Data that looks like a cipher here and there: the names that a search index repeats.
TEST(Fullness, IsNoneOfData) {
  expect(false, repeated(R"({"tf":1.0},"180":{"tf":1.0},"191":{"df":0,"docs":{}},)", 5000));
}

// Of many short texts, as the messages of a chat: all together.
TEST(Fullness, OfManyTextsIsThatOfAll) {
  constexpr std::size_t kTexts = 64, kEach = Fullness::kMost / kTexts;
  std::vector<std::string> all(kTexts, repeated(kPlain, kEach));
  for (std::size_t i = 0; i < kTexts; ++i) all[i] += std::to_string(i);
  const auto too_full = [](const std::vector<std::string>& strings, Scratch& scratch) {
    const std::vector<std::string_view> texts(strings.begin(), strings.end());
    const auto found = detector().recall(texts, scratch, {});
    const auto is = [](const std::optional<Inspection>& one) { return one && is_too_full(*one); };
    const auto count = std::ranges::count_if(found, is);
    EXPECT_TRUE(count == 0 || static_cast<std::size_t>(count) == texts.size());
    EXPECT_TRUE(std::ranges::all_of(found, [](const auto& one) { return one.has_value(); }));
    return count > 0;
  };
  const auto scratch = detector().make_scratch();
  EXPECT_FALSE(too_full(all, *scratch));
  EXPECT_FALSE(too_full(all, *scratch)) << "remembered";
  all.back() += " " + std::string(kPlain);
  EXPECT_TRUE(too_full(all, *scratch));
  EXPECT_TRUE(too_full(all, *detector().make_scratch())) << "by one that remembers nothing";
  all.pop_back();
  EXPECT_FALSE(too_full(all, *scratch)) << "what was too much is not remembered of each";
}

TEST(Fullness, IsNoneOfPersonalDataAndSecrets) {
  expect(false, repeated("AKIAIOSFODNN7EXAMPLE jane.doe@example.com ", 10'000));
}

TEST(Fullness, IsNotToldWhereTheDeadlinePassed) {
  const auto scratch = detector().make_scratch();
  const auto text = repeated(kNothing, 20'000);
  EXPECT_FALSE(detector().inspect(text, *scratch, Deadline(Deadline::Clock::now())));
  EXPECT_TRUE(detector().inspect(text, *scratch, Deadline()));
}

}  // namespace
}  // namespace plimsoll::detect
