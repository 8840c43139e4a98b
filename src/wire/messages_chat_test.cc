#include "messages_chat.h"

#include <gmock/gmock.h>

#include "base/json.h"
#include "wire/anthropic_messages.h"
#include "wire/openai_chat.h"

namespace plimsoll::wire {
namespace {

using testing::HasSubstr;

std::string outcome(const Decoded<json::value>& carried) {
  return carried ? to_json(*carried)
                 : std::to_string(carried.error().status) + " " + carried.error().param + ": " +
                       carried.error().message;
}

std::string to_chat(std::string_view body) {
  const auto carried = chat_request_from_messages(parse_json(body).value());
  if (carried) EXPECT_TRUE(decode_chat_request(to_json(*carried))) << to_json(*carried);
  return outcome(carried);
}

std::string to_messages(std::string_view body) {
  const auto carried = messages_request_from_chat(parse_json(body).value());
  if (carried) EXPECT_TRUE(decode_messages_request(to_json(*carried))) << to_json(*carried);
  return outcome(carried);
}

std::string in_order(std::string_view json) {
  return to_canonical_json(parse_json(json).value());
}

TEST(ChatFromMessages, AConversationWithToolsIsCarriedOver) {
  EXPECT_EQ(
      in_order(to_chat(
          R"({"model":"m","max_tokens":9,"temperature":0.5,"stream":true,"stop_sequences":["x"],"metadata":{"user_id":"u"},
      "system":[{"type":"text","text":"rules","cache_control":{"type":"ephemeral"}}],
      "messages":[{"role":"user","content":[{"type":"text","text":"look"},{"type":"image","source":{"type":"base64","media_type":"image/png","data":"AAAA"}}]},
        {"role":"assistant","content":[{"type":"thinking","thinking":"hm","signature":"EqQB"},{"type":"text","text":"calling"},
           {"type":"tool_use","id":"toolu_1","name":"f","input":{"q":1}},{"type":"tool_use","id":"toolu_2","name":"g","input":{}}]},
        {"role":"user","content":[{"type":"tool_result","tool_use_id":"toolu_1","content":"r1","is_error":true},
           {"type":"tool_result","tool_use_id":"toolu_2","content":[{"type":"text","text":"r2"}]},{"type":"text","text":"go on"}]}],
      "tools":[{"name":"f","description":"d","input_schema":{"type":"object"}}],"tool_choice":{"type":"any","disable_parallel_tool_use":true},
      "output_config":{"effort":"max","format":{"type":"json_schema","schema":{"type":"object"}}}})")),
      in_order(
          R"({"model":"m","max_tokens":9,"temperature":0.5,"stream":true,"stream_options":{"include_usage":true},"stop":["x"],
      "messages":[{"role":"system","content":"rules"},
        {"role":"user","content":[{"type":"text","text":"look"},{"type":"image_url","image_url":{"url":"data:image/png;base64,AAAA"}}]},
        {"role":"assistant","content":"calling","tool_calls":[{"id":"toolu_1","type":"function","function":{"name":"f","arguments":"{\"q\":1}"}},
           {"id":"toolu_2","type":"function","function":{"name":"g","arguments":"{}"}}]},
        {"role":"tool","tool_call_id":"toolu_1","content":"r1"},{"role":"tool","tool_call_id":"toolu_2","content":"r2"},
        {"role":"user","content":"go on"}],
      "tools":[{"type":"function","function":{"name":"f","description":"d","parameters":{"type":"object"}}}],
      "tool_choice":"required","parallel_tool_calls":false,"reasoning_effort":"xhigh",
      "response_format":{"type":"json_schema","json_schema":{"name":"response","strict":true,"schema":{"type":"object"}}}})"));
}

TEST(ChatFromMessages, DocumentsBecomeTextsOrFiles) {
  EXPECT_THAT(
      to_chat(
          R"({"max_tokens":9,"messages":[{"role":"user","content":[{"type":"document","title":"t","source":{"type":"text","media_type":"text/plain","data":"words"}},
      {"type":"document","source":{"type":"content","content":"more"}},{"type":"search_result","source":"s","title":"st","content":[{"type":"text","text":"sc"}]},
      {"type":"document","title":"a.pdf","source":{"type":"base64","media_type":"application/pdf","data":"AAAA"}}]}]})"),
      HasSubstr(
          R"("content":[{"type":"text","text":"t"},{"type":"text","text":"words"},{"type":"text","text":"more"},{"type":"text","text":"st"},{"type":"text","text":"s"},{"type":"text","text":"sc"},{"type":"file","file":{"filename":"a.pdf","file_data":"data:application/pdf;base64,AAAA"}}])"));
}

TEST(ChatFromMessages, WhatChatHasNoWordForIsRefusedByName) {
  const auto refused = [](std::string_view more) {
    const auto carried = chat_request_from_messages(
        parse_json(R"({"max_tokens":9,"messages":[{"role":"user","content":"x"}],)" + std::string(more) + "}")
            .value());
    return carried ? "none" : carried.error().param;
  };
  EXPECT_EQ(refused(R"("top_k":3)"), "top_k");
  EXPECT_EQ(refused(R"("mcp_servers":[{"name":"x"}])"), "mcp_servers");
  EXPECT_EQ(refused(R"("mcp_servers":[],"container":null,"cache_control":{"type":"ephemeral"})"), "none");
  EXPECT_EQ(refused(R"("container":"c")"), "container");
  EXPECT_EQ(refused(R"("thread":{"type":"continue"})"), "thread");
  EXPECT_EQ(refused(R"("inference_geo":"eu")"), "inference_geo");
  EXPECT_EQ(refused(R"("tools":[{"type":"web_search_20250305","name":"web_search"}])"), "tools.0.type");
  EXPECT_EQ(refused(R"("tools":[{"name":"f","input_examples":[{"a":"b"}]}])"), "tools.0.input_examples");
  EXPECT_EQ(refused(R"("vendor":1)"), "vendor");
  const auto block = [](std::string_view b) {
    return to_chat(R"({"max_tokens":9,"messages":[{"role":"user","content":[)" + std::string(b) + "]}]}");
  };
  EXPECT_EQ(
      block(R"({"type":"server_tool_use","id":"s","name":"n","input":{}})"),
      "400 messages.0.content.0.type: 'messages.0.content.0.type' cannot be carried over to the protocol "
      "that this model's server speaks.");
  EXPECT_THAT(
      block(
          R"({"type":"tool_result","tool_use_id":"t","content":[{"type":"image","source":{"type":"url","url":"https://a.example"}}]})"),
      HasSubstr("400 messages.0.content.0.content.0.type"));
  EXPECT_THAT(block(R"({"type":"image","source":{"type":"file","file_id":"f"}})"),
              HasSubstr("400 messages.0.content.0.source"));
  EXPECT_THAT(
      block(
          R"({"type":"document","citations":{"enabled":true},"source":{"type":"text","media_type":"text/plain","data":"x"}})"),
      HasSubstr("400 messages.0.content.0.citations"));
}

TEST(ChatFromMessages, ThinkingBecomesEffortAndReasoningModelsGetTheirLimit) {
  const auto carried = to_chat(
      R"({"model":"gpt-5-mini","max_tokens":9,"thinking":{"type":"enabled","budget_tokens":8000},"messages":[{"role":"user","content":"x"}]})");
  EXPECT_THAT(carried, HasSubstr(R"("reasoning_effort":"medium")"));
  EXPECT_THAT(carried, HasSubstr(R"("max_completion_tokens":9)"));
}

TEST(MessagesFromChat, AConversationWithToolsIsCarriedOver) {
  EXPECT_EQ(
      in_order(to_messages(
          R"({"model":"m","temperature":1.7,"stop":"x","user":"u","store":false,"n":1,"logprobs":false,"reasoning_effort":"minimal",
      "messages":[{"role":"developer","content":"rules"},
        {"role":"user","content":[{"type":"text","text":"look"},{"type":"image_url","image_url":{"url":"data:image/png;base64,AAAA","detail":"low"}},
           {"type":"image_url","image_url":{"url":"https://a.example/b"}},{"type":"file","file":{"filename":"a.pdf","file_data":"data:application/pdf;base64,AAAA"}}]},
        {"role":"assistant","content":null,"refusal":null,"tool_calls":[{"id":"c1","type":"function","function":{"name":"f","arguments":"{\"q\":1}"}},{"id":"c2","type":"function","function":{"name":"g","arguments":""}}]},
        {"role":"tool","tool_call_id":"c1","content":"r1"},{"role":"tool","tool_call_id":"c2","content":""},
        {"role":"user","content":"go on"},{"role":"assistant","content":""},{"role":"system","content":"late"}],
      "tools":[{"type":"function","function":{"name":"f","description":"d","strict":true,"parameters":{"properties":{}}}}],"parallel_tool_calls":false,
      "response_format":{"type":"json_schema","json_schema":{"name":"n","description":"what","schema":{"type":"object"}}}})")),
      in_order(
          R"({"model":"m","temperature":1,"stop_sequences":["x"],"max_tokens":4096,
      "system":[{"type":"text","text":"rules"},{"type":"text","text":"late"}],
      "messages":[{"role":"user","content":[{"type":"text","text":"look"},{"type":"image","source":{"type":"base64","media_type":"image/png","data":"AAAA"}},
           {"type":"image","source":{"type":"url","url":"https://a.example/b"}},{"type":"document","title":"a.pdf","source":{"type":"base64","media_type":"application/pdf","data":"AAAA"}}]},
        {"role":"assistant","content":[{"type":"tool_use","id":"c1","name":"f","input":{"q":1}},{"type":"tool_use","id":"c2","name":"g","input":{}}]},
        {"role":"user","content":[{"type":"tool_result","tool_use_id":"c1","content":[{"type":"text","text":"r1"}]},{"type":"tool_result","tool_use_id":"c2"},{"type":"text","text":"go on"}]}],
      "tools":[{"name":"f","description":"d","strict":true,"input_schema":{"properties":{},"type":"object"}}],"tool_choice":{"type":"auto","disable_parallel_tool_use":true},
      "output_config":{"effort":"low","format":{"type":"json_schema","schema":{"type":"object","description":"what"}}}})"));
}

TEST(MessagesFromChat, TheNewerLimitWinsAndChoicesOfToolsHaveTheirWords) {
  const auto with = [](std::string_view more) {
    return to_messages(
        R"({"messages":[{"role":"user","content":"x"}],"tools":[{"type":"function","function":{"name":"f"}}],)" +
        std::string(more) + "}");
  };
  EXPECT_THAT(with(R"("max_completion_tokens":7,"max_tokens":9)"), HasSubstr(R"("max_tokens":7)"));
  EXPECT_THAT(with(R"("tool_choice":"required")"), HasSubstr(R"("tool_choice":{"type":"any"})"));
  EXPECT_THAT(with(R"("tool_choice":"none","parallel_tool_calls":false)"),
              HasSubstr(R"("tool_choice":{"type":"none"})"));
  EXPECT_THAT(with(R"("tool_choice":{"type":"function","function":{"name":"f"}})"),
              HasSubstr(R"("tool_choice":{"type":"tool","name":"f"})"));
}

TEST(MessagesFromChat, WhatMessagesHasNoWordForIsRefusedByName) {
  const auto refused = [](std::string_view more) {
    const auto carried = messages_request_from_chat(
        parse_json(R"({"messages":[{"role":"user","content":"x"}],)" + std::string(more) + "}").value());
    return carried ? "none" : carried.error().param;
  };
  EXPECT_EQ(refused(R"("n":2)"), "n");
  EXPECT_EQ(refused(R"("logprobs":true)"), "logprobs");
  EXPECT_EQ(refused(R"("seed":7)"), "seed");
  EXPECT_EQ(refused(R"("logit_bias":{"1":2})"), "logit_bias");
  EXPECT_EQ(refused(R"("presence_penalty":0.5)"), "presence_penalty");
  EXPECT_EQ(refused(R"("presence_penalty":0,"logit_bias":null,"modalities":["text"])"), "none");
  EXPECT_EQ(refused(R"("modalities":["text","audio"])"), "modalities");
  EXPECT_EQ(refused(R"("response_format":{"type":"json_object"})"), "response_format.type");
  EXPECT_EQ(refused(R"("tools":[{"type":"custom","custom":{"name":"c"}}])"), "tools[0].type");
  EXPECT_EQ(refused(R"("functions":[{"name":"f"}])"), "functions");
  const auto message = [](std::string_view m) {
    const auto carried =
        messages_request_from_chat(parse_json(R"({"messages":[)" + std::string(m) + "]}").value());
    return carried ? "none" : carried.error().param;
  };
  EXPECT_EQ(message(R"({"role":"user","content":[{"type":"input_audio","input_audio":{"data":"AAAA"}}]})"),
            "messages[0].content[0].type");
  EXPECT_EQ(
      message(
          R"({"role":"assistant","tool_calls":[{"id":"c","type":"function","function":{"name":"f","arguments":"[1]"}}]})"),
      "messages[0].tool_calls[0].function.arguments");
  EXPECT_EQ(message(R"({"role":"user","name":"Ann","content":"x"})"), "messages[0].name");
  EXPECT_EQ(message(R"({"role":"system","content":"x"})"), "messages");
}

TEST(ChatFromMessages, AnAnswerIsCarriedBack) {
  auto carried = chat_response_from_messages(
      parse_json(
          R"({"id":"msg_1","type":"message","role":"assistant","model":"claude","content":[{"type":"thinking","thinking":"hm","signature":"EqQB"},
      {"type":"text","text":"a"},{"type":"text","text":"b"},{"type":"tool_use","id":"t","name":"f","input":{"q":1}}],"stop_reason":"tool_use",
      "usage":{"input_tokens":5,"cache_read_input_tokens":3,"cache_creation_input_tokens":2,"output_tokens":7,"output_tokens_details":{"thinking_tokens":4}}})")
          .value());
  ASSERT_TRUE(carried) << carried.error().message;
  carried->as_object()["created"] = 1;
  EXPECT_EQ(
      to_json(*carried),
      R"({"id":"msg_1","object":"chat.completion","created":1,"model":"claude","choices":[{"index":0,"message":{"role":"assistant","content":"ab","refusal":null,"reasoning_content":"hm","tool_calls":[{"id":"t","type":"function","function":{"name":"f","arguments":"{\"q\":1}"}}]},"logprobs":null,"finish_reason":"tool_calls"}],"usage":{"prompt_tokens":10,"completion_tokens":7,"total_tokens":17,"prompt_tokens_details":{"cached_tokens":3},"completion_tokens_details":{"reasoning_tokens":4}}})");
  EXPECT_EQ(
      outcome(chat_response_from_messages(parse_json(R"({"content":[{"type":"server_tool_use"}]})").value()))
          .substr(0, 19),
      "502 content[0].type");
}

TEST(MessagesFromChat, AnAnswerIsCarriedBack) {
  const auto back = [](std::string_view body) {
    const auto carried = messages_response_from_chat(parse_json(body).value());
    if (carried) EXPECT_TRUE(decode_messages_response(to_json(*carried)));
    return outcome(carried);
  };
  EXPECT_EQ(
      back(
          R"({"id":"chatcmpl-1","model":"m","choices":[{"index":0,"finish_reason":"stop","message":{"role":"assistant","content":"hi","reasoning_content":"hm","tool_calls":[{"id":"c","type":"function","function":{"name":"f","arguments":"{\"q\":1}"}}]}}],"usage":{"prompt_tokens":10,"completion_tokens":7,"prompt_tokens_details":{"cached_tokens":3}}})"),
      R"({"id":"chatcmpl-1","type":"message","role":"assistant","model":"m","content":[{"type":"thinking","thinking":"hm","signature":""},{"type":"text","text":"hi"},{"type":"tool_use","id":"c","name":"f","input":{"q":1}}],"stop_reason":"tool_use","stop_sequence":null,"usage":{"input_tokens":7,"output_tokens":7,"cache_read_input_tokens":3}})");
  EXPECT_THAT(back(R"({"choices":[{"message":{"content":"","refusal":"no"},"finish_reason":"stop"}]})"),
              HasSubstr(R"("content":[{"type":"text","text":"no"}],"stop_reason":"refusal")"));
  EXPECT_THAT(back(R"({"choices":[{"message":{"content":"x"},"finish_reason":"length"}]})"),
              HasSubstr(R"("stop_reason":"max_tokens")"));
  EXPECT_THAT(back(R"({"choices":[]})"), HasSubstr("502 choices"));
  EXPECT_THAT(
      back(
          R"({"choices":[{"message":{"tool_calls":[{"id":"c","function":{"name":"f","arguments":"{"}}]}}]})"),
      HasSubstr("502 choices[0].message.tool_calls[0].function.arguments"));
}

}  // namespace
}  // namespace plimsoll::wire
