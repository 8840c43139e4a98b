// A risk spread over many messages: what a policy says of it, and what it makes of the counts.
#include "policy/fixture.h"
#include "support_test.h"

namespace plimsoll::policy {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

constexpr std::string_view kPolicy = R"(
accumulate:
  - id: slow-biology
    categories: [cbrn]
    per: [user, session]
    window: 24 hours
    min_score: 0.05
    count: 3
    sum: 2.5
    level: 3
    action: escalate
    tiers: [general, untiered]
    description: Slowly
  - { id: quiet, categories: [deception], window: 1 hour, count: 2, mode: shadow, action: block }
  - { id: look, categories: [jailbreak, toxicity], per: org, window: 7 days, sum: 1.5, min_score: 0.3 }
)";

Verdict decide(const Policy& policy, std::vector<Accumulated> facts) {
  World world;
  const Context context;
  return policy.decide({world.conversation, world.found, world.caller, context, {}, facts});
}

TEST(Accumulate, IsReachedAtItsLimitAndNotUnderIt) {
  const auto policy = parsed(kPolicy);
  struct Row {
    std::uint64_t count;
    double sum;
    bool reached;
  };
  for (const Row& row : {Row{2, 2.4999, false}, Row{3, 0.15, true}, Row{4, 0.2, true}, Row{1, 2.5, true},
                         Row{2, 2.4, false}}) {
    const auto verdict =
        decide(*policy, {{.id = "slow-biology", .score = 0.05, .count = row.count, .sum = row.sum}});
    EXPECT_EQ(verdict.action, row.reached ? Action::kEscalate : Action::kAllow)
        << row.count << " " << row.sum;
    EXPECT_EQ(verdict.review, row.reached);
    EXPECT_EQ(verdict.asl_level, row.reached ? 3 : 0);
  }
}

TEST(Accumulate, NamesTriggerWindowAndWhose) {
  const auto policy = parsed(kPolicy);
  const auto verdict = decide(*policy, {{.id = "slow-biology", .per = Per::kSession, .count = 3}});
  EXPECT_THAT(verdict.reasons, ElementsAre("slow-biology: over 24 hours, per session"));
  ASSERT_EQ(verdict.rules.size(), 1U);
  EXPECT_EQ(verdict.rules[0].id, "accumulate.slow-biology.session");
}

TEST(Accumulate, ShadowIsRecordedAndWithoutEffect) {
  const auto policy = parsed(kPolicy);
  const auto verdict = decide(*policy, {{.id = "quiet", .count = 9}});
  EXPECT_EQ(verdict.action, Action::kAllow);
  EXPECT_FALSE(verdict.review);
  EXPECT_THAT(verdict.reasons, IsEmpty());
  ASSERT_EQ(verdict.rules.size(), 1U);
  EXPECT_TRUE(verdict.rules[0].shadow);
}

TEST(Accumulate, OpensOneReviewAndNotOneForEveryMessageThatFollows) {
  const auto policy = parsed(kPolicy);
  EXPECT_TRUE(decide(*policy, {{.id = "look", .per = Per::kOrg, .count = 5, .sum = 1.5}}).review);
  const auto later =
      decide(*policy, {{.id = "look", .per = Per::kOrg, .count = 6, .sum = 1.8, .noticed = true}});
  EXPECT_FALSE(later.review);
  EXPECT_EQ(later.action, Action::kAllow);
  EXPECT_EQ(later.reasons.size(), 1U);
}

TEST(Accumulate, AddedAfterwardsIsTheSameVerdict) {
  const auto policy = parsed(kPolicy);
  const std::vector<Accumulated> facts = {{.id = "slow-biology", .count = 3}, {.id = "quiet", .count = 2}};
  auto verdict = decide(*policy, {});
  policy->add_accumulated(verdict, facts);
  const auto whole = decide(*policy, facts);
  EXPECT_EQ(verdict.action, whole.action);
  EXPECT_EQ(verdict.reasons, whole.reasons);
  EXPECT_EQ(verdict.review, whole.review);
  EXPECT_EQ(verdict.rules.size(), whole.rules.size());
}

TEST(Accumulate, WhatIsUnknownSaysNothing) {
  EXPECT_THAT(decide(*parsed(kPolicy), {{.id = "gone", .count = 99}}).rules, IsEmpty());
}

TEST(Accumulate, CountsFromTheLeastScoreOnForTheTiersItNames) {
  const auto policy = parsed(kPolicy);
  const auto& slow = policy->accumulations()[0];
  Scores scores;
  scores.set(Category::kCbrn, 0.0499);
  EXPECT_EQ(slow.score_of(scores), 0);
  scores.set(Category::kCbrn, 0.05);
  EXPECT_EQ(slow.score_of(scores), 0.05);
  EXPECT_TRUE(slow.judges(Tier::kGeneral));
  EXPECT_FALSE(slow.judges(Tier::kEnterprise));
  EXPECT_TRUE(slow.judges(std::nullopt));
  EXPECT_FALSE(policy->accumulations()[2].judges(std::nullopt)) << "without 'tiers': those that have one";
}

TEST(Accumulate, TheEffectiveDocumentIsItselfAPolicyOfTheSameVersion) {
  const auto policy = parsed(kPolicy);
  const auto again = parsed(to_json(policy->document()));
  ASSERT_TRUE(again);
  EXPECT_EQ(again->version(), policy->version());
  EXPECT_EQ(policy->accumulations()[2].window, std::chrono::days(7));
}

TEST(Accumulate, SaysWhatIsWrong) {
  const auto with = [](const std::string& line) { return problems_of("accumulate:\n  - {" + line + "}\n"); };
  const std::string good = "id: a, categories: [cbrn], window: 1 hour, ";
  EXPECT_THAT(with(good + "count: 2"), IsEmpty());
  EXPECT_THAT(with(good), Contains(HasSubstr("needs 'count' or 'sum'")));
  EXPECT_THAT(with(good + "count: 1"), Contains(HasSubstr("'count'")));
  EXPECT_THAT(with(good + "count: 501"), Contains(HasSubstr("'count'")));
  EXPECT_THAT(with(good + "sum: 1"), Contains(HasSubstr("can be reached by one text")));
  EXPECT_THAT(with(good + "sum: 60, min_score: 0.1"), Contains(HasSubstr("raise 'min_score'")));
  EXPECT_THAT(with(good + "count: 2, min_score: 0"), Contains(HasSubstr("reached by every text")));
  EXPECT_THAT(with(good + "count: 2, per: [user, team]"), Contains(HasSubstr("unknown 'team' in 'per'")));
  EXPECT_THAT(with(good + "count: 2, tiers: gold"), Contains(HasSubstr("unknown 'gold' in 'tiers'")));
  EXPECT_THAT(with("id: a, categories: [cbrn], window: soon, count: 2"), Contains(HasSubstr("'30 minutes'")));
  EXPECT_THAT(with("id: a, categories: [cbrn], window: 32 days, count: 2"),
              Contains(HasSubstr("up to 31 days")));
  EXPECT_THAT(with("id: a.b, categories: [cbrn], window: 1 day, count: 2"),
              Contains(HasSubstr("letters, digits")));
  EXPECT_THAT(with("categories: [cbrn], window: 1 day, count: 2"), Contains(HasSubstr("'id'")));
  EXPECT_THAT(
      problems_of("accumulate: [{id: a, categories: [cbrn], window: 1 day, count: 2}, {id: a, categories: "
                  "[cbrn], window: 1 day, count: 2}]"),
      Contains(HasSubstr("duplicate accumulation 'a'")));
}

TEST(Accumulate, FactsCanBeWrittenDown) {
  const auto fixture = facts_from_text(
      "prompt: x\naccumulated: [{id: slow-biology, per: session, score: 0.1, count: 3, sum: 0.3}]\n",
      "f.yaml");
  ASSERT_TRUE(fixture);
  const auto policy = parsed(kPolicy);
  EXPECT_EQ(policy->decide((*fixture)->facts()).action, Action::kEscalate);
  const auto explanation = policy->explain((*fixture)->facts());
  const auto& windows = explanation.at("accumulate").as_array();
  ASSERT_EQ(windows.size(), 1U);
  EXPECT_EQ(windows[0].at("reached"), true);
}

}  // namespace
}  // namespace plimsoll::policy
