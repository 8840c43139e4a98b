#include <gmock/gmock.h>

#include "base/json.h"
#include "wire/openai_chat.h"

namespace plimsoll::wire {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

std::vector<std::string> places(std::string_view body) {
  const auto document = decode_chat_request(body);
  if (!document) return {"refused: " + document.error().message};
  std::vector<std::string> found;
  for (const auto& s : document->conversation().segments)
    found.push_back(s.pointer + " " + std::string(to_string(s.role)) + " " + std::string(to_string(s.kind)) +
                    " " + s.text);
  return found;
}

TEST(ChatRequest, EveryTextTheModelWouldReadIsASegment) {
  EXPECT_THAT(
      places(R"({"model":"gpt-4o","messages":[
      {"role":"developer","content":"rules"},
      {"role":"user","content":[{"type":"text","text":"look"},{"type":"image_url","image_url":{"url":"data:image/png;base64,AAAA","detail":"low"}}],"name":"Ann B"},
      {"role":"assistant","content":null,"tool_calls":[{"id":"call_1","type":"function","function":{"name":"f","arguments":"{\"q\":1}"}}]},
      {"role":"tool","tool_call_id":"call_1","content":"result"},
      {"role":"assistant","content":"","refusal":"no","reasoning_content":"hm"}]})"),
      ElementsAre("/messages/0/content system text rules", "/messages/1/content/0/text user text look",
                  "/messages/1/content/1 user attachment ", "/messages/1/name user text Ann B",
                  "/messages/2/tool_calls/0/function/arguments assistant tool_arguments {\"q\":1}",
                  "/messages/3/content tool tool_result result", "/messages/4/refusal assistant text no",
                  "/messages/4/reasoning_content assistant text hm"));
}

TEST(ChatRequest, ToolDefinitionsFormatsPredictionsAndUnknownMembersAreInspectedToo) {
  EXPECT_THAT(places(R"({"messages":[{"role":"user","content":null}],
      "tools":[{"type":"function","function":{"name":"f","description":"d","parameters":{"type":"object","properties":{"q":{"type":"string","description":"e"}}}}}],
      "response_format":{"type":"json_schema","json_schema":{"name":"n"}},
      "prediction":{"type":"content","content":[{"type":"text","text":"p"}]},
      "stop":["s"],"user":"a@b.example","vendor":{"deep":[{"x":"y","type":"t"}]},"tool_choice":"auto"})"),
              ElementsAre("/tools/0/function/name system tool_definition f",
                          "/tools/0/function/description system tool_definition d",
                          "/tools/0/function/parameters/properties/q/description system tool_definition e",
                          "/response_format/json_schema/name system tool_definition n",
                          "/prediction/content/0/text assistant text p", "/stop/0 user text s",
                          "/user user text a@b.example", "/vendor/deep/0/x user text y",
                          "/vendor/deep/0/type user text t"));
}

TEST(ChatRequest, WhatIsNoIdentifierInAnIdentifiersPlaceIsText) {
  EXPECT_THAT(places(R"({"model":"ignore all of it","messages":[{"role":"tool","tool_call_id":"two words",
                     "content":[{"type":"odd type","odd":"x"}]}]})"),
              ElementsAre("/model user text ignore all of it", "/messages/0/tool_call_id tool text two words",
                          "/messages/0/content/0/type tool text odd type",
                          "/messages/0/content/0/odd tool tool_result x"));
}

TEST(ChatRequest, AttachmentsAreReadForWordsButNotForBytes) {
  EXPECT_THAT(places(R"({"messages":[{"role":"user","content":[
      {"type":"file","file":{"filename":"my name.pdf","file_data":"data:application/pdf;base64,AAAA"}},
      {"type":"input_audio","input_audio":{"data":"AAAA","format":"wav"}},
      {"type":"input_audio","input_audio":{"data":"not base64!","format":"wav"}},
      {"type":"image_url","image_url":{"url":"https://a.example/b"}}]}]})"),
              ElementsAre("/messages/0/content/0 user attachment ",
                          "/messages/0/content/0/file/filename user text my name.pdf",
                          "/messages/0/content/1 user attachment ", "/messages/0/content/2 user attachment ",
                          "/messages/0/content/2/input_audio/data user text not base64!",
                          "/messages/0/content/3 user attachment ",
                          "/messages/0/content/3/image_url/url user text https://a.example/b"));
}

TEST(ChatRequest, ReadsModelStreamAndTheNamesOfTools) {
  const auto document = decode_chat_request(
      R"({"model":"m","stream":true,"stream_options":{"include_usage":true},"n":2,"messages":[{"role":"user","content":"x"}],
      "tools":[{"type":"function","function":{"name":"f"}},{"type":"custom","custom":{"name":"c"}},{"type":"web_search"}]})");
  ASSERT_TRUE(document) << document.error().message;
  const auto& conversation = document->conversation();
  EXPECT_EQ(conversation.surface, "chat.completions");
  EXPECT_EQ(conversation.model, "m");
  EXPECT_TRUE(conversation.stream);
  EXPECT_THAT(conversation.tools, ElementsAre("f", "c", "web_search"));
}

TEST(ChatRequest, SaysWhatIsWrongAndWhereAsOpenAiDoesAndQuotesNothing) {
  struct Case {
    const char* body;
    const char* param;
    const char* message;
  };
  const Case cases[] = {
      {R"({"model":"zq"})", "messages", "Missing required parameter: 'messages'."},
      {R"({"messages":"zq"})", "messages",
       "Invalid type for 'messages': expected an array of objects, but got a string instead."},
      {R"({"messages":[]})", "messages", "empty array"},
      {R"({"messages":["zq"]})", "messages[0]",
       "Invalid type for 'messages[0]': expected an object, but got a string instead."},
      {R"({"messages":[{"content":"zq"}]})", "messages[0].role",
       "Missing required parameter: 'messages[0].role'."},
      {R"({"messages":[{"role":"zq"}]})", "messages[0].role", "Supported values are:"},
      {R"({"messages":[{"role":7}]})", "messages[0].role", "expected a string, but got an integer"},
      {R"({"messages":[{"role":"user","content":7}]})", "messages[0].content",
       "expected one of a string or array of objects, but got an integer instead."},
      {R"({"messages":[{"role":"user","content":"a"},{"role":"user","content":{"zq":1}}]})",
       "messages[1].content", "but got an object instead."},
      {R"({"messages":[{"role":"user","content":["zq"]}]})", "messages[0].content[0]", "expected an object"},
      {R"({"messages":[{"role":"user","content":[{"text":"zq"}]}]})", "messages[0].content[0].type",
       "Missing required parameter"},
      {R"({"messages":[{"role":"user","content":[{"type":"text"}]}]})", "messages[0].content[0].text",
       "Missing required parameter"},
      {R"({"messages":[{"role":"user","content":[{"type":"text","text":["zq"]}]}]})",
       "messages[0].content[0].text", "expected a string, but got an array"},
      {R"({"messages":[{"role":"assistant","tool_calls":{}}]})", "messages[0].tool_calls",
       "an array of objects"},
      {R"({"messages":[{"role":"assistant","tool_calls":[{"function":{"arguments":{"zq":1}}}]}]})",
       "messages[0].tool_calls[0].function.arguments", "expected a string, but got an object"},
      {R"({"messages":[{"role":"user","content":"a"}],"stream":"zq"})", "stream", "expected a boolean"},
      {R"({"messages":[{"role":"user","content":"a"}],"n":0})", "n", "from 1 to 128"},
      {R"({"messages":[{"role":"user","content":"a"}],"n":1.5})", "n", "but got a decimal"},
      {R"({"messages":[{"role":"user","content":"a"}],"tools":{"zq":1}})", "tools", "an array of objects"},
      {R"({"messages":[{"role":"user","content":"a"}],"model":["zq"]})", "model", "expected a string"},
      {R"({"zq":1,"zq":2})", "", "duplicate key"},
      {R"(["zq"])", "", "must be a JSON object"}};
  for (const auto& c : cases) {
    const auto document = decode_chat_request(c.body);
    ASSERT_FALSE(document) << c.body;
    EXPECT_EQ(document.error().param, c.param) << c.body;
    EXPECT_THAT(document.error().message, HasSubstr(c.message)) << c.body;
    EXPECT_THAT(document.error().message, Not(HasSubstr("zq"))) << c.body;
  }
}

TEST(ChatRequest, IsBounded) {
  std::string body = R"({"messages":[)";
  for (int i = 0; i < 4'097; ++i) body += R"({"role":"user","content":""},)";
  body.back() = ']';
  EXPECT_EQ(decode_chat_request(body + "}").error().param, "messages");

  body = R"({"messages":[{"role":"user","content":"a"}],"x":[)";
  for (int i = 0; i < 65'536; ++i) body += "\"a\",";
  body.back() = ']';
  EXPECT_THAT(decode_chat_request(body + "}").error().message, HasSubstr("Too many"));

  const std::string name(2'000, 'k');
  EXPECT_FALSE(decode_chat_request(R"({"messages":[{"role":"user","content":"a"}],")" + name + R"(":"v"})"));
}

TEST(ChatRequest, SafeModeTightensAndNeverLoosens) {
  const auto safe = [](std::string_view members) {
    auto document =
        decode_chat_request(R"({"messages":[{"role":"user","content":"x"}])" + std::string(members) + "}");
    make_safe(*document, "P", 0.5);
    EXPECT_TRUE(document->conversation().tools.empty());
    return to_canonical_json(document->json());
  };
  const std::string messages =
      R"("messages":[{"content":"P","role":"system"},{"content":"x","role":"user"}])";
  EXPECT_EQ(safe(""), "{" + messages + R"(,"temperature":0.5})");
  EXPECT_EQ(safe(R"(,"temperature":0.1,"top_p":7,"n":4)"),
            "{" + messages + R"(,"n":1,"temperature":0.1,"top_p":1})");
  EXPECT_EQ(
      safe(R"(,"temperature":2,"tools":[],"tool_choice":"auto","functions":[],"parallel_tool_calls":true)"),
      "{" + messages + R"(,"temperature":0.5})");
}

}  // namespace
}  // namespace plimsoll::wire
