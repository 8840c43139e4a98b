#include "summarize.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "policy/shipped.h"

namespace plimsoll::evaluate {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

// Measurements written down.
class World {
 public:
  World() {
    subject.policy = *policy::Policy::parse(policy::shipped_yaml(), std::string(policy::kShippedName));
    options.resamples = 200;
  }
  std::uint32_t source(const std::string& name) { return number(m.sources, name); }
  std::uint32_t type(const std::string& name) { return number(m.types, name); }

  Measured& row(const std::string& from, Category category, bool positive, double score) {
    Measured r;
    r.source = source(from);
    r.bytes = 1000;
    r.inspect_us = 10;
    r.labelled = true;
    r.any_positive = positive;
    r.truth.at(static_cast<std::size_t>(category)) = positive ? Truth::kPositive : Truth::kNegative;
    r.scores.set(category, score);
    m.rows.push_back(std::move(r));
    return m.rows.back();
  }
  void spans(const std::string& from, std::vector<Place> marked, std::vector<Place> found) {
    Measured r;
    r.source = source(from);
    r.has_spans = true;
    r.marked = std::move(marked);
    r.found = std::move(found);
    m.rows.push_back(std::move(r));
  }
  Report report() const {
    Report out;
    EXPECT_TRUE(summarize(m, options, subject, out));
    return out;
  }

  Measurements m;
  Options options;
  Subject subject;

 private:
  static std::uint32_t number(std::vector<std::string>& names, const std::string& name) {
    const auto at = std::ranges::find(names, name) - names.begin();
    if (static_cast<std::size_t>(at) == names.size()) names.push_back(name);
    return static_cast<std::uint32_t>(at);
  }
};

const Measures& of(const CategoryReport& report, std::string_view source) {
  return *std::ranges::find(report.sources, source, &Measures::source);
}

// 200 harmless texts, two of which score .4 and .35; a source of ten attacks; a mixed source.
World attacks() {
  World w;
  for (int i = 0; i < 200; ++i) w.row("chat", Category::kJailbreak, false, i == 0 ? .4 : i == 1 ? .35 : 0);
  for (int i = 0; i < 10; ++i) w.row("attacks", Category::kJailbreak, true, i < 6 ? .9 : i < 8 ? .38 : 0);
  for (int i = 0; i < 20; ++i) w.row("mixed", Category::kJailbreak, i < 10, i < 5 ? .5 : 0);
  return w;
}

TEST(Summary, ASourceOfAttacksAloneIsHeldAgainstTheBenignSources) {
  const auto report = attacks().report();
  ASSERT_EQ(report.categories.size(), 1U);
  const auto& jailbreak = report.categories[0];
  EXPECT_EQ(jailbreak.benign_negatives, 200U);  // not those of the mixed source
  const auto& attack = of(jailbreak, "attacks");
  EXPECT_EQ(attack.auroc.value, std::nullopt);
  EXPECT_EQ(attack.recall_at_1.value, std::nullopt);
  // Two of 200 may be above: the third highest benign score is 0, so eight of ten are found.
  EXPECT_DOUBLE_EQ(*attack.benign_recall_at_1.value, .8);
  EXPECT_EQ(attack.benign_recall_at_01.value, std::nullopt);  // 200 texts cannot show .1 %
  EXPECT_FALSE(attack.benign);
  EXPECT_TRUE(of(jailbreak, "chat").benign);
}

TEST(Summary, CountsAtEachTiersThreshold) {
  const auto report = attacks().report();
  const auto& all = report.categories[0].all;
  ASSERT_EQ(all.thresholds.size(), 3U);  // the shipped policy has none for untiered callers
  EXPECT_EQ(all.thresholds[0].name, "general");
  EXPECT_EQ(all.thresholds[0].threshold, .3);
  EXPECT_EQ(all.thresholds[0].counts, (Confusion{13, 2, 7, 208}));
  EXPECT_EQ(all.thresholds[1].counts, (Confusion{11, 0, 9, 210}));  // .45
  EXPECT_EQ(all.thresholds[2].counts, (Confusion{6, 0, 14, 210}));  // .6
  EXPECT_DOUBLE_EQ(*all.thresholds[0].precision.value, 13 / 15.);
}

TEST(Summary, TheMeanOverSourcesCountsThemAlikeAndNamesTheWorst) {
  const auto report = attacks().report();
  const auto& over = report.categories[0].benign_recall_at_1;
  EXPECT_EQ(over.sources, 2U);
  EXPECT_DOUBLE_EQ(*over.mean.value, (.8 + .5) / 2);
  EXPECT_EQ(over.worst, .5);
  EXPECT_EQ(over.worst_source, "mixed");
}

TEST(Summary, AnUnknownLabelIsNotANegative) {
  World w = attacks();
  w.row("chat", Category::kCbrn, true, .9);
  const auto report = w.report();
  ASSERT_EQ(report.categories.size(), 2U);
  const auto& cbrn = *std::ranges::find(report.categories, Category::kCbrn, &CategoryReport::category);
  EXPECT_EQ(cbrn.all.texts, 1U);
  EXPECT_EQ(of(cbrn, "chat").texts, 1U);
}

TEST(Summary, ASourceWithOneHarmfulTextIsNotBenign) {
  World w = attacks();
  w.row("chat", Category::kCbrn, true, .9);
  const auto report = w.report();
  const auto& jailbreak =
      *std::ranges::find(report.categories, Category::kJailbreak, &CategoryReport::category);
  EXPECT_EQ(jailbreak.benign_negatives, 0U);
  EXPECT_EQ(of(jailbreak, "attacks").benign_recall_at_1.value, std::nullopt);
}

TEST(Summary, SecretsAreFoundOrNot) {
  World w;
  w.row("keys", Category::kSecret, true, .7);
  w.row("keys", Category::kSecret, true, 0);
  w.row("keys", Category::kSecret, false, .01);
  const auto report = w.report();
  const auto& at = report.categories[0].all.thresholds;
  ASSERT_EQ(at.size(), 1U);
  EXPECT_EQ(at[0].name, "found");
  EXPECT_EQ(at[0].counts, (Confusion{1, 1, 1, 0}));
}

TEST(Summary, IntervalsHoldTheFigureAndDoNotDependOnTheThreads) {
  World w = attacks();
  const auto one = w.report();
  w.options.jobs = 3;
  const auto three = w.report();
  EXPECT_EQ(to_json(one).at("categories"), to_json(three).at("categories"));
  const auto& auroc = one.categories[0].all.auroc;
  ASSERT_TRUE(auroc.interval);
  EXPECT_LT(auroc.interval->low, *auroc.value);
  EXPECT_GT(auroc.interval->high, *auroc.value);
  w.options.resamples = 0;
  EXPECT_FALSE(w.report().categories[0].all.auroc.interval);
}

TEST(Summary, MarksSourcesThatTrainingHasSeen) {
  World w = attacks();
  w.subject.trained_on = {"attacks"};
  w.m.rows[0].training = true;  // the row's split says so
  const auto report = w.report();
  const auto& jailbreak = report.categories[0];
  EXPECT_TRUE(of(jailbreak, "attacks").shares_training);
  EXPECT_TRUE(of(jailbreak, "chat").shares_training);
  EXPECT_FALSE(of(jailbreak, "mixed").shares_training);
  EXPECT_THAT(to_text(report), HasSubstr("attacks *"));
}

TEST(Summary, CountsWhatHappensToHarmlessAndHarmfulTexts) {
  World w;
  w.row("chat", Category::kJailbreak, false, 0);
  w.row("chat", Category::kJailbreak, false, .4).actions = {Action::kRedact, Action::kAllow, Action::kAllow,
                                                            Action::kBlock};
  w.row("mixed", Category::kJailbreak, true, .9).actions.fill(Action::kBlock);
  w.row("mixed", Category::kJailbreak, false, 0);       // may be harmful in another way
  w.row("mixed", Category::kHarmfulContent, false, 0);  // is not
  const auto report = w.report();
  ASSERT_EQ(report.actions.size(), 3U);
  EXPECT_EQ(report.actions[0].source, "");
  EXPECT_EQ(report.actions[0].harmless.texts, 3U);
  EXPECT_THAT(report.actions[0].harmless.allowed, ElementsAre(2, 3, 3, 2));
  EXPECT_THAT(report.actions[0].harmless.goes_on, ElementsAre(3, 3, 3, 2));
  EXPECT_EQ(report.actions[0].harmful.texts, 1U);
  EXPECT_THAT(report.actions[0].harmful.allowed, ElementsAre(0, 0, 0, 0));
  EXPECT_EQ(report.actions[1].source, "chat");
}

TEST(Summary, SpansByTypeAndWhateverTheType) {
  World w;
  const auto person = w.type("PERSON"), place = w.type("LOCATION"), mail = w.type("EMAIL_ADDRESS");
  w.spans("a", {{{0, 10}, person}, {{20, 30}, place}}, {{{0, 10}, person}, {{20, 30}, person}});
  w.spans("a", {{{0, 10}, person}}, {{{40, 50}, place}, {{60, 70}, mail}});
  const auto report = w.report();
  ASSERT_EQ(report.spans.size(), 2U);  // all, a
  const auto& types = report.spans[1].types;
  ASSERT_EQ(types.size(), 4U);
  const auto row = [](const SpanMeasures& m) { return std::tuple(m.type, m.marked, m.matched, m.spurious); };
  EXPECT_EQ(row(types[0]), std::tuple("LOCATION", 1U, 0U, 1U));
  EXPECT_EQ(row(types[1]), std::tuple("PERSON", 2U, 1U, 1U));
  EXPECT_EQ(row(types[2]), std::tuple("all types", 3U, 1U, 2U));
  EXPECT_EQ(row(types[3]), std::tuple("any type", 3U, 2U, 1U));
  EXPECT_EQ(report.spans[1].unjudged, 1U);  // nobody marked e-mail addresses there
  EXPECT_DOUBLE_EQ(*types[3].precision.value, 2 / 3.);
  EXPECT_DOUBLE_EQ(*types[3].recall.value, 2 / 3.);
  EXPECT_DOUBLE_EQ(*types[2].f2.value, 5 * 1 / (5 * 1 + 4 * 2 + 2.));
}

TEST(Summary, SpeedIsPerTextAndPerKilobyte) {
  World w;
  for (int i = 0; i < 4; ++i) {
    auto& row = w.row("a", Category::kCbrn, false, 0);
    row.bytes = i == 3 ? 4096 : 100;
    row.inspect_us = i == 3 ? 400 : 20;
  }
  const auto speed = w.report().speed;
  EXPECT_EQ(speed.bytes, 4396U);
  EXPECT_NEAR(speed.seconds, 460e-6, 1e-9);
  EXPECT_DOUBLE_EQ(speed.p50_us_per_kb, 20);  // a short text counts as a whole KB
  ASSERT_EQ(speed.sizes.size(), 2U);
  EXPECT_EQ(speed.sizes[0].texts, 3U);
  EXPECT_EQ(speed.sizes[1].p50_us, 400);
}

}  // namespace
}  // namespace plimsoll::evaluate
