#include <gmock/gmock.h>

#include "base/json.h"
#include "wire/openai_chat.h"
#include "wire/openai_responses.h"
#include "wire/surface.h"

namespace plimsoll::wire {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

std::vector<std::string> places(std::string_view body) {
  const auto document = decode_responses_request(body);
  if (!document) return {"refused: " + document.error().message};
  std::vector<std::string> found;
  for (const auto& s : document->conversation().segments)
    found.push_back(s.pointer + " " + std::string(to_string(s.role)) + " " + std::string(to_string(s.kind)) +
                    " " + s.text);
  return found;
}

TEST(ResponsesRequest, InstructionsAndAnInputOfOneStringAreSegments) {
  EXPECT_THAT(places(R"({"model":"gpt-5","instructions":"be kind","input":"hello","store":true})"),
              ElementsAre("/instructions system text be kind", "/input user text hello"));
}

TEST(ResponsesRequest, EveryRoleAndPartIsASegment) {
  EXPECT_THAT(
      places(R"({"input":[
      {"role":"developer","content":"rules"},
      {"type":"message","role":"user","content":[{"type":"input_text","text":"look"},
        {"type":"input_image","image_url":"data:image/png;base64,AAAA","detail":"low"},
        {"type":"input_file","file_id":"file_1"},
        {"type":"input_file","filename":"my name.pdf","file_data":"AAAA"},
        {"type":"input_image","image_url":"https://a.example/b?c"}]},
      {"type":"message","id":"msg_1","role":"assistant","status":"completed","phase":"commentary","content":[
        {"type":"output_text","text":"said","annotations":[{"type":"url_citation","title":"a title","url":"u?"}]},
        {"type":"refusal","refusal":"no"}]}]})"),
      ElementsAre("/input/0/content system text rules", "/input/1/content/0/text user text look",
                  "/input/1/content/1 user attachment ", "/input/1/content/2 user attachment ",
                  "/input/1/content/3 user attachment ", "/input/1/content/3/filename user text my name.pdf",
                  "/input/1/content/4 user attachment ",
                  "/input/1/content/4/image_url user text https://a.example/b?c",
                  "/input/2/content/0/text assistant text said",
                  "/input/2/content/0/annotations/0/title assistant text a title",
                  "/input/2/content/0/annotations/0/url assistant text u?",
                  "/input/2/content/1/refusal assistant text no"));
}

TEST(ResponsesRequest, CallsAndTheirResultsAreSegmentsOfTheirKind) {
  EXPECT_THAT(
      places(R"({"input":[
      {"type":"function_call","call_id":"c1","name":"f","arguments":"{\"to\":\"a\\u0040b\"}"},
      {"type":"function_call_output","call_id":"c1","output":"plain"},
      {"type":"function_call_output","call_id":"c1","output":[{"type":"input_text","text":"part"},{"type":"input_image","file_id":"file_2"}]},
      {"type":"custom_tool_call","call_id":"c2","name":"patch","input":"free text"},
      {"type":"custom_tool_call_output","call_id":"c2","output":"done"},
      {"type":"mcp_call","id":"m","server_label":"s","name":"n","arguments":"{}","output":"they said"},
      {"type":"mcp_list_tools","id":"l","server_label":"s","tools":[{"name":"n","description":"a tool","input_schema":{"type":"object"}}]},
      {"type":"mcp_approval_response","approval_request_id":"a","approve":true,"reason":"I say so"},
      {"type":"shell_call","call_id":"c3","action":{"commands":["ls -l"]}},
      {"type":"shell_call_output","call_id":"c3","output":[{"stdout":"a file","stderr":"","outcome":{"type":"exit","exit_code":0}}]},
      {"type":"web_search_call","id":"w","status":"completed","action":{"type":"search","query":"who is"}},
      {"type":"file_search_call","id":"v","queries":["what is"],"results":[{"file_id":"file_3","text":"a chunk","filename":"x y"}]},
      {"type":"code_interpreter_call","id":"ci","container_id":"cntr_1","code":"print 1","outputs":[{"type":"logs","logs":"1 2"}]},
      {"type":"computer_call","call_id":"c4","action":{"type":"type","text":"typed words"}},
      {"type":"computer_call_output","call_id":"c4","output":{"type":"computer_screenshot","image_url":"data:image/png;base64,AA"}}]
})"),
      ElementsAre(
          "/input/0/arguments assistant tool_arguments {\"to\":\"a@b\"}",
          "/input/1/output tool tool_result plain", "/input/2/output/0/text tool tool_result part",
          "/input/2/output/1 tool attachment ", "/input/3/input assistant tool_arguments free text",
          "/input/4/output tool tool_result done", "/input/5/arguments assistant tool_arguments {}",
          "/input/5/output tool tool_result they said", "/input/6/tools/0/name system tool_definition n",
          "/input/6/tools/0/description system tool_definition a tool", "/input/7/reason user text I say so",
          "/input/8/action/commands/0 assistant tool_arguments ls -l",
          "/input/9/output/0/stdout tool tool_result a file",
          "/input/10/action/query assistant tool_arguments who is",
          "/input/11/queries/0 assistant tool_arguments what is",
          "/input/11/results/0/file_id tool attachment ", "/input/11/results/0/text tool tool_result a chunk",
          "/input/11/results/0/filename tool tool_result x y", "/input/12/container_id assistant attachment ",
          "/input/12/code assistant tool_arguments print 1", "/input/12/outputs/0/logs tool tool_result 1 2",
          "/input/13/action/text assistant tool_arguments typed words", "/input/14/output tool attachment "));
}

TEST(ResponsesRequest, ReasoningIsReadWhereItCanBe) {
  EXPECT_THAT(
      places(
          R"({"input":[{"type":"reasoning","id":"rs_1","summary":[{"type":"summary_text","text":"in short"}],
      "content":[{"type":"reasoning_text","text":"at length"}],"encrypted_content":"gAAAAA-_="},
      {"type":"reasoning","id":"rs_2","summary":[],"encrypted_content":"not base64!"},
      {"type":"compaction","encrypted_content":"AAAA"}]})"),
      ElementsAre("/input/0/summary/0/text assistant text in short",
                  "/input/0/content/0/text assistant text at length",
                  "/input/0/encrypted_content assistant attachment ",
                  "/input/1/encrypted_content assistant attachment ",
                  "/input/1/encrypted_content assistant text not base64!",
                  "/input/2/encrypted_content assistant attachment "));
}

TEST(ResponsesRequest, WhatIsKeptElsewhereIsAnAttachment) {
  EXPECT_THAT(
      places(R"({"previous_response_id":"resp_1","conversation":{"id":"conv_1"},
      "prompt":{"id":"pmpt_1","version":"2","variables":{"who":"Ann B","what":{"type":"input_text","text":"t"},"pic":{"type":"input_image","file_id":"file_1"}}},
      "input":[{"type":"item_reference","id":"msg_1"},{"id":"msg_2"}],
      "tools":[{"type":"file_search","vector_store_ids":["vs_1"]},{"type":"code_interpreter","container":"cntr_1"},
               {"type":"code_interpreter","container":{"type":"auto","file_ids":["file_2"]}},
               {"type":"mcp","server_label":"s","server_url":"https://m.example/x"}]})"),
      ElementsAre("/previous_response_id user attachment ", "/conversation/id user attachment ",
                  "/prompt/id user attachment ", "/prompt/variables/who user text Ann B",
                  "/prompt/variables/what/text user text t", "/prompt/variables/pic user attachment ",
                  "/input/0 user attachment ", "/input/1 user attachment ",
                  "/tools/0/vector_store_ids/0 system attachment ", "/tools/1/container system attachment ",
                  "/tools/2/container/file_ids/0 system attachment ",
                  "/tools/3/server_label system tool_definition s", "/tools/3/server_url system attachment ",
                  "/tools/3/server_url system tool_definition https://m.example/x"));
  EXPECT_THAT(places(R"({"input":null,"conversation":"conv_1","previous_response_id":null})"),
              ElementsAre("/conversation user attachment "));
}

TEST(ResponsesRequest, ToolDefinitionsFormatsAndUnknownMembersAreInspectedToo) {
  EXPECT_THAT(places(R"({"input":"x","tools":[{"type":"function","name":"f","description":"d","strict":true,
      "parameters":{"type":"object","properties":{"file_id":{"type":"string","description":"e"}}}}],
      "text":{"format":{"type":"json_schema","name":"n","schema":{"description":"s"}},"verbosity":"low"},
      "tool_choice":{"type":"function","name":"f"},"reasoning":{"effort":"low","summary":"auto"},
      "user":"a@b.example","metadata":{"k":"some words"},"vendor":{"deep":[{"x":"y z","type":"t t"}]},
      "include":["reasoning.encrypted_content"],"truncation":"auto"})"),
              ElementsAre("/input user text x", "/tools/0/name system tool_definition f",
                          "/tools/0/description system tool_definition d",
                          "/tools/0/parameters/properties/file_id/description system tool_definition e",
                          "/text/format/name system tool_definition n",
                          "/text/format/schema/description system tool_definition s",
                          "/tool_choice/name system tool_definition f", "/user user text a@b.example",
                          "/metadata/k user text some words", "/vendor/deep/0/x user text y z",
                          "/vendor/deep/0/type user text t t"));
}

TEST(ResponsesRequest, ReadsModelStreamAndTheNamesOfTools) {
  const auto document = decode_responses_request(
      R"({"model":"m","stream":true,"background":false,"input":[{"type":"additional_tools","role":"developer","tools":[{"type":"function","name":"late"}]}],
      "tools":[{"type":"function","name":"f"},{"type":"custom","name":"c"},{"type":"web_search"},
               {"type":"namespace","name":"ns","tools":[{"type":"function","name":"inner"}]}]})");
  ASSERT_TRUE(document) << document.error().message;
  const auto& conversation = document->conversation();
  EXPECT_EQ(conversation.surface, "responses");
  EXPECT_EQ(conversation.model, "m");
  EXPECT_TRUE(conversation.stream);
  EXPECT_THAT(conversation.tools, ElementsAre("late", "f", "c", "web_search", "ns", "inner"));
}

TEST(ResponsesRequest, SaysWhatIsWrongAndWhereAndQuotesNothing) {
  struct Case {
    const char* body;
    const char* param;
    const char* message;
  };
  const Case cases[] = {
      {R"({"model":"zq"})", "input", "Missing required parameter: 'input'."},
      {R"({"input":null,"prompt":null})", "input", "Missing required parameter: 'input'."},
      {R"({"input":7})", "input", "expected one of a string or array of objects, but got an integer"},
      {R"({"input":["zq"]})", "input[0]", "expected an object, but got a string"},
      {R"({"input":[{"content":"zq"}]})", "input[0].type", "Missing required parameter"},
      {R"({"input":[{"type":"message","content":"zq"}]})", "input[0].role", "Missing required parameter"},
      {R"({"input":[{"type":7}]})", "input[0].type", "expected a string"},
      {R"({"input":[{"role":"zq"}]})", "input[0].role", "Supported values are:"},
      {R"({"input":[{"role":"user","content":7}]})", "input[0].content", "but got an integer"},
      {R"({"input":[{"role":"user","content":[{"type":"input_text"}]}]})", "input[0].content[0].text",
       "Missing required parameter"},
      {R"({"input":[{"role":"user","content":[{"type":"input_text","text":["zq"]}]}]})",
       "input[0].content[0].text", "expected a string, but got an array"},
      {R"({"input":[{"role":"user","content":[{"text":"zq"}]}]})", "input[0].content[0].type", "Missing"},
      {R"({"input":[{"type":"function_call","arguments":{"zq":1}}]})", "input[0].arguments",
       "expected a string, but got an object"},
      {R"({"input":"x","instructions":7})", "instructions", "expected a string"},
      {R"({"input":"x","stream":"zq"})", "stream", "expected a boolean"},
      {R"({"input":"x","background":true})", "background", "cannot be inspected"},
      {R"({"input":"x","background":"zq"})", "background", "expected a boolean"},
      {R"({"input":"x","tools":{"zq":1}})", "tools", "an array of objects"},
      {R"({"input":"x","tools":["zq"]})", "tools[0]", "an object"},
      {R"({"input":"x","model":["zq"]})", "model", "expected a string"},
      {R"({"zq":1,"zq":2})", "", "duplicate key"},
      {R"(["zq"])", "", "must be a JSON object"}};
  for (const auto& c : cases) {
    const auto document = decode_responses_request(c.body);
    ASSERT_FALSE(document) << c.body;
    EXPECT_EQ(document.error().status, 400);
    EXPECT_EQ(document.error().param, c.param) << c.body;
    EXPECT_THAT(document.error().message, HasSubstr(c.message)) << c.body;
    EXPECT_THAT(document.error().message, Not(HasSubstr("zq"))) << c.body;
  }
}

TEST(ResponsesRequest, IsBounded) {
  std::string body = R"({"input":[)";
  for (int i = 0; i < 4'097; ++i) body += R"({"role":"user","content":""},)";
  body.back() = ']';
  EXPECT_EQ(decode_responses_request(body + "}").error().param, "input");
}

TEST(ResponsesRequest, SafeModePutsThePreambleFirstAndTightens) {
  const auto safe = [](std::string_view members) {
    auto document = decode_responses_request(R"({"input":"x")" + std::string(members) + "}");
    make_responses_safe(*document, "P", 0.5);
    EXPECT_TRUE(document->conversation().tools.empty());
    return to_canonical_json(document->json());
  };
  EXPECT_EQ(safe(""), R"({"input":"x","instructions":"P","temperature":0.5})");
  EXPECT_EQ(safe(R"(,"instructions":null,"temperature":0.1,"top_p":7)"),
            R"({"input":"x","instructions":"P","temperature":0.1,"top_p":1})");
  EXPECT_EQ(
      safe(R"(,"instructions":"be kind","tools":[],"tool_choice":"auto","max_tool_calls":3,"temperature":2)"),
      R"({"input":"x","instructions":"P\n\nbe kind","temperature":0.5})");

  auto document = decode_responses_request(
      R"({"instructions":"mine","input":[{"type":"additional_tools","tools":[{"type":"function","name":"f"}]}]})");
  make_responses_safe(*document, "P", 0.5);
  document->replace(0, "other");
  EXPECT_EQ(
      to_canonical_json(document->json()),
      R"({"input":[{"tools":[],"type":"additional_tools"}],"instructions":"P\n\nother","temperature":0.5})");
}

TEST(OpenAiProblem, HasTheTypeOfItsKind) {
  const auto type_of = [](ProblemKind kind) {
    Problem problem{.kind = kind, .status = 400, .message = "m", .code = "c", .param = "p", .inner = {}};
    EXPECT_EQ(chat_error(problem), responses_error(problem));
    return std::string(find(parse_json(chat_error(problem)).value(), "error")->at("type").as_string());
  };
  EXPECT_EQ(type_of(ProblemKind::kInvalid), "invalid_request_error");
  EXPECT_EQ(type_of(ProblemKind::kRefused), "invalid_request_error");
  EXPECT_EQ(type_of(ProblemKind::kUndecided), "server_error");
  EXPECT_EQ(type_of(ProblemKind::kStranger), "invalid_request_error");
  EXPECT_EQ(type_of(ProblemKind::kLimited), "rate_limit_error");
  EXPECT_EQ(type_of(ProblemKind::kUpstream), "upstream_error");
  EXPECT_EQ(type_of(ProblemKind::kTimeout), "upstream_error");
  EXPECT_EQ(type_of(ProblemKind::kInternal), "server_error");

  const Problem refused{.kind = ProblemKind::kRefused,
                        .status = 400,
                        .message = "m",
                        .code = "content_filter",
                        .param = {},
                        .inner = {{"code", "x"}}};
  EXPECT_EQ(responses_error(refused),
            R"({"error":{"message":"m","type":"invalid_request_error","param":null,"code":"content_filter",)"
            R"("innererror":{"code":"x"}}})");
}

}  // namespace
}  // namespace plimsoll::wire
