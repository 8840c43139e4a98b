#include "support_test.h"

namespace plimsoll::policy {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

TEST(Decide, AllowsWhereNothingIsFound) {
  const auto verdict = World().decide(shipped());
  EXPECT_EQ(verdict.action, Action::kAllow);
  EXPECT_THAT(verdict.reasons, IsEmpty());
  EXPECT_THAT(verdict.rules, IsEmpty());
  EXPECT_EQ(verdict.asl_level, 0);
  EXPECT_FALSE(verdict.review);
}

TEST(Decide, AnswersAHighJailbreakScoreInSafeMode) {
  const auto verdict = World().says(R"({"jailbreak_score":0.9})").decide(shipped());
  EXPECT_TRUE(verdict.allowed());
  EXPECT_EQ(verdict.action, Action::kSafeMode);
  EXPECT_THAT(verdict.reasons, ElementsAre("high jailbreak score"));
  EXPECT_EQ(World().says(R"({"jailbreak_score":0.8})").decide(shipped()).action, Action::kAllow);
}

TEST(Decide, BlocksPersonalDataWithoutALawfulBasis) {
  for (const auto* context :
       {R"({"contains_pii":true,"lawful_basis":false})", R"({"contains_pii":true})",
        R"({"contains_pii":true,"lawful_basis":"because"})", R"({"contains_pii":true,"lawful_basis":""})",
        R"({"contains_pii":true,"lawful_basis":null})"}) {
    const auto verdict = World().says(context).decide(shipped());
    EXPECT_FALSE(verdict.allowed()) << context;
    EXPECT_EQ(verdict.action, Action::kBlock) << context;
    EXPECT_THAT(verdict.reasons, ElementsAre("PII without lawful basis")) << context;
  }
}

TEST(Decide, AllowsPersonalDataOnALawfulBasisOfTheContextOrTheCaller) {
  for (const auto* basis : {"true", "\"consent\"", "\"contract\"", "\"legal_obligation\"",
                            "\"legitimate_interest\"", "\"public_task\"", "\"vital_interests\""}) {
    const auto context = R"({"contains_pii":true,"lawful_basis":)" + std::string(basis) + "}";
    EXPECT_EQ(World().says(context).decide(shipped()).action, Action::kAllow) << basis;
  }
  World world;
  world.caller.lawful_basis = true;
  EXPECT_EQ(world.finds(Category::kPii).decide(shipped()).action, Action::kAllow);
}

TEST(Decide, FindsPersonalDataItselfWhateverTheCallerSays) {
  const auto verdict = World().says(R"({"contains_pii":false})").finds(Category::kPii).decide(shipped());
  EXPECT_THAT(verdict.reasons, ElementsAre("PII without lawful basis"));
}

TEST(Decide, DecidesPersonalDataBeforeJailbreak) {
  const auto verdict = World().says(R"({"contains_pii":true,"jailbreak_score":0.95})").decide(shipped());
  EXPECT_EQ(verdict.action, Action::kBlock);
  EXPECT_THAT(verdict.reasons, ElementsAre("PII without lawful basis", "high jailbreak score"));
  EXPECT_TRUE(verdict.fired.has(Action::kSafeMode));
}

TEST(Decide, SummarisesWhatIsVerbatimOverTheLimit) {
  const auto verdict = World().output().says(R"({"verbatim_ratio":0.5})").decide(shipped());
  EXPECT_TRUE(verdict.allowed());
  EXPECT_EQ(verdict.action, Action::kSummarize);
  EXPECT_THAT(verdict.reasons, ElementsAre("verbatim over limit"));
  EXPECT_EQ(World().output().says(R"({"verbatim_ratio":0.2})").decide(shipped()).action, Action::kAllow);
  EXPECT_EQ(World().says(R"({"verbatim_ratio":0.5})").decide(shipped()).action, Action::kAllow) << "a prompt";
}

TEST(Decide, BlocksHarmfulOutputOfCallersAndDetectorsScores) {
  for (auto world : {World().output().says(R"({"harmful_content_score":0.9})"),
                     World().output().score(Category::kHarmfulContent, 0.9),
                     World().output().says(R"({"toxicity_score":0.9})")}) {
    const auto verdict = world.decide(shipped());
    EXPECT_EQ(verdict.action, Action::kBlock);
    EXPECT_THAT(verdict.reasons, ElementsAre("harmful content"));
  }
}

TEST(Decide, RedactsSecretsInEitherDirection) {
  for (auto world : {World().finds(Category::kSecret), World().output().finds(Category::kSecret)}) {
    const auto verdict = world.decide(shipped());
    EXPECT_EQ(verdict.action, Action::kRedact);
    EXPECT_TRUE(verdict.redact.has(Category::kSecret));
    EXPECT_FALSE(verdict.redact.has(Category::kPii));
  }
}

TEST(Decide, RedactsPersonalDataInOutputs) {
  const auto verdict = World().output().finds(Category::kPii).decide(shipped());
  EXPECT_EQ(verdict.action, Action::kRedact);
  EXPECT_TRUE(verdict.redact.has(Category::kPii));
  EXPECT_THAT(verdict.reasons, ElementsAre("PII in output"));
}

TEST(Decide, RaisesAScoreByAClaimAndNeverLowersIt) {
  auto world = World().says(R"({"jailbreak_score":0.1})").score(Category::kJailbreak, 0.9);
  EXPECT_THAT(world.decide(shipped()).reasons, ElementsAre("high jailbreak score"));
}

TEST(Decide, KeepsTheReasonsInRuleOrderThenTiersThenTriggers) {
  const auto verdict = World()
                           .says(R"({"contains_pii":true})")
                           .tier(Tier::kGeneral)
                           .score(Category::kJailbreak, 0.9)
                           .decide(shipped());
  EXPECT_THAT(verdict.reasons,
              ElementsAre("PII without lawful basis", "high jailbreak score",
                          "jailbreak score over general threshold", "ASL-3 trigger: deception"));
}

TEST(Decide, ShadowRulesAreRecordedWithoutEffect) {
  const auto policy = parsed(R"(
rules:
  - {id: a, condition: "true", action: block, mode: shadow, reason: no}
  - {id: b, condition: "true", action: log_only, reason: yes}
)");
  const auto verdict = World().decide(*policy);
  EXPECT_EQ(verdict.action, Action::kLogOnly);
  EXPECT_THAT(verdict.reasons, ElementsAre("yes"));
  ASSERT_EQ(verdict.rules.size(), 2U);
  EXPECT_EQ(verdict.rules[0].id, "a");
  EXPECT_TRUE(verdict.rules[0].shadow);
  EXPECT_EQ(verdict.rules[0].action, Action::kBlock);
}

TEST(Decide, ARuleThatFailsIsARefusalUnlessItFailsOpen) {
  const auto policy = parsed(R"(
rules:
  - {id: open, condition: context.missing == 1, action: block, on_error: open}
  - {id: shadow, condition: context.missing == 2, action: block, mode: shadow}
)");
  const auto verdict = World().decide(*policy);
  EXPECT_EQ(verdict.action, Action::kAllow);
  EXPECT_THAT(verdict.reasons, IsEmpty());
  ASSERT_EQ(verdict.rules.size(), 2U);
  EXPECT_TRUE(verdict.rules[0].failed);
  EXPECT_TRUE(verdict.rules[1].failed);

  const auto closed = parsed("rules: [{id: closed, condition: context.missing == 1, action: log_only}]");
  const auto refused = World().decide(*closed);
  EXPECT_EQ(refused.action, Action::kErrorBlock);
  EXPECT_THAT(refused.reasons, ElementsAre("rule closed could not be evaluated"));
  EXPECT_TRUE(refused.rules[0].failed);
}

TEST(Decide, AConditionOnTheContextThatIsNoTruthValueFails) {
  const auto policy = parsed("rules: [{id: r, condition: context.flag, action: log_only}]");
  EXPECT_EQ(World().says(R"({"flag":true})").decide(*policy).action, Action::kLogOnly);
  EXPECT_EQ(World().says(R"({"flag":"yes"})").decide(*policy).action, Action::kErrorBlock);
}

TEST(Decide, RedactWithoutAListReplacesWhatTheConditionReads) {
  const auto policy = parsed(R"(
rules:
  - {id: a, when: prompt, condition: prompt.contains_pii, action: mask}
  - {id: b, when: output, condition: 'size(output.text) > 3', action: redact}
)");
  const auto prompt = World().finds(Category::kPii).decide(*policy);
  EXPECT_TRUE(prompt.redact.has(Category::kPii));
  EXPECT_FALSE(prompt.redact.has(Category::kSecret));
  const auto output = World().output().decide(*policy);
  EXPECT_TRUE(output.redact.has(Category::kPii));
  EXPECT_TRUE(output.redact.has(Category::kSecret));
}

TEST(Decide, ReadsEveryNameOfTheVocabulary) {
  World world;
  world.conversation.segments.push_back({Role::kUser, SegmentKind::kText, "two", "/1"});
  world.conversation.tools = {"shell", "browser"};
  world.caller = {
      .user = "u", .org = "o", .tier = Tier::kEnterprise, .authenticated = true, .lawful_basis = true};
  world.finds(Category::kPii, "EMAIL_ADDRESS").finds(Category::kPii, "EMAIL_ADDRESS");
  world.score(Category::kCbrn, 0.1).says(R"({"n": 3, "deep": {"list": [1, 2]}, "contains_secrets": true})");
  for (const auto* condition : {
           "prompt.text == 'test\\\\ntwo'",
           "prompt.length == 8",
           "output.text == ''",
           "!has(output.text)",
           "has(prompt.text)",
           "!output.contains_pii",
           "prompt.contains_pii",
           "prompt.contains_secrets",
           "scores.cbrn == 0.1",
           "cbrn_score == 0.1",
           "prompt.cbrn_score == 0.1",
           "output.cbrn_score == 0.0",
           "findings.exists(f, f.entity == 'EMAIL_ADDRESS' && f.category == 'pii' && f.segment == 0)",
           "findings.all(f, f.confidence > 0.5)",
           "size(findings) == 2",
           "pii.found",
           "pii.count == 2",
           "pii.entities == ['EMAIL_ADDRESS']",
           "'EMAIL_ADDRESS' in pii.entities",
           "caller.user == 'u'",
           "caller.org == 'o'",
           "caller.tier == 'enterprise'",
           "tier == 'enterprise'",
           "caller.authenticated",
           "caller.lawful_basis",
           "lawful_basis",
           "model == 'm'",
           "'shell' in tools",
           "surface == 'filter.prompt'",
           "direction == 'prompt'",
           "context.n == 3",
           "context['n'] > 2",
           "context.deep.list[1] == 2",
           "has(context.n) and not has(context.m)",
           "'n' in context",
           "NOT disguised",
           "verbatim_ratio == 0.0 AND jailbreak_score < 0.5",
           "user_id == 'u'",
           "!stream",
           "context.exists(k, k == 'deep')",
       }) {
    const auto policy =
        parsed("rules: [{id: r, action: log_only, condition: \"" + std::string(condition) + "\"}]");
    ASSERT_TRUE(policy) << condition;
    EXPECT_EQ(world.decide(*policy).action, Action::kLogOnly) << condition;
  }
}

TEST(Decide, SaysWhichPoliciesReadTheText) {
  EXPECT_FALSE(shipped().reads_text(Direction::kOutput));
  const auto policy = parsed(
      "rules:\n  - {id: r, when: output, condition: 'output.text.contains(\"x\")', action: block, reason: "
      "no}\n");
  EXPECT_TRUE(policy->reads_text(Direction::kOutput));
  EXPECT_FALSE(policy->reads_text(Direction::kPrompt));
}

}  // namespace
}  // namespace plimsoll::policy
