#include "wire/filter.h"

#include <gtest/gtest.h>

#include "base/json.h"

namespace plimsoll::wire {
namespace {

TEST(Filter, ReadsThePromptTheContextAndWhetherToExplain) {
  const auto request = decode_filter_request(
      R"({"prompt":"hello","context":{"jailbreak_score":0.9},"explain":true})", Direction::kPrompt);
  ASSERT_TRUE(request);
  ASSERT_EQ(request->conversation.segments.size(), 1U);
  EXPECT_EQ(request->conversation.segments[0].text, "hello");
  EXPECT_EQ(request->conversation.segments[0].pointer, "/prompt");
  EXPECT_EQ(request->conversation.surface, "filter.prompt");
  EXPECT_EQ(request->context.at("jailbreak_score").as_double(), 0.9);
  EXPECT_TRUE(request->explain);
}

TEST(Filter, AnOutputIsWhatTheAssistantSaid) {
  const auto request = decode_filter_request(R"({"output":"hello"})", Direction::kOutput);
  EXPECT_EQ(request->conversation.direction, Direction::kOutput);
  EXPECT_EQ(request->conversation.segments[0].role, Role::kAssistant);
  EXPECT_FALSE(request->explain);
}

TEST(Filter, RefusesWhatItDoesNotKnowWithoutQuotingIt) {
  const std::pair<const char*, const char*> cases[] = {{R"({})", "prompt"},
                                                       {R"({"prompt":7})", "prompt"},
                                                       {R"({"prompt":null})", "prompt"},
                                                       {R"({"prompt":"secret","output":"secret"})", ""},
                                                       {R"({"prompt":"secret","secret":1})", ""},
                                                       {R"({"prompt":"a","context":["secret"]})", "context"},
                                                       {R"({"prompt":"a","explain":"secret"})", "explain"},
                                                       {R"(["secret"])", ""},
                                                       {R"({"prompt":"secret","prompt":"secret"})", ""},
                                                       {"", ""}};
  for (const auto& [body, param] : cases) {
    const auto request = decode_filter_request(body, Direction::kPrompt);
    ASSERT_FALSE(request) << body;
    EXPECT_EQ(request.error().param, param) << body;
    EXPECT_EQ(filter_error(request.error()).find("secret"), std::string::npos) << body;
    EXPECT_TRUE(parse_json(filter_error(request.error())));
  }
}

TEST(Filter, AnAnswerHasExactlyThreeKeysInTheirOrder) {
  Verdict verdict;
  EXPECT_EQ(encode_filter_answer(verdict), R"({"allowed":true,"action":"allow","reasons":[]})");
  verdict.action = Action::kBlock;
  verdict.reasons = {"PII without lawful basis", "a \"b\""};
  EXPECT_EQ(encode_filter_answer(verdict),
            R"({"allowed":false,"action":"block","reasons":["PII without lawful basis","a \"b\""]})");
}

TEST(Filter, AnExplanationCountsInCodePointsAndInBytes) {
  Verdict verdict;
  verdict.rules = {{"r1", Action::kRedact, true, false}};
  Conversation conversation;
  conversation.segments = {{Role::kUser, SegmentKind::kText, "é€ a@b.example é c@d.example", "/prompt"}};
  Inspection found;
  found.findings = {{Category::kPii, "EMAIL_ADDRESS", "pii.email", {6, 17}, 0.9, 0, false},
                    {Category::kPii, "EMAIL_ADDRESS", "pii.email", {6, 8}, 1, 0, false}};
  Scores scores;
  scores.set(Category::kPii, 0.9);
  const auto answer = encode_filter_answer(verdict, found, scores, conversation);
  EXPECT_TRUE(parse_json(answer)) << answer;
  EXPECT_TRUE(answer.starts_with(R"({"allowed":true,"action":"allow","reasons":[],"scores":{"pii":0.9,)"))
      << answer;
  EXPECT_NE(answer.find(R"("findings":[{"category":"pii","entity":"EMAIL_ADDRESS","detector":"pii.email",)"
                        R"("confidence":0.9,"segment":0,"pointer":"/prompt","span":{"begin":3,"end":14},)"
                        R"("bytes":{"begin":6,"end":17}},)"),
            std::string::npos)
      << answer;
  EXPECT_NE(answer.find(R"("span":{"begin":3,"end":5},"bytes":{"begin":6,"end":8}})"), std::string::npos);
  EXPECT_NE(answer.find(R"("rules":[{"id":"r1","action":"redact","shadow":true,"failed":false}])"),
            std::string::npos);
}

}  // namespace
}  // namespace plimsoll::wire
