#include <gmock/gmock.h>

#include "base/json.h"
#include "wire/openai_responses.h"

namespace plimsoll::wire {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

constexpr std::string_view kAnswer =
    R"({"id":"resp_1","object":"response","created_at":1,"status":"completed",
  "error":null,"incomplete_details":null,"instructions":"be kind","model":"m","temperature":1,"store":true,
  "output":[
   {"type":"reasoning","id":"rs_1","summary":[{"type":"summary_text","text":"in short"}],"encrypted_content":"gAAA="},
   {"type":"message","id":"msg_1","status":"completed","role":"assistant","content":[
     {"type":"output_text","text":"hello","annotations":[{"type":"url_citation","start_index":0,"end_index":1,"title":"a title","url":"https://c.example/?x"}],
      "logprobs":[{"token":"hello","logprob":0,"bytes":[104]}]},
     {"type":"refusal","refusal":"no"}]},
   {"type":"function_call","id":"fc_1","call_id":"call_1","name":"f","arguments":"{\"to\":\"a\\u0040b.example\"}","status":"completed"},
   {"type":"file_search_call","id":"fs_1","status":"completed","queries":["q q"],"results":[{"file_id":"file_1","text":"chunk"}]},
   {"type":"image_generation_call","id":"ig_1","status":"completed","result":"AAAA","revised_prompt":"a cat"}],
  "tools":[{"type":"function","name":"f","description":"d d"}],"tool_choice":"auto","text":{"format":{"type":"text"}},
  "reasoning":{"effort":"low","summary":null},"metadata":{"k":"v v"},
  "usage":{"input_tokens":1,"output_tokens":2,"total_tokens":3}})";

TEST(ResponsesResponse, EveryTextIsASegment) {
  const auto document = decode_responses_response(kAnswer);
  ASSERT_TRUE(document) << document.error().message;
  const auto& conversation = document->conversation();
  EXPECT_EQ(conversation.direction, Direction::kOutput);
  EXPECT_EQ(conversation.surface, "responses");
  EXPECT_EQ(conversation.model, "m");
  EXPECT_TRUE(conversation.tools.empty());
  std::vector<std::string> found;
  for (const auto& s : conversation.segments) {
    EXPECT_EQ(s.role, Role::kAssistant);
    found.push_back(s.pointer + " " + std::string(to_string(s.kind)) + " " + s.text);
  }
  EXPECT_THAT(found, ElementsAre("/instructions text be kind", "/output/0/summary/0/text text in short",
                                 "/output/1/content/0/text text hello",
                                 "/output/1/content/0/annotations/0/title text a title",
                                 "/output/1/content/0/annotations/0/url text https://c.example/?x",
                                 "/output/1/content/1/refusal text no",
                                 R"(/output/2/arguments tool_arguments {"to":"a@b.example"})",
                                 "/output/3/queries/0 tool_arguments q q",
                                 "/output/3/results/0/text tool_result chunk", "/output/4 attachment ",
                                 "/output/4/revised_prompt text a cat", "/tools/0/name tool_definition f",
                                 "/tools/0/description tool_definition d d", "/metadata/k text v v"));
}

TEST(ResponsesResponse, TokenProbabilitiesAreTakenOut) {
  const auto document = decode_responses_response(kAnswer);
  EXPECT_EQ(to_json(document->json().at("output").at(1).at("content").at(0).at("logprobs")), "[]");
}

TEST(ResponsesResponse, WhatIsNoAnswerIsABadGateway) {
  for (const char* body : {"", "[]", "{}", R"({"output":{}})", R"({"output":"x"})"}) {
    const auto document = decode_responses_response(body);
    ASSERT_FALSE(document) << body;
    EXPECT_EQ(document.error().status, 502);
  }
}

TEST(ResponsesResponse, OddItemsAreReadForWords) {
  const auto document = decode_responses_response(
      R"({"output":["loose words",{"type":"message","content":"not a list"},{"type":7,"x":"y y"},[["z z"]]]})");
  ASSERT_TRUE(document);
  std::vector<std::string> found;
  for (const auto& s : document->conversation().segments) found.push_back(s.text);
  EXPECT_THAT(found, ElementsAre("loose words", "not a list", "y y", "z z"));
}

TEST(ResponsesResponse, AWithheldAnswerSaysNothing) {
  auto document = decode_responses_response(kAnswer);
  withhold_responses_response(*document);
  const auto body = document->body();
  for (const char* word : {"hello", "in short", "kind", "arguments", "title", "chunk", "gAAA", "d d", "v v"})
    EXPECT_THAT(body, Not(HasSubstr(word)));
  EXPECT_EQ(
      to_json(document->json()),
      R"({"id":"resp_1","object":"response","created_at":1,"model":"m","status":"incomplete","tool_choice":"auto",)"
      R"("error":null,"incomplete_details":{"reason":"content_filter"},"output":[{"type":"message","id":"msg_1",)"
      R"("role":"assistant","status":"incomplete","content":[{"type":"output_text","text":"","annotations":[]}]}],)"
      R"("tools":[],"temperature":1,"usage":{"input_tokens":1,"output_tokens":2,"total_tokens":3}})");
  document->replace(0, "nothing");
  EXPECT_TRUE(decode_responses_response(document->body())->conversation().segments.empty());
}

}  // namespace
}  // namespace plimsoll::wire
