#include "policy/explain.h"

#include "support_test.h"

namespace plimsoll::policy {
namespace {

using testing::HasSubstr;
using testing::Not;

const json::value& rule_of(const json::value& explanation, std::string_view id) {
  for (const auto& rule : explanation.at("rules").get_array())
    if (rule.at("id") == json::string(id)) return rule;
  throw std::out_of_range(std::string(id));
}

TEST(Explain, ShowsEveryRuleWithWhatItRead) {
  const auto explanation = World().says(R"({"jailbreak_score":0.9})").explain(shipped());
  EXPECT_EQ(explanation.at("verdict").at("action"), "safe_mode");
  EXPECT_EQ(explanation.at("policy_version"), json::string(shipped().version()));
  EXPECT_EQ(explanation.at("rules").get_array().size(), 6U);
  const auto& jailbreak = rule_of(explanation, "jailbreak");
  EXPECT_EQ(jailbreak.at("result"), "true");
  EXPECT_EQ(jailbreak.at("variables").at("prompt.jailbreak_score"), "0.9");
  const auto& pii = rule_of(explanation, "personal-data-in-prompt");
  EXPECT_EQ(pii.at("result"), "false");
  EXPECT_EQ(pii.at("variables").at("lawful_basis"), "false");
  EXPECT_EQ(rule_of(explanation, "verbatim").at("result"), "skipped");
}

TEST(Explain, ShowsThresholdsAndTriggersWithScoreAgainstLimit) {
  const auto explanation = World().tier(Tier::kGeneral).score(Category::kCbrn, 0.16).explain(shipped());
  const auto& cbrn = explanation.at("risk_thresholds").at(0);
  EXPECT_EQ(cbrn.at("id"), "risk_thresholds.cbrn.general");
  EXPECT_EQ(cbrn.at("score"), 0.16);
  EXPECT_EQ(cbrn.at("limit"), 0.15);
  EXPECT_EQ(cbrn.at("reached"), true);
  EXPECT_EQ(cbrn.at("action"), "block");
  EXPECT_EQ(explanation.at("asl_triggers").at(0).at("reached"), false);
}

TEST(Explain, SaysWhyAConditionFailed) {
  const auto policy = parsed("rules: [{id: r, action: block, condition: context.nothing == 1}]");
  const auto explanation = World().explain(*policy);
  EXPECT_EQ(rule_of(explanation, "r").at("result"), "error");
  EXPECT_THAT(std::string(rule_of(explanation, "r").at("why").as_string()), HasSubstr("nothing"));
}

TEST(Explain, NeverShowsTheTrafficsOwnWords) {
  const auto policy = parsed(
      "rules: [{action: block, condition: 'prompt.text.contains(\"x\") || context.note == \"a\" || "
      "size(findings) > 9 || has(prompt.text)'}]");
  World world;
  world.conversation.segments[0].text = "sesame";
  world.says(R"({"note":"sesame"})").finds(Category::kPii, "EMAIL_ADDRESS");
  EXPECT_THAT(plimsoll::to_json(world.explain(*policy)), Not(HasSubstr("sesame")));
}

TEST(Explain, ReadsWellInATerminal) {
  const auto text =
      to_text(World().says(R"({"jailbreak_score":0.9})").score(Category::kCbrn, 0.2).explain(shipped()));
  EXPECT_THAT(text, testing::StartsWith("block (withheld)  prompt, untiered\n"
                                        "  because: high jailbreak score\n"
                                        "  because: cbrn score over threshold\n"
                                        "  ASL level 3\n"));
  EXPECT_THAT(text, HasSubstr("  * jailbreak: true -> safe_mode\n"
                              "      prompt.jailbreak_score > 0.8\n"
                              "      prompt.jailbreak_score = 0.9\n"));
  EXPECT_THAT(text, HasSubstr("  * risk_thresholds.cbrn.untiered: 0.2 >= 0.15 -> block\n"));
  EXPECT_THAT(text, HasSubstr("  * asl_triggers.biological: 0.2 >= 0.2 -> allow (shadow: no effect)\n"));
}

}  // namespace
}  // namespace plimsoll::policy
