#include <gmock/gmock.h>

#include "base/json.h"
#include "wire/guardrails.h"

namespace plimsoll::wire {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

std::vector<std::string> places(const LiteLlmRequest& request) {
  std::vector<std::string> found;
  for (const auto& s : request.document.conversation().segments)
    found.push_back(s.pointer + " " + std::string(to_string(s.role)) + " " + std::string(to_string(s.kind)) +
                    " " + s.text);
  return found;
}

LiteLlmRequest asked(std::string_view members, std::string_view type = "request") {
  auto request = decode_litellm_guardrail(R"({"input_type":")" + std::string(type) +
                                          R"(","request_data":{},)" + std::string(members) + "}");
  EXPECT_TRUE(request) << request.error().message;
  return *std::move(request);
}

std::string answer(const LiteLlmRequest& request, Action action = Action::kAllow) {
  Verdict verdict;
  verdict.action = action;
  return encode_litellm_guardrail(request, {verdict, {}, {}, "Refused.", "[REDACTED:{entity}]"});
}

// Replaces a word in every segment, as a redaction does.
LiteLlmRequest without(LiteLlmRequest request, std::string_view word) {
  for (std::size_t i = 0; i < request.document.conversation().segments.size(); ++i) {
    auto text = request.document.conversation().segments[i].text;
    if (const auto at = text.find(word); at != std::string::npos)
      request.document.replace(i, text.replace(at, word.size(), "***"));
  }
  return request;
}

TEST(LiteLlmGuardrail, WhatItSendsBeforeACallIsInspectedWhole) {
  const auto request = asked(
      R"("litellm_call_id":"c-1","litellm_trace_id":null,"model":"gpt-4o","texts":["rules","","hi"],"images":["data:x"],
      "tools":[{"type":"function","function":{"name":"f","description":"d"}}],
      "tool_calls":[{"id":"call_1","type":"function","function":{"name":"f","arguments":"{\"q\":\"\\u0061\"}"}}],
      "structured_messages":[{"role":"system","content":"rules"},{"role":"user","content":[{"type":"text","text":"hi"},{"type":"image_url","image_url":{"url":"data:x"}}]},
        {"role":"odd","content":{"a":"b"}},"bare"],
      "request_headers":{"x":"not read"},"litellm_version":"1","additional_provider_specific_params":{"k":"not read"},"new":"x")");
  EXPECT_THAT(places(request),
              ElementsAre("/texts/0 system text rules", "/texts/2 user text hi", "/images/0 user attachment ",
                          "/tools/0/function/name system tool_definition f",
                          "/tools/0/function/description system tool_definition d",
                          "/tool_calls/0/function/arguments assistant tool_arguments {\"q\":\"a\"}",
                          "/structured_messages/0/content system text rules",
                          "/structured_messages/1/content/0/text user text hi",
                          "/structured_messages/1/content/1 user attachment ",
                          "/structured_messages/2/content/a assistant text b",
                          "/structured_messages/3 user text bare", "/new user text x"));
  EXPECT_EQ(request.document.conversation().surface, "guardrail.litellm");
  EXPECT_EQ(request.document.conversation().model, "gpt-4o");
  EXPECT_EQ(request.document.conversation().tools, std::vector<std::string>{"f"});
  EXPECT_EQ(request.call_id, "c-1");
  EXPECT_EQ(request.params.at("k"), "not read");
}

TEST(LiteLlmGuardrail, AnAnswerIsTheAssistants) {
  const auto request = decode_litellm_guardrail(
      R"({"input_type":"response","texts":["said"],"request_data":{"user_api_key_user_id":"u","user_api_key_end_user_id":"e","user_api_key_team_id":"t","user_api_key_org_id":null},"structured_messages":null})");
  ASSERT_TRUE(request);
  EXPECT_THAT(places(*request), ElementsAre("/texts/0 assistant text said"));
  EXPECT_EQ(request->document.conversation().direction, Direction::kOutput);
  EXPECT_EQ(request->user, "e");
  EXPECT_EQ(request->org, "t");
}

TEST(LiteLlmGuardrail, ATextIsWhoeversMessageItIsFrom) {
  const auto roles = [](std::string_view texts, std::string_view rows) {
    std::string all;
    const auto request =
        asked(R"("structured_messages":)" + std::string(rows) + R"(,"texts":)" + std::string(texts));
    for (const auto& s : request.document.conversation().segments)
      if (s.pointer.starts_with("/texts/")) all.append(to_string(s.role)).append(" ");
    return all;
  };
  constexpr std::string_view kRows =
      R"([{"role":"system","content":"a"},{"role":"user","content":"b"},{"role":"tool","tool_call_id":"c","content":"r"},{"role":"user","content":"a"}])";
  EXPECT_EQ(roles(R"(["a","b","r","a"])", kRows), "system user tool user ");
  EXPECT_EQ(roles(R"(["b","a"])", kRows), "user user ");
  EXPECT_EQ(roles(R"(["x","a"])", kRows), "user user ");
  EXPECT_EQ(roles(R"(["a"])", "null"), "user ");
}

TEST(LiteLlmGuardrail, RefusesWhatItCannotUseWithoutQuotingIt) {
  const std::pair<const char*, const char*> cases[] = {
      {"{}", "input_type"},
      {"zq", ""},
      {R"({"input_type":"zq"})", "input_type"},
      {R"({"input_type":"request","texts":"zq"})", "texts"},
      {R"({"input_type":"request","texts":["zq",7]})", "texts[1]"},
      {R"({"input_type":"request","tools":{"zq":1}})", "tools"}};
  for (const auto& [body, param] : cases) {
    const auto request = decode_litellm_guardrail(body);
    ASSERT_FALSE(request) << body;
    EXPECT_EQ(request.error().param, param) << body;
    EXPECT_THAT(request.error().message, Not(HasSubstr("zq")));
  }
}

TEST(LiteLlmGuardrail, AllowedIsNoneAndRefusedIsBlocked) {
  const auto request = asked(R"("texts":["a"])");
  EXPECT_EQ(answer(request), R"({"action":"NONE"})");
  EXPECT_EQ(answer(request, Action::kSafeMode), R"({"action":"NONE"})");
  for (const auto action : {Action::kBlock, Action::kEscalate, Action::kErrorBlock})
    EXPECT_EQ(answer(request, action), R"({"action":"BLOCKED","blocked_reason":"Refused."})");
}

TEST(LiteLlmGuardrail, ARedactionGivesEveryTextInItsPlace) {
  const auto request = without(
      asked(R"("texts":["a","","my zq"],"structured_messages":[{"role":"user","content":"my zq"}])"), "zq");
  EXPECT_EQ(answer(request, Action::kRedact),
            R"({"action":"GUARDRAIL_INTERVENED","texts":["a","","my ***"]})");
}

TEST(LiteLlmGuardrail, WhatOnlyMessagesAndToolsSayIsGivenBackThere) {
  const auto request =
      without(asked(
                  R"("texts":["a"],"tools":[{"type":"function","function":{"name":"f","description":"zq"}}],
          "tool_calls":[{"id":"c","function":{"name":"f","arguments":"zq"}}],
          "structured_messages":[{"role":"assistant","tool_calls":[{"id":"c","function":{"name":"f","arguments":"zq"}}]}])"),
              "zq");
  EXPECT_EQ(
      answer(request, Action::kRedact),
      R"({"action":"GUARDRAIL_INTERVENED","texts":["a"],"tools":[{"type":"function","function":{"name":"f","description":"***"}}],"structured_messages":[{"role":"assistant","tool_calls":[{"id":"c","function":{"name":"f","arguments":"***"}}]}]})");
}

TEST(LiteLlmGuardrail, WhatCannotBeReplacedThereIsBlocked) {
  for (const char* members :
       {R"("texts":["a"],"tool_calls":[{"id":"c","function":{"name":"f","arguments":"zq"}}])",
        R"("texts":["a"],"structured_messages":[{"content":"zq"}])", R"("texts":["a"],"new":"zq")"}) {
    const auto told = answer(without(asked(members), "zq"), Action::kRedact);
    EXPECT_THAT(told, HasSubstr(R"("action":"BLOCKED")")) << members;
    EXPECT_THAT(told, Not(HasSubstr("zq")));
  }
}

}  // namespace
}  // namespace plimsoll::wire
