#include "policy/cases.h"

#include "policy/explain.h"
#include "policy/fixture.h"
#include "support_test.h"

namespace plimsoll::policy {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::StartsWith;

constexpr const char* kPolicies = PLIMSOLL_SOURCE_DIR "/policies/";

TEST(Cases, TheShippedPoliciesPassTheirOwn) {
  for (const auto* name : {"adr-006.embedded-governance", "redact-personal-data"}) {
    const auto report = test_policy(std::string(kPolicies) + name + ".yaml",
                                    std::string(kPolicies) + "cases/" + name + ".yaml");
    ASSERT_TRUE(report) << to_string(report.error()[0]);
    EXPECT_EQ(report->failed, 0U) << to_text(*report, name);
    EXPECT_GT(report->cases.size(), 5U);
  }
}

TEST(Cases, ADifferenceSaysWhatWasExpectedAndWhatCame) {
  const auto report = run_cases(shipped(), R"(
cases:
  - name: passes
    prompt: x
    context: { jailbreak_score: 0.9 }
    expect: { action: safe_mode, allowed: true, reasons: [high jailbreak score], rules: [jailbreak], review: false }
  - name: differs
    output: x
    scores: { self_harm: 0.4 }
    findings: [{ category: secret, entity: AWS_ACCESS_KEY }]
    expect: { action: allow, allowed: true, reasons: [], rules: [secrets], redact: [pii], asl_level: 3, care: false }
)",
                                "c.yaml");
  ASSERT_TRUE(report);
  EXPECT_EQ(report->failed, 1U);
  EXPECT_EQ(to_text(*report, "c.yaml"),
            "ok    passes\n"
            "FAIL  differs (c.yaml:7)\n"
            "        action: expected allow, got block\n"
            "        allowed: expected true, got false\n"
            "        reasons: expected [], got [secret in text, self_harm score over threshold]\n"
            "        rules: expected [secrets], got [secrets, risk_thresholds.self_harm.untiered]\n"
            "        redact: expected [pii], got [secret]\n"
            "        asl_level: expected 3, got 0\n"
            "        care: expected false, got true\n"
            "1 of 2 cases failed\n");
}

TEST(Cases, MistakesHavePositions) {
  const auto problems = [](std::string_view yaml) {
    std::vector<std::string> out;
    if (const auto report = run_cases(shipped(), yaml, "c"); !report)
      for (const auto& problem : report.error()) out.push_back(to_string(problem));
    return out;
  };
  EXPECT_THAT(problems("[]"), ElementsAre("c:1:1: expected a list of cases; found an empty one"));
  EXPECT_THAT(problems("- {prompt: x}"), ElementsAre("c:1:3: a case needs 'expect'"));
  EXPECT_THAT(problems("- {prompt: x, expect: {}}"),
              ElementsAre(StartsWith("c:1:23: 'expect' expects nothing")));
  EXPECT_THAT(problems("- {expect: {action: block}}"),
              ElementsAre("c:1:3: expected exactly one of 'prompt' and 'output'"));
  EXPECT_THAT(problems("- {prompt: x, scores: {cbrm: 1}, expect: {action: block}}"),
              ElementsAre("c:1:24: unknown category 'cbrm'; did you mean 'cbrn'?"));
  EXPECT_THAT(problems("- {prompt: x, context: {contains_pii: 1}, expect: {action: block}}"),
              ElementsAre("c:1:24: context.contains_pii: must be true or false"));
  EXPECT_THAT(problems("- {prompt: x, expcet: {action: block}}"),
              ElementsAre("c:1:3: a case needs 'expect'",
                          "c:1:15: unknown key 'expcet' in a case; did you mean 'expect'?"));
  EXPECT_THAT(problems("- {prompt: x, expect: {action: blok}}"),
              ElementsAre(StartsWith("c:1:32: unknown action")));
}

TEST(Fixture, OwnsTheFactsOfAnExplanation) {
  auto fixture = facts_from_json(*parse_json(R"({"prompt":["a","b"],"context":{"tier":"general","note":"n"},
      "scores":{"cbrn":0.16},"reported":{"jailbreak":0.4},"caller":{"org":"acme"},"tools":["t"],"model":"m",
      "findings":[{"category":"pii","entity":"EMAIL_ADDRESS","confidence":0.9,"segment":1,
                   "span":{"begin":0,"end":1}}]})"));
  ASSERT_TRUE(fixture) << fixture.error().message;
  const Facts facts = (*fixture)->facts();
  EXPECT_EQ(facts.conversation.segments.size(), 2U);
  EXPECT_EQ(facts.found.findings[0].entity, "EMAIL_ADDRESS");
  EXPECT_EQ(facts.found.findings[0].segment, 1U);
  EXPECT_EQ(facts.caller.tier, Tier::kGeneral) << "nobody has signed in, so the context's counts";
  EXPECT_EQ(facts.context.raw->at("note"), "n");
  EXPECT_THAT(shipped().decide(facts).reasons,
              ElementsAre("PII without lawful basis", "cbrn score over general threshold",
                          "jailbreak score over general threshold"));
  EXPECT_EQ(shipped().explain(facts).at("tier"), "general");
}

TEST(Fixture, AContextDoesNotPromoteACallerWhoHasSignedIn) {
  const auto fixture = facts_from_json(
      *parse_json(R"({"prompt":"x","context":{"tier":"research_sandbox"},"caller":{"authenticated":true}})"));
  EXPECT_EQ((*fixture)->facts().caller.tier, std::nullopt);
}

TEST(Fixture, ReadsJsonAndYamlAndSaysWhatIsWrong) {
  EXPECT_TRUE(facts_from_text(R"({"prompt": "\ud83d\ude00"})", "f.json"));
  EXPECT_TRUE(facts_from_text("prompt: x\n", "f.yaml"));
  const auto wrong = facts_from_text("prompt: x\nscore: {cbrn: 1}\n", "f.yaml");
  ASSERT_FALSE(wrong);
  EXPECT_EQ(to_string(wrong.error()[0]),
            "f.yaml:2:1: unknown key 'score' in the facts; did you mean 'scores'?");
  EXPECT_THAT(facts_from_json(*parse_json("[]")).error().message,
              testing::HasSubstr("the facts must be a mapping"));
}

}  // namespace
}  // namespace plimsoll::policy
