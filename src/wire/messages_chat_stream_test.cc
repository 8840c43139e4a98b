#include <gmock/gmock.h>

#include <numeric>

#include "base/json.h"
#include "fake_filter.h"
#include "messages_chat.h"
#include "wire/anthropic_messages.h"
#include "wire/openai_chat.h"
#include "wire/sse.h"

namespace plimsoll::wire {
namespace {

using testing::HasSubstr;
using testing::Not;

std::string message(std::string_view data) {
  std::string out;
  append_sse(out, data, std::string_view(parse_json(data).value().at("type").as_string()));
  return out;
}

std::string chunk(std::string_view data) {
  std::string out;
  append_sse(out, data);
  return out;
}

std::string delta(std::string_view what, std::string_view finish = "null") {
  return chunk(
      R"({"id":"chatcmpl-1","object":"chat.completion.chunk","created":1,"model":"m","choices":[{"index":0,"delta":)" +
      std::string(what) + R"(,"finish_reason":)" + std::string(finish) + "}]}");
}

// What comes out of a translator; "!" where it found the stream malformed.
template <class Make>
std::string translate(Make make, std::string_view stream, std::size_t step = 1'000'000) {
  const auto translator = make();
  std::string out;
  bool good = true;
  for (std::size_t at = 0; at < stream.size() && good; at += step)
    good = translator->feed(stream.substr(at, step), out).has_value();
  translator->close(out);
  return good ? out : out + "!";
}

std::string to_chat(std::string_view stream, bool include_usage = true) {
  return translate([&] { return chat_stream_from_messages(include_usage); }, stream);
}
std::string to_messages(std::string_view stream) {
  return translate([] { return messages_stream_from_chat("asked"); }, stream);
}

// What a chat client makes of it.
std::string chat_joined(std::string_view stream) {
  std::string content;
  std::string thought;
  std::map<std::int64_t, std::string> calls;
  std::string end;
  for (const auto& e : SseDecoder().feed(stream).value()) {
    if (e.data == "[DONE]") {
      end += " done";
      continue;
    }
    const auto parsed = parse_json(e.data).value();
    if (const auto* error = find(parsed, "error")) end.append("error ").append(*find_string(*error, "type"));
    if (const auto* usage = find(parsed, "usage")) end += " usage " + to_json(*usage);
    const auto* choices = find_array(parsed, "choices");
    if (choices == nullptr) continue;
    for (const auto& choice : *choices) {
      const auto& d = choice.at("delta");
      if (const auto* text = find_string(d, "content")) content += *text;
      if (const auto* text = find_string(d, "reasoning_content")) thought += *text;
      if (const auto* list = find_array(d, "tool_calls"))
        for (const auto& call : *list) {
          auto& text = calls[call.at("index").as_int64()];
          if (const auto* id = find_string(call, "id")) text.append(*id).append(" ");
          for (const char* member : {"name", "arguments"})
            if (const auto* value = find_string(call.at("function"), member)) text += *value;
        }
      if (const auto* reason = find_string(choice, "finish_reason")) end += *reason;
    }
  }
  std::string all = thought + "|" + content + "|";
  for (const auto& [index, call] : calls) all += call + "|";
  return all + end;
}

// What a Messages client makes of it.
std::string messages_joined(std::string_view stream) {
  std::string all;
  for (const auto& e : SseDecoder().feed(stream).value()) {
    const auto parsed = parse_json(e.data).value();
    if (e.name == "content_block_start")
      all.append("[").append(*find_string(parsed.at("content_block"), "type")).append(" ");
    if (e.name == "content_block_delta")
      for (const char* member : {"text", "partial_json", "thinking"})
        if (const auto* piece = find_string(parsed.at("delta"), member)) all += *piece;
    if (e.name == "content_block_stop") all += "]";
    if (e.name == "message_delta")
      all.append(" ").append(*find_string(parsed.at("delta"), "stop_reason")).append(" ") +=
          to_json(parsed.at("usage"));
    if (e.name == "message_stop") all += " stop";
    if (e.name == "error") all.append(" error ").append(*find_string(parsed.at("error"), "type"));
  }
  return all;
}

const std::string kMessages =
    message(
        R"({"type":"message_start","message":{"id":"msg_1","type":"message","role":"assistant","model":"claude","content":[],"usage":{"input_tokens":9,"cache_read_input_tokens":1,"output_tokens":1}}})") +
    message(R"({"type":"ping"})") +
    message(
        R"({"type":"content_block_start","index":0,"content_block":{"type":"thinking","thinking":"","signature":""}})") +
    message(R"({"type":"content_block_delta","index":0,"delta":{"type":"thinking_delta","thinking":"hm"}})") +
    message(
        R"({"type":"content_block_delta","index":0,"delta":{"type":"signature_delta","signature":"EqQB"}})") +
    message(R"({"type":"content_block_stop","index":0})") +
    message(R"({"type":"content_block_start","index":1,"content_block":{"type":"text","text":""}})") +
    message(R"({"type":"content_block_delta","index":1,"delta":{"type":"text_delta","text":"hé"}})") +
    message(R"({"type":"content_block_delta","index":1,"delta":{"type":"text_delta","text":"llo"}})") +
    message(R"({"type":"content_block_stop","index":1})") +
    message(
        R"({"type":"content_block_start","index":2,"content_block":{"type":"tool_use","id":"toolu_1","name":"f","input":{}}})") +
    message(
        R"({"type":"content_block_delta","index":2,"delta":{"type":"input_json_delta","partial_json":"{\"q\":"}})") +
    message(
        R"({"type":"content_block_delta","index":2,"delta":{"type":"input_json_delta","partial_json":"1}"}})") +
    message(R"({"type":"content_block_stop","index":2})") +
    message(
        R"({"type":"content_block_start","index":3,"content_block":{"type":"tool_use","id":"toolu_2","name":"g","input":{}}})") +
    message(R"({"type":"content_block_stop","index":3})") +
    message(
        R"({"type":"message_delta","delta":{"stop_reason":"tool_use","stop_sequence":null},"usage":{"output_tokens":7}})") +
    message(R"({"type":"message_stop"})");

const std::string kChat =
    delta(R"({"role":"assistant","content":""})") + delta(R"({"reasoning_content":"hm"})") +
    delta(R"({"content":"hé"})") + delta(R"({"content":"llo"})") +
    delta(
        R"({"tool_calls":[{"index":0,"id":"c1","type":"function","function":{"name":"f","arguments":""}}]})") +
    delta(R"({"tool_calls":[{"index":0,"function":{"arguments":"{\"q\":1}"}}]})") +
    delta(
        R"({"tool_calls":[{"index":1,"id":"c2","type":"function","function":{"name":"g","arguments":"{}"}}]})") +
    delta("{}", R"("tool_calls")") +
    chunk(
        R"({"id":"chatcmpl-1","choices":[],"usage":{"prompt_tokens":10,"completion_tokens":7,"prompt_tokens_details":{"cached_tokens":1}}})") +
    chunk("[DONE]");

TEST(ChatStreamFromMessages, CarriesTextThinkingCallsAndCounts) {
  EXPECT_EQ(
      chat_joined(to_chat(kMessages)),
      R"(hm|héllo|toolu_1 f{"q":1}|toolu_2 g{}|tool_calls usage {"prompt_tokens":10,"completion_tokens":7,"total_tokens":17,"prompt_tokens_details":{"cached_tokens":1}} done)");
  EXPECT_THAT(to_chat(kMessages, false), Not(HasSubstr("usage")));
}

TEST(MessagesStreamFromChat, CarriesTextThinkingCallsAndCounts) {
  EXPECT_EQ(
      messages_joined(to_messages(kChat)),
      R"([thinking hm][text héllo][tool_use {"q":1}][tool_use {}] tool_use {"input_tokens":9,"output_tokens":7,"cache_read_input_tokens":1} stop)");
  EXPECT_THAT(to_messages(kChat),
              HasSubstr(R"("content_block":{"type":"tool_use","id":"c1","name":"f","input":{}})"));
}

TEST(MessagesStreamFromChat, ReasonsAndRefusalsHaveTheirCounterparts) {
  const auto reason = [](std::string_view finish) {
    return messages_joined(to_messages(delta(R"({"content":"a"})") + delta("{}", finish) + chunk("[DONE]")));
  };
  EXPECT_THAT(reason(R"("stop")"), HasSubstr("] end_turn"));
  EXPECT_THAT(reason(R"("length")"), HasSubstr("] max_tokens"));
  EXPECT_THAT(reason(R"("content_filter")"), HasSubstr("] refusal"));
  EXPECT_THAT(messages_joined(to_messages(delta(R"({"refusal":"no"})") + delta("{}", R"("stop")"))),
              HasSubstr("[text no] refusal"));
}

TEST(ChatStreamFromMessages, WhatStopsEarlyStaysIncomplete) {
  FakeFilter filter;
  for (std::size_t length = 0; length + 40 < kMessages.size(); length += 97) {
    const auto out = to_chat(std::string_view(kMessages).substr(0, length));
    const auto read = run_stream([&] { return chat_stream(filter, "m"); }, out, {});
    EXPECT_THAT(out, Not(HasSubstr("[DONE]"))) << length;
    if (!out.contains(R"("finish_reason":"tool_calls")"))
      EXPECT_THAT(chat_joined(read), HasSubstr("error server_error")) << length;
  }
}

TEST(MessagesStreamFromChat, WhatStopsEarlyStaysIncomplete) {
  const auto all = delta(R"({"content":"a"})") + delta(R"({"content":"b"})");
  EXPECT_EQ(messages_joined(to_messages(all)), "[text ab");
  FakeFilter filter;
  EXPECT_THAT(messages_joined(run_stream([&] { return messages_stream(filter, "m"); }, to_messages(all), {})),
              HasSubstr("error api_error"));
  EXPECT_EQ(messages_joined(to_messages(all + delta("{}", R"("stop")"))),
            R"([text ab] end_turn {"output_tokens":0} stop)");
}

TEST(ChatStreamFromMessages, ErrorsPassWithoutTheirWords) {
  const auto out =
      to_chat(kMessages.substr(0, kMessages.find("event: ping")) +
              message(R"({"type":"error","error":{"type":"overloaded_error","message":"secret"}})"));
  EXPECT_EQ(chat_joined(out), "||error overloaded_error done");
  EXPECT_THAT(out, Not(HasSubstr("secret")));
}

TEST(MessagesStreamFromChat, ErrorsPassWithoutTheirWords) {
  const auto out = to_messages(delta(R"({"content":"a"})") +
                               chunk(R"({"error":{"type":"rate_limit_error","message":"secret"}})"));
  EXPECT_EQ(messages_joined(out), "[text a error rate_limit_error");
  EXPECT_THAT(out, Not(HasSubstr("secret")));
}

TEST(ChatStreamFromMessages, WhatItHasNoWordForEndsIt) {
  for (const char* block :
       {R"({"type":"web_search_tool_result","content":[]})", R"({"type":"tool_use"})", "7"})
    EXPECT_THAT(to_chat(message(R"({"type":"content_block_start","index":0,"content_block":)" +
                                std::string(block) + "}")),
                testing::EndsWith("!"));
}

TEST(MessagesStreamFromChat, WhatItHasNoWordForEndsIt) {
  for (const auto& stream :
       {chunk(R"({"choices":[{"index":1,"delta":{"content":"a"}}]})"), chunk("not json"), chunk("[DONE]"),
        delta(R"({"function_call":{"name":"f"}})"), delta(R"({"tool_calls":[{"index":0,"function":{}}]})"),
        delta(R"({"tool_calls":[{"index":1,"id":"c","function":{"name":"f"}}]})")})
    EXPECT_THAT(to_messages(stream), testing::EndsWith("!")) << stream;
}

TEST(StreamTranslators, TheOutputDoesNotDependOnHowTheInputWasCut) {
  const auto chat = to_chat(kMessages);
  const auto messages = to_messages(kChat);
  for (const std::size_t step : {1, 2, 3, 7, 50}) {
    EXPECT_EQ(translate([] { return chat_stream_from_messages(true); }, kMessages, step), chat);
    EXPECT_EQ(translate([] { return messages_stream_from_chat("asked"); }, kChat, step), messages);
  }
}

TEST(StreamTranslators, ThereAndBackSaysTheSame) {
  const auto back = to_messages(to_chat(kMessages));
  EXPECT_EQ(
      messages_joined(back),
      R"([thinking hm][text héllo][tool_use {"q":1}][tool_use {}] tool_use {"input_tokens":9,"output_tokens":7,"cache_read_input_tokens":1} stop)");
  FakeFilter filter;
  EXPECT_EQ(messages_joined(run_stream([&] { return messages_stream(filter, "m"); }, back, {})),
            messages_joined(back));
}

}  // namespace
}  // namespace plimsoll::wire
