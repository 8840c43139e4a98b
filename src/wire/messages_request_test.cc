#include <gmock/gmock.h>

#include "base/json.h"
#include "wire/anthropic_messages.h"

namespace plimsoll::wire {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

std::vector<std::string> listed(const Decoded<Document>& document) {
  if (!document) return {"refused: " + document.error().message};
  std::vector<std::string> found;
  for (const auto& s : document->conversation().segments)
    found.push_back(s.pointer + " " + std::string(to_string(s.role)) + " " + std::string(to_string(s.kind)) +
                    " " + s.text);
  return found;
}

std::vector<std::string> places(std::string_view messages, std::string_view rest = "") {
  return listed(decode_messages_request(R"({"model":"claude","max_tokens":9,"messages":)" +
                                        std::string(messages) + std::string(rest) + "}"));
}

std::vector<std::string> content(std::string_view blocks) {
  return places(R"([{"role":"user","content":)" + std::string(blocks) + "}]");
}

TEST(MessagesRequest, TextsOfAllRolesAreSegments) {
  EXPECT_THAT(places(R"([{"role":"user","content":"hi"},
                         {"role":"assistant","content":[{"type":"text","text":"yo","cache_control":{"type":"ephemeral","ttl":"5m"}}]},
                         {"role":"system","content":"late rules","vendor":"x"}])",
                     R"(,"system":[{"type":"text","text":"rules"}])"),
              ElementsAre("/messages/0/content user text hi", "/messages/1/content/0/text assistant text yo",
                          "/messages/2/content system text late rules", "/messages/2/vendor system text x",
                          "/system/0/text system text rules"));
  EXPECT_THAT(places(R"([{"role":"user","content":""}])", R"(,"system":"rules")"),
              ElementsAre("/system system text rules"));
}

TEST(MessagesRequest, DocumentsAreReadWhereTheyAreTextAndAttachmentsWhereTheyAreNot) {
  EXPECT_THAT(
      content(
          R"([{"type":"document","source":{"type":"text","media_type":"text/plain","data":"words"},"title":"t","context":"c"},
              {"type":"document","source":{"type":"content","content":[{"type":"text","text":"inner"},{"type":"image","source":{"type":"base64","media_type":"image/png","data":"AAAA"}}]}},
              {"type":"document","source":{"type":"content","content":"plain"},"citations":{"enabled":true}},
              {"type":"document","source":{"type":"base64","media_type":"application/pdf","data":"JVBE"},"title":"pdf"},
              {"type":"document","source":{"type":"url","url":"https://a.example/b c"}},
              {"type":"document","source":{"type":"file","file_id":"file_1"}},
              {"type":"container_upload","file_id":"file_2"},
              {"type":"image","source":{"type":"base64","media_type":"image/png","data":"not base64!"}}])"),
      ElementsAre("/messages/0/content/0/source/data user text words",
                  "/messages/0/content/0/title user text t", "/messages/0/content/0/context user text c",
                  "/messages/0/content/1/source/content/0/text user text inner",
                  "/messages/0/content/1/source/content/1 user attachment ",
                  "/messages/0/content/2/source/content user text plain",
                  "/messages/0/content/3 user attachment ", "/messages/0/content/3/title user text pdf",
                  "/messages/0/content/4 user attachment ",
                  "/messages/0/content/4/source/url user text https://a.example/b c",
                  "/messages/0/content/5 user attachment ", "/messages/0/content/6 user attachment ",
                  "/messages/0/content/7 user attachment ",
                  "/messages/0/content/7/source/data user text not base64!"));
}

TEST(MessagesRequest, ToolUseAndResultsAreRead) {
  EXPECT_THAT(
      places(
          R"([{"role":"assistant","content":[{"type":"tool_use","id":"toolu_1","name":"f","input":{"to":["a","b"],"n":7,"card":4111111111111111,"type":"text"}},
                {"type":"server_tool_use","id":"s","name":"web_search","input":{"query":"q"}},
                {"type":"web_search_tool_result","tool_use_id":"s","content":[{"type":"web_search_result","title":"t","url":"https://u.example","encrypted_content":"EqQB","page_age":"1 day"}]},
                {"type":"mcp_tool_use","id":"m","name":"g","server_name":"srv","input":{"two words":{"x":"y"}}},
                {"type":"mcp_tool_result","tool_use_id":"m","is_error":false,"content":[{"type":"text","text":"r"}]},
                {"type":"bash_code_execution_tool_result","tool_use_id":"s","content":{"type":"bash_code_execution_result","stdout":"out","stderr":"","return_code":0,"content":[{"type":"bash_code_execution_output","file_id":"file_1"}]}}]},
              {"role":"user","content":[{"type":"tool_result","tool_use_id":"toolu_1","content":"plain"},
                {"type":"tool_result","tool_use_id":"toolu_2","content":[{"type":"text","text":"in block"},{"type":"search_result","source":"src","title":"st","content":[{"type":"text","text":"sc"}]}]},
                {"type":"tool_result","tool_use_id":"toolu_3"}]}])"),
      ElementsAre("/messages/0/content/0/input/to/0 assistant tool_arguments a",
                  "/messages/0/content/0/input/to/1 assistant tool_arguments b",
                  "/messages/0/content/0/input/card assistant tool_arguments 4111111111111111",
                  "/messages/0/content/1/input/query assistant tool_arguments q",
                  "/messages/0/content/2/content/0/title tool tool_result t",
                  "/messages/0/content/2/content/0/url tool tool_result https://u.example",
                  "/messages/0/content/2/content/0/encrypted_content tool attachment ",
                  "/messages/0/content/2/content/0/page_age tool tool_result 1 day",
                  R"(/messages/0/content/3/input assistant tool_arguments {"two words":{"x":"y"}})",
                  "/messages/0/content/4/content/0/text tool tool_result r",
                  "/messages/0/content/5/content/stdout tool tool_result out",
                  "/messages/0/content/5/content/content/0 tool attachment ",
                  "/messages/1/content/0/content tool tool_result plain",
                  "/messages/1/content/1/content/0/text tool tool_result in block",
                  "/messages/1/content/1/content/1/source tool tool_result src",
                  "/messages/1/content/1/content/1/title tool tool_result st",
                  "/messages/1/content/1/content/1/content/0/text tool tool_result sc"));
}

TEST(MessagesRequest, ThinkingIsTextItsSignatureIsNotAndWhatIsEncryptedIsAnAttachment) {
  EXPECT_THAT(
      content(
          R"([{"type":"thinking","thinking":"hm","signature":"EqQB+/=="},{"type":"thinking","thinking":"","signature":"words here"},
              {"type":"redacted_thinking","data":"EqQB"},{"type":"redacted_thinking","data":"in the open"},
              {"type":"compaction","content":"so far","encrypted_content":"EqQB"},{"type":"odd type","odd":["x"]}])"),
      ElementsAre(
          "/messages/0/content/0/thinking user text hm",
          "/messages/0/content/1/signature user text words here", "/messages/0/content/2 user attachment ",
          "/messages/0/content/3 user attachment ", "/messages/0/content/3/data user text in the open",
          "/messages/0/content/4/content user text so far",
          "/messages/0/content/4/encrypted_content user attachment ",
          "/messages/0/content/5/type user text odd type", "/messages/0/content/5/odd/0 user text x"));
}

TEST(MessagesRequest, ToolsServersFormatsAndUnknownMembersAreInspectedToo) {
  const auto document = decode_messages_request(
      R"({"model":"m","max_tokens":9,"stream":true,"messages":[{"role":"user","content":"x"}],
          "tools":[{"name":"f","description":"d","input_schema":{"type":"object","properties":{"q":{"type":"string","description":"e"}}},"cache_control":{"type":"ephemeral"}},{"type":"web_search_20250305","name":"web_search","allowed_domains":["a.example"]}],
          "tool_choice":{"type":"tool","name":"f"},"mcp_servers":[{"type":"url","url":"https://m.example","name":"srv","authorization_token":"abc.def"}],
          "output_config":{"effort":"high","format":{"type":"json_schema","schema":{"title":"s"}}},
          "metadata":{"user_id":"user_1"},"thinking":{"type":"adaptive","display":"omitted"},"service_tier":"auto",
          "stop_sequences":["halt"],"container":"cont_1","thread":{"type":"continue","previous_message_id":"msg_1"},"vendor":{"deep":["y"]}})");
  EXPECT_THAT(listed(document),
              ElementsAre("/messages/0/content user text x", "/tools/0/name system tool_definition f",
                          "/tools/0/description system tool_definition d",
                          "/tools/0/input_schema/properties/q/description system tool_definition e",
                          "/tools/1/name system tool_definition web_search",
                          "/tools/1/allowed_domains/0 system tool_definition a.example",
                          "/tool_choice/name system tool_definition f", "/mcp_servers/0 system attachment ",
                          "/mcp_servers/0/url system tool_definition https://m.example",
                          "/mcp_servers/0/name system tool_definition srv",
                          "/output_config/format/schema/title system tool_definition s",
                          "/stop_sequences/0 user text halt", "/container user attachment ",
                          "/thread user attachment ", "/vendor/deep/0 user text y"));
  EXPECT_EQ(document->conversation().surface, "messages");
  EXPECT_EQ(document->conversation().model, "m");
  EXPECT_TRUE(document->conversation().stream);
  EXPECT_THAT(document->conversation().tools, ElementsAre("f", "web_search", "srv"));
}

TEST(MessagesRequest, ProblemsAreNamedAsTheApiNamesThem) {
  const auto problem = [](std::string_view body) {
    const auto document = decode_messages_request(body);
    return document ? "none" : std::to_string(document.error().status) + " " + document.error().message;
  };
  EXPECT_EQ(problem(R"({"messages":[]})"), "400 max_tokens: Field required");
  EXPECT_EQ(problem(R"({"max_tokens":1})"), "400 messages: Field required");
  EXPECT_EQ(problem(R"({"max_tokens":"1","messages":[]})"),
            "400 max_tokens: Input should be a valid integer");
  EXPECT_EQ(problem(R"({"max_tokens":1,"messages":[]})"), "400 messages: at least one message is required");
  const auto with = [&](std::string_view message) {
    return problem(R"({"max_tokens":1,"messages":[)" + std::string(message) + "]}");
  };
  EXPECT_EQ(with("7"), "400 messages.0: Input should be a valid dictionary");
  EXPECT_EQ(with("{}"), "400 messages.0.role: Field required");
  EXPECT_THAT(with(R"({"role":"tool"})"), HasSubstr("400 messages.0.role: Input should be"));
  EXPECT_EQ(with(R"({"role":"user"})"), "400 messages.0.content: Field required");
  EXPECT_THAT(with(R"({"role":"user","content":7})"), HasSubstr("400 messages.0.content: Input should be"));
  EXPECT_EQ(with(R"({"role":"user","content":[{}]})"), "400 messages.0.content.0.type: Field required");
  EXPECT_EQ(with(R"({"role":"user","content":[{"type":"text"}]})"),
            "400 messages.0.content.0.text: Field required");
  EXPECT_THAT(problem("{"), HasSubstr("400 The request body is not valid JSON"));
  EXPECT_EQ(decode_messages_request(R"({"max_tokens":1,"messages":[{}]})").error().param, "messages.0.role");
}

TEST(MessagesRequest, TokensAreCountedOfTheSameTexts) {
  const auto document =
      decode_count_tokens_request(R"({"model":"m","messages":[{"role":"user","content":"x"}]})");
  ASSERT_TRUE(document);
  EXPECT_EQ(document->conversation().surface, "messages.count_tokens");
  const auto streamed = decode_count_tokens_request(
      R"({"model":"m","messages":[{"role":"user","content":"x"}],"stream":true})");
  ASSERT_FALSE(streamed);
  EXPECT_EQ(streamed.error().param, "stream");
  EXPECT_EQ(document->conversation().segments.size(), 1U);
}

TEST(MessagesRequest, SafeModePutsThePreambleFirstAndReplacementsStillFindTheirPlace) {
  for (const std::string_view system : {R"("rules")", R"([{"type":"text","text":"rules"}])"}) {
    auto document = decode_messages_request(
        R"({"max_tokens":9,"messages":[{"role":"user","content":"x"}],"temperature":1,"top_p":0.9,"thinking":{"type":"adaptive"},"tools":[{"name":"f"}],"tool_choice":{"type":"any"},"mcp_servers":[],"system":)" +
        std::string(system) + "}");
    ASSERT_TRUE(document);
    make_messages_safe(*document, "Be careful.", 0.2);
    for (std::size_t i = 0; i < document->conversation().segments.size(); ++i) document->replace(i, "new");
    EXPECT_EQ(
        document->body(),
        R"({"max_tokens":9,"messages":[{"role":"user","content":"new"}],"temperature":0.2,"top_p":0.9,"system":)" +
            std::string(system.starts_with('"')
                            ? R"("Be careful.\n\nnew")"
                            : R"([{"type":"text","text":"Be careful."},{"type":"text","text":"new"}])") +
            "}");
    EXPECT_THAT(document->conversation().tools, IsEmpty());
  }
}

TEST(MessagesRequest, SafeModeLeavesTheNamesOfToolsThatWereCalledAndLetsNoneBeCalled) {
  auto document = decode_messages_request(
      R"({"max_tokens":9,"tools":[{"name":"f","description":"d","input_schema":{"type":"object"}},{"name":"g"}],"messages":[
          {"role":"assistant","content":[{"type":"tool_use","id":"a","name":"f","input":{}},{"type":"tool_use","id":"b","name":"f","input":{}}]},
          {"role":"user","content":[{"type":"tool_result","tool_use_id":"a","content":"x"}]}]})");
  ASSERT_TRUE(document);
  make_messages_safe(*document, "Be careful.", 0.2);
  EXPECT_THAT(
      document->body(),
      HasSubstr(R"("tools":[{"name":"f","input_schema":{"type":"object"}}],"tool_choice":{"type":"none"})"));
  EXPECT_THAT(document->conversation().tools, IsEmpty());
}

TEST(MessagesRequest, SafeModeAddsNoTemperatureThatAModelMightRefuse) {
  auto document = decode_messages_request(
      R"({"max_tokens":9,"messages":[{"role":"user","content":"x"}],"thinking":{"type":"adaptive"}})");
  make_messages_safe(*document, "Be careful.", 0.2);
  EXPECT_EQ(
      document->body(),
      R"({"max_tokens":9,"messages":[{"role":"user","content":"x"}],"thinking":{"type":"adaptive"},"system":"Be careful."})");
}

}  // namespace
}  // namespace plimsoll::wire
