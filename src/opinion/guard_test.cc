#include "opinion/guard.h"

#include <gtest/gtest.h>

#include "base/json.h"

namespace plimsoll::opinion {
namespace {

std::string said(std::string_view content, std::string_view logprobs = "null") {
  std::string out = R"({"choices":[{"message":{"role":"assistant","content":)";
  append_json_string(out, content);
  return out.append(R"(},"logprobs":)").append(logprobs).append("}]}");
}

double score(Kind kind, std::string_view body, Category category, std::size_t call = 0) {
  const auto scores = read_answer(kind, call, body);
  return scores ? (*scores)[category] : -1;
}

constexpr std::string_view kTwoToOne =
    R"({"content":[{"token":"\n\n","logprob":0,"top_logprobs":[]},{"token":"unsafe","logprob":-0.405,)"
    R"("top_logprobs":[{"token":"unsafe","logprob":-0.4054651},{"token":"safe","logprob":-1.0986123}]}]})";

TEST(LlamaGuard, GivesItsHazardsOurNames) {
  EXPECT_EQ(score(Kind::kLlamaGuard, said("\n\nunsafe\nS9,S11"), Category::kCbrn), kSaidSo);
  EXPECT_EQ(score(Kind::kLlamaGuard, said("unsafe\nS9,S11"), Category::kSelfHarm), kSaidSo);
  EXPECT_EQ(score(Kind::kLlamaGuard, said("unsafe\nS9"), Category::kSelfHarm), 0);
  EXPECT_EQ(score(Kind::kLlamaGuard, said("safe"), Category::kHarmfulContent), 0);
  EXPECT_EQ(score(Kind::kLlamaGuard, said("unsafe"), Category::kHarmfulContent), kSaidSo);
}

TEST(LlamaGuard, IsAsSureAsItsLogProbabilitiesSay) {
  EXPECT_NEAR(score(Kind::kLlamaGuard, said("unsafe\nS10", kTwoToOne), Category::kToxicity), 2.0 / 3, 1e-6);
  EXPECT_NEAR(score(Kind::kLlamaGuard, said("safe", kTwoToOne), Category::kHarmfulContent), 2.0 / 3, 1e-6);
}

TEST(Granite, IsAskedOncePerRisk) {
  const auto asked =
      calls(Kind::kGraniteGuardian, "g", {.direction = Direction::kPrompt, .text = "x", .prompt = {}});
  ASSERT_EQ(asked.size(), 4U);
  EXPECT_NE(asked[1].body.find(R"("risk_name":"jailbreak")"), std::string::npos);
  EXPECT_EQ(score(Kind::kGraniteGuardian, said("Yes"), Category::kJailbreak, 1), kSaidSo);
  EXPECT_EQ(
      score(Kind::kGraniteGuardian, said("<think></think><score> yes </score>"), Category::kJailbreak, 1),
      kSaidSo);
  EXPECT_EQ(score(Kind::kGraniteGuardian, said("No"), Category::kJailbreak, 1), 0);
  EXPECT_EQ(score(Kind::kGraniteGuardian, said("No"), Category::kJailbreak, 9), -1);
}

TEST(ShieldGemma, IsAskedOncePerGuidelineWithTheTextInItsFrame) {
  const auto asked =
      calls(Kind::kShieldGemma, "s", {.direction = Direction::kOutput, .text = "some text", .prompt = {}});
  ASSERT_EQ(asked.size(), 4U);
  EXPECT_NE(asked[0].body.find("Chatbot Response: some text"), std::string::npos);
  EXPECT_EQ(score(Kind::kShieldGemma, said("Yes, it does"), Category::kToxicity, 2), kSaidSo);
}

TEST(GptOssSafeguard, AnswersInOurCategories) {
  EXPECT_EQ(score(Kind::kGptOssSafeguard, said(R"({"violation":1,"categories":["jailbreak"]})"),
                  Category::kJailbreak),
            kSaidSo);
  EXPECT_EQ(
      score(Kind::kGptOssSafeguard, said(R"({"violation":1,"categories":["?"]})"), Category::kHarmfulContent),
      kSaidSo);
  EXPECT_EQ(score(Kind::kGptOssSafeguard, said(R"({"violation":0})"), Category::kHarmfulContent), 0);
}

TEST(Qwen3Guard, IsOfThreeMinds) {
  EXPECT_EQ(
      score(Kind::kQwen3Guard, said("Safety: Unsafe\nCategories: Jailbreak, Violent"), Category::kJailbreak),
      kSaidSo);
  EXPECT_EQ(score(Kind::kQwen3Guard, said("Safety: Controversial\nCategories: Unethical Acts"),
                  Category::kToxicity),
            0.5);
  EXPECT_EQ(score(Kind::kQwen3Guard, said("Safety: Safe\nCategories: None"), Category::kHarmfulContent), 0);
}

TEST(Moderations, TakesTheHighestOfItsScores) {
  const std::string body =
      R"({"results":[{"category_scores":{"self-harm":0.1,"self-harm/intent":0.7,"hate":0.2,"other":0.5}}]})";
  EXPECT_EQ(score(Kind::kModerations, body, Category::kSelfHarm), 0.7);
  EXPECT_EQ(score(Kind::kModerations, body, Category::kToxicity), 0.2);
}

TEST(Guards, AnAnswerThatIsNoVerdictIsNone) {
  for (const auto kind : {Kind::kLlamaGuard, Kind::kGraniteGuardian, Kind::kShieldGemma,
                          Kind::kGptOssSafeguard, Kind::kQwen3Guard, Kind::kModerations})
    for (const std::string& body :
         {std::string("{}"), std::string("nonsense"), said(""), said("I cannot say"),
          std::string(R"({"choices":[]})"), std::string(R"({"results":[{}]})"),
          std::string(R"({"results":[{"category_scores":{"hate":7}}]})")}) {
      const auto scores = read_answer(kind, 0, body);
      ASSERT_FALSE(scores) << to_string(kind) << ": " << body;
      EXPECT_EQ(scores.error().code, Code::kInvalid);
    }
}

TEST(Guards, AnOutputIsJudgedAsTheAnswerThatItIs) {
  const auto asked = calls(Kind::kLlamaGuard, "m",
                           {.direction = Direction::kOutput, .text = "answer", .prompt = "question"});
  EXPECT_NE(
      asked[0].body.find(R"([{"role":"user","content":"question"},{"role":"assistant","content":"answer"}])"),
      std::string::npos);
}

TEST(Guards, HaveNamesThatCanBeReadBack) {
  for (int i = 0; i < 6; ++i) EXPECT_EQ(parse_kind(to_string(static_cast<Kind>(i))), static_cast<Kind>(i));
  EXPECT_FALSE(parse_kind("x"));
}

}  // namespace
}  // namespace plimsoll::opinion
