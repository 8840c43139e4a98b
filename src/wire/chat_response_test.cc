#include <gmock/gmock.h>

#include "base/json.h"
#include "wire/openai_chat.h"

namespace plimsoll::wire {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

constexpr std::string_view kAnswer = R"({"id":"chatcmpl-1","object":"chat.completion","created":1,"model":"m",
  "system_fingerprint":"fp_1","choices":[
   {"index":0,"finish_reason":"stop","message":{"role":"assistant","content":"hello","refusal":null,
     "reasoning_content":"hm","annotations":[{"type":"url_citation","url_citation":{"title":"t","url":"u"}}],
     "audio":{"id":"a1","data":"AAAA","transcript":"said"}}},
   {"index":1,"finish_reason":"tool_calls","message":{"role":"assistant","content":null,
     "tool_calls":[{"id":"c","type":"function","function":{"name":"f","arguments":"{}"}}],
     "function_call":{"name":"g","arguments":"[]"}}}],
  "usage":{"total_tokens":3},"citations":["https://c.example/x"]})";

TEST(ChatResponse, EveryTextOfEveryChoiceIsASegment) {
  const auto document = decode_chat_response(kAnswer);
  ASSERT_TRUE(document) << document.error().message;
  const auto& conversation = document->conversation();
  EXPECT_EQ(conversation.direction, Direction::kOutput);
  EXPECT_EQ(conversation.model, "m");
  std::vector<std::string> found;
  for (const auto& s : conversation.segments) {
    EXPECT_EQ(s.role, Role::kAssistant);
    found.push_back(s.pointer + " " + s.text);
  }
  EXPECT_THAT(
      found,
      ElementsAre("/choices/0/message/content hello", "/choices/0/message/reasoning_content hm",
                  "/choices/0/message/annotations/0/type url_citation",
                  "/choices/0/message/annotations/0/url_citation/title t",
                  "/choices/0/message/annotations/0/url_citation/url u", "/choices/0/message/audio ",
                  "/choices/0/message/audio/transcript said",
                  "/choices/1/message/tool_calls/0/function/arguments {}",
                  "/choices/1/message/function_call/arguments []", "/citations/0 https://c.example/x"));
}

TEST(ChatResponse, ArgumentsThatAreNoStringAreInspectedLeafByLeaf) {
  const auto document = decode_chat_response(
      R"({"choices":[{"message":{"tool_calls":[{"function":{"name":"f","arguments":{"to":"a@b.example"}}}]}}]})");
  ASSERT_EQ(document->conversation().segments.size(), 1U);
  EXPECT_EQ(document->conversation().segments[0].kind, SegmentKind::kToolArguments);
}

TEST(ChatResponse, ArgumentsAreInspectedAsTheToolWillReadThem) {
  const auto document = decode_chat_response(
      R"({"choices":[{"message":{"tool_calls":[{"function":{"arguments":"{\"to\":\"a\\u0040b.example\"}"}}]}}]})");
  EXPECT_EQ(document->conversation().segments.at(0).text, R"({"to":"a@b.example"})");
}

TEST(ChatResponse, TokensThatSaySomethingElseThanTheMessageAreTakenOut) {
  const auto logprobs_of = [](std::string_view logprobs) {
    const auto document = decode_chat_response(R"({"choices":[{"message":{"content":"é!"},"logprobs":)" +
                                               std::string(logprobs) + "}]}");
    return to_json(document->json().at("choices").at(0).at("logprobs"));
  };
  EXPECT_NE(logprobs_of(R"({"content":[{"token":"é"},{"token":"!"}]})"), "null");
  EXPECT_NE(
      logprobs_of(R"({"content":[{"token":"x","bytes":[195]},{"token":"x","bytes":[169]},{"token":"!"}]})"),
      "null");
  EXPECT_EQ(logprobs_of(R"({"content":[{"token":"other"}]})"), "null");
  EXPECT_EQ(logprobs_of(R"({"tokens":["é!"]})"), "null");
}

TEST(ChatResponse, WhatIsNoAnswerIsABadGateway) {
  for (const char* body : {"", "[]", "{}", R"({"choices":{}})", R"({"choices":[7]})", R"({"choices":[{}]})",
                           R"({"choices":[{"message":7}]})"}) {
    const auto document = decode_chat_response(body);
    ASSERT_FALSE(document) << body;
    EXPECT_EQ(document.error().status, 502);
  }
}

TEST(ChatResponse, AWithheldAnswerSaysNothing) {
  auto document = decode_chat_response(kAnswer);
  withhold_chat_response(*document);
  const auto body = document->body();
  for (const char* word : {"hello", "hm", "arguments", "said", "citations", "annotations", "AAAA"})
    EXPECT_THAT(body, Not(HasSubstr(word)));
  const auto& choices = document->json().at("choices").as_array();
  ASSERT_EQ(choices.size(), 2U);
  for (const auto& choice : choices) EXPECT_EQ(choice.at("finish_reason"), "content_filter");
  EXPECT_EQ(document->json().at("id"), "chatcmpl-1");
  document->replace(0, "nothing");
  EXPECT_EQ(document->json().at("choices").at(1).at("message").at("content"), "");
}

TEST(ChatAnswer, CanBeReadBack) {
  const auto document = decode_chat_response(chat_answer("m", "You are not alone.", "content_filter"));
  ASSERT_TRUE(document);
  ASSERT_EQ(document->conversation().segments.size(), 1U);
  EXPECT_EQ(document->conversation().segments[0].text, "You are not alone.");
}

TEST(OpenAiError, HasTheShapeThatTheSdksKnow) {
  EXPECT_EQ(openai_error("m", "invalid_request_error", ""),
            R"({"error":{"message":"m","type":"invalid_request_error","param":null,"code":null}})");
  const json::value inner = {{"code", "ResponsibleAIPolicyViolation"}};
  EXPECT_EQ(openai_error("m", "t", "content_filter", "prompt", &inner),
            R"({"error":{"message":"m","type":"t","param":"prompt","code":"content_filter",)"
            R"("innererror":{"code":"ResponsibleAIPolicyViolation"}}})");
}

}  // namespace
}  // namespace plimsoll::wire
