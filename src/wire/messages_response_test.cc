#include <gmock/gmock.h>

#include "base/json.h"
#include "wire/anthropic_messages.h"

namespace plimsoll::wire {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

constexpr std::string_view kAnswer = R"({"id":"msg_1","type":"message","role":"assistant","model":"claude",
  "content":[{"type":"thinking","thinking":"hm","signature":"EqQB"},
    {"type":"text","text":"hello","citations":[{"type":"web_search_result_location","cited_text":"ct","title":"tt","url":"u v","encrypted_index":"EqQB"}]},
    {"type":"tool_use","id":"toolu_1","name":"f","input":{"q":"in"}},
    {"type":"web_search_tool_result","tool_use_id":"s","content":[{"type":"web_search_result","title":"t","encrypted_content":"EqQB"}]}],
  "stop_reason":"stop_sequence","stop_sequence":"halt","stop_details":{"type":"refusal","category":"bio","explanation":"because of"},
  "container":{"id":"c","expires_at":"2026-01-01T00:00:00Z"},"usage":{"input_tokens":1,"output_tokens":2,"service_tier":"standard"},"vendor":"v"})";

TEST(MessagesResponse, EveryTextOfEveryBlockIsASegment) {
  const auto document = decode_messages_response(kAnswer);
  ASSERT_TRUE(document) << document.error().message;
  const auto& conversation = document->conversation();
  EXPECT_EQ(conversation.direction, Direction::kOutput);
  EXPECT_EQ(conversation.surface, "messages");
  EXPECT_EQ(conversation.model, "claude");
  std::vector<std::string> found;
  for (const auto& s : conversation.segments) {
    EXPECT_EQ(s.role, Role::kAssistant);
    found.push_back(s.pointer + " " + std::string(to_string(s.kind)) + " " + s.text);
  }
  EXPECT_THAT(found,
              ElementsAre("/content/0/thinking text hm", "/content/1/text text hello",
                          "/content/1/citations/0/cited_text text ct", "/content/1/citations/0/title text tt",
                          "/content/1/citations/0/url text u v", "/content/2/input/q tool_arguments in",
                          "/content/3/content/0/title tool_result t",
                          "/content/3/content/0/encrypted_content attachment ", "/stop_sequence text halt",
                          "/stop_details/explanation text because of", "/vendor text v"));
}

TEST(MessagesResponse, WhatIsNoAnswerIsABadGateway) {
  for (const char* body : {"", "[]", "{}", R"({"content":{}})", R"({"content":"x"})"}) {
    const auto document = decode_messages_response(body);
    ASSERT_FALSE(document) << body;
    EXPECT_EQ(document.error().status, 502);
  }
}

TEST(MessagesResponse, AWithheldAnswerIsARefusalWithoutContent) {
  auto document = decode_messages_response(kAnswer);
  withhold_messages_response(*document);
  EXPECT_EQ(
      document->body(),
      R"({"id":"msg_1","type":"message","role":"assistant","model":"claude","content":[],"stop_reason":"refusal","stop_sequence":null,"usage":{"input_tokens":1,"output_tokens":2,"service_tier":"standard"}})");
}

TEST(MessagesResponse, ACountHoldsNoText) {
  const auto document = decode_count_tokens_response(R"({"input_tokens":12})");
  ASSERT_TRUE(document);
  EXPECT_EQ(document->conversation().surface, "messages.count_tokens");
  EXPECT_THAT(document->conversation().segments, IsEmpty());
  EXPECT_FALSE(decode_count_tokens_response("{}"));
}

TEST(AnthropicError, SaysWhatHappenedInTheApisOwnTypes) {
  const auto type = [](ProblemKind kind, int status) {
    const auto error = parse_json(anthropic_error({kind, status, "m", "c", "p", nullptr})).value();
    EXPECT_EQ(*find_string(error, "type"), "error");
    EXPECT_EQ(*find_string(error.at("error"), "message"), "m");
    return std::string(*find_string(error.at("error"), "type"));
  };
  using enum ProblemKind;
  EXPECT_EQ(type(kInvalid, 400), "invalid_request_error");
  EXPECT_EQ(type(kInvalid, 404), "not_found_error");
  EXPECT_EQ(type(kInvalid, 413), "request_too_large");
  EXPECT_EQ(type(kStranger, 401), "authentication_error");
  EXPECT_EQ(type(kStranger, 403), "permission_error");
  EXPECT_EQ(type(kLimited, 429), "rate_limit_error");
  EXPECT_EQ(type(kUpstream, 529), "overloaded_error");
  EXPECT_EQ(type(kUpstream, 502), "api_error");
  EXPECT_EQ(type(kTimeout, 504), "timeout_error");
  EXPECT_EQ(type(kUndecided, 503), "api_error");
  EXPECT_EQ(type(kInternal, 500), "api_error");
}

TEST(AnthropicError, ARefusalCarriesWhatWasDecided) {
  EXPECT_EQ(
      anthropic_error(
          {ProblemKind::kRefused, 400, "no", "content_filter", "messages", {{"action", "block"}}}),
      R"({"type":"error","error":{"type":"invalid_request_error","message":"no","code":"content_filter","innererror":{"action":"block"}}})");
}

}  // namespace
}  // namespace plimsoll::wire
