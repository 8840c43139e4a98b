#include <gmock/gmock.h>

#include <numeric>

#include "base/json.h"
#include "fake_filter.h"
#include "wire/openai_chat.h"
#include "wire/sse.h"

namespace plimsoll::wire {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

std::string event(std::string_view data) {
  std::string out;
  append_sse(out, data);
  return out;
}

std::string chunk(std::string_view delta, std::string_view finish = "null", int choice = 0) {
  return event(R"({"id":"c1","object":"chat.completion.chunk","created":1,"model":"m","choices":[{"index":)" +
               std::to_string(choice) + R"(,"delta":)" + std::string(delta) + R"(,"finish_reason":)" +
               std::string(finish) + "}]}");
}

std::string pass(FakeFilter& filter, std::string_view stream) {
  return run_stream([&] { return chat_stream(filter, "asked"); }, stream, {});
}

std::string pass(std::string_view stream, std::size_t delay = 0) {
  FakeFilter filter;
  filter.delay = delay;
  return pass(filter, stream);
}

// What a client makes of it: per choice the members of all deltas joined, then the reason.
std::string joined(std::string_view stream) {
  std::map<std::int64_t, std::string> choices;
  std::string end;
  for (const auto& e : SseDecoder().feed(stream).value()) {
    if (e.data == "[DONE]") {
      end += "done";
      continue;
    }
    const auto parsed = parse_json(e.data).value();
    if (find(parsed, "error") != nullptr) end += "error, ";
    const auto* list = find_array(parsed, "choices");
    if (list == nullptr) continue;
    for (const auto& choice : *list) {
      auto& text = choices[choice.at("index").as_int64()];
      if (const auto* content = find_string(choice.at("delta"), "content")) text += *content;
      if (const auto* reason = find_string(choice, "finish_reason")) text.append("|").append(*reason);
    }
  }
  std::string all;
  for (const auto& [index, text] : choices) all += std::to_string(index) + ":" + text + " ";
  return all + end;
}

const std::string kDone = event("[DONE]");

TEST(ChatStream, TokenIdsAreTextByAnotherName) {
  EXPECT_THAT(pass(chunk(R"({"content":"a","token_ids":[1,2]})") + event("[DONE]")),
              Not(HasSubstr("token_ids")));
}

TEST(ChatStream, AnUntouchedStreamPassesMemberByMember) {
  const auto stream = chunk(R"({"role":"assistant","content":"","refusal":null})") +
                      chunk(R"({"content":"Hel"})") + chunk(R"({"content":"lo"})") +
                      chunk("{}", R"("stop")") +
                      event(R"({"id":"c1","choices":[],"usage":{"total_tokens":3}})") + kDone;
  const auto passed = pass(stream);
  EXPECT_EQ(SseDecoder().feed(passed).value().size(), SseDecoder().feed(stream).value().size());
  EXPECT_EQ(joined(passed), "0:Hello|stop done");
  EXPECT_THAT(passed, HasSubstr(R"("usage":{"total_tokens":3})"));
  EXPECT_THAT(passed, HasSubstr(R"({"role":"assistant","content":"","refusal":null})"));
}

TEST(ChatStream, WhatIsHeldBackLeavesBeforeTheFinishReason) {
  const auto stream = chunk(R"({"role":"assistant","content":""})") + chunk(R"({"content":"a sec"})") +
                      chunk(R"({"content":"ret!"})") + chunk("{}", R"("stop")") + kDone;
  for (const std::size_t delay : {4, 6, 100})
    EXPECT_EQ(joined(pass(stream, delay)), "0:a ***!|stop done") << delay;
}

TEST(ChatStream, TextThatComesWithTheFinishReasonLeavesBeforeIt) {
  const auto passed = pass(chunk(R"({"role":"assistant","content":"all of it"})", R"("stop")") + kDone, 3);
  EXPECT_EQ(joined(passed), "0:all of it|stop done");
}

TEST(ChatStream, ChunksThatCarryNothingAnyMoreAreDropped) {
  const auto stream = chunk(R"({"role":"assistant","content":"a"})") +
                      chunk(R"({"role":"assistant","content":"b"})") + chunk(R"({"content":"c"})") +
                      chunk("{}", R"("stop")") + kDone;
  // The role, what was held, the reason, the end.
  EXPECT_EQ(SseDecoder().feed(pass(stream, 10)).value().size(), 4U);
}

TEST(ChatStream, ChoicesAndChannelsAreFilteredApart) {
  FakeFilter filter;
  filter.delay = 2;
  const auto passed = pass(filter, chunk(R"({"content":"sec","reasoning_content":"ret"})", "null", 0) +
                                       chunk(R"({"content":"ret"})", "null", 1) +
                                       chunk(R"({"refusal":"no","vendor_text":"x"})", "null", 0) +
                                       chunk("{}", R"("stop")", 0) + chunk("{}", R"("length")", 1) + kDone);
  EXPECT_EQ(joined(passed), "0:sec|stop 1:ret|length done");
  EXPECT_EQ(filter.seen.size(), 5U);
  EXPECT_THAT(passed, HasSubstr(R"("delta":{"vendor_text":"x"})"));
}

TEST(ChatStream, ToolCallsPassWithTheirArgumentsFiltered) {
  FakeFilter filter;
  filter.delay = 3;
  const auto passed = pass(
      filter,
      chunk(
          R"({"role":"assistant","content":null,"tool_calls":[{"index":0,"id":"call_1","type":"function","function":{"name":"f","arguments":""}}]})") +
          chunk(R"({"tool_calls":[{"index":0,"function":{"arguments":"{\"q\":\"sec"}}]})") +
          chunk(
              R"({"tool_calls":[{"index":0,"id":"call_1","function":{"name":"f","arguments":"ret\"}"}}]})") +
          chunk(
              R"({"tool_calls":[{"index":1,"id":"call_2","type":"function","function":{"name":"g","arguments":"{}"}}]})") +
          chunk("{}", R"("tool_calls")") + kDone);
  std::map<std::int64_t, std::string> calls;
  for (const auto& e : SseDecoder().feed(passed).value()) {
    if (e.data == "[DONE]") continue;
    const auto parsed = parse_json(e.data).value();
    const auto* list = find_array(parsed.at("choices").at(0).at("delta"), "tool_calls");
    if (list == nullptr) continue;
    for (const auto& call : *list) {
      auto& text = calls[call.at("index").as_int64()];
      for (const char* member : {"id", "type"})
        if (const auto* value = find_string(call, member)) text.append(*value).append(" ");
      const auto* function = find(call, "function");
      if (function == nullptr) continue;
      for (const char* member : {"name", "arguments"})
        if (const auto* value = find_string(*function, member)) text += *value;
    }
  }
  EXPECT_EQ(calls[0], R"(call_1 function f{"q":"***"})");
  EXPECT_EQ(calls[1], "call_2 function g{}");
}

TEST(ChatStream, ArgumentsAreFilteredAsTheToolWillReadThem) {
  FakeFilter filter;
  filter.delay = 6;
  const auto passed = pass(
      filter, chunk(R"({"tool_calls":[{"index":0,"function":{"name":"f","arguments":"{\"q\":\"s\\u00"}}]})") +
                  chunk(R"({"tool_calls":[{"index":0,"function":{"arguments":"65cret\"}"}}]})") +
                  chunk("{}", R"("tool_calls")") + kDone);
  EXPECT_EQ(filter.seen.begin()->second, R"({"q":"secret"})");
  EXPECT_THAT(passed, Not(HasSubstr("0065")));
}

TEST(ChatStream, CallsWithoutAnIndexAreCounted) {
  const auto passed = pass(chunk(R"({"tool_calls":[{"id":"a","function":{"name":"f","arguments":"1"}}]})") +
                           chunk(R"({"tool_calls":[{"id":"b","function":{"name":"g","arguments":"2"}}]})") +
                           chunk(R"({"function_call":{"name":"h","arguments":"3"}})") +
                           chunk("{}", R"("tool_calls")") + kDone);
  EXPECT_THAT(passed,
              HasSubstr(R"("tool_calls":[{"index":0,"id":"a","function":{"name":"f","arguments":"1"}}])"));
  EXPECT_THAT(passed,
              HasSubstr(R"("tool_calls":[{"index":1,"id":"b","function":{"name":"g","arguments":"2"}}])"));
  EXPECT_THAT(passed, HasSubstr(R"("function_call":{"name":"h","arguments":"3"})"));
}

TEST(ChatStream, AWithheldStreamEndsInTheProtocolsOwnWay) {
  FakeFilter filter;
  filter.delay = 20;
  const auto codec = chat_stream(filter, "m");
  std::string out;
  const auto state = codec->feed(chunk(R"({"role":"assistant","content":"this is for"})") +
                                     chunk(R"({"content":"bidden"})") + chunk(R"({"content":"more"})"),
                                 out);
  EXPECT_EQ(state, StreamCodec::State::kWithheld);
  EXPECT_EQ(joined(out), "0:|content_filter done");
  EXPECT_THAT(out, HasSubstr(R"("delta":{},"finish_reason":"content_filter")"));
  const auto size = out.size();
  EXPECT_EQ(codec->feed(chunk(R"({"content":"more"})"), out), StreamCodec::State::kWithheld);
  codec->fail("late", out);
  EXPECT_EQ(codec->close(out), StreamCodec::State::kWithheld);
  EXPECT_EQ(out.size(), size);
}

TEST(ChatStream, WithholdingOneChoiceEndsAllThatAreOpen) {
  const auto passed =
      pass(chunk(R"({"content":"a"})", "null", 0) + chunk(R"({"content":"b"})", R"("stop")", 1) +
           chunk(R"({"content":"forbidden"})", "null", 2));
  EXPECT_EQ(joined(passed), "0:a|content_filter 1:b|stop 2:|content_filter done");
}

TEST(ChatStream, AnUpstreamThatClosesAfterEveryFinishReasonHasEnded) {
  EXPECT_EQ(joined(pass(chunk(R"({"content":"a"})") + chunk("{}", R"("stop")"), 5)), "0:a|stop done");
  EXPECT_EQ(joined(pass(chunk(R"({"content":"a"})", R"("stop")") + "data: [DONE]\n")), "0:a|stop done");
}

TEST(ChatStream, AnUpstreamThatStopsEarlyIsAnErrorAndNothingHeldLeaves) {
  for (const auto& stream :
       {std::string(), chunk(R"({"content":"abc"})"),
        chunk(R"({"content":"x"})", R"("stop")") + chunk("{}", "null", 1), kDone, event("not json"),
        event("[]"), event(R"({"choices":[7]})"), event(R"({"choices":[{"index":-1}]})"),
        event(R"({"choices":[{"index":128}]})"), chunk(R"({"tool_calls":{}})"),
        chunk(R"({"tool_calls":[{"index":0,"function":{"name":"two words"}}]})"),
        chunk(R"({"content":"x"})", R"("stop")") + chunk(R"({"content":"more"})"),
        chunk(R"({"content":"x"})", R"("a reason with words")")}) {
    const auto passed = pass(stream, 20);
    EXPECT_THAT(joined(passed), testing::EndsWith("error, done")) << stream;
    EXPECT_THAT(passed, Not(HasSubstr("abc\""))) << stream;
  }
}

TEST(ChatStream, AnUpstreamsErrorPassesWithoutItsWords) {
  const auto passed = pass(
      chunk(R"({"content":"held"})") +
          event(R"({"error":{"message":"bad prompt: my secret","type":"overloaded_error","code":"x y"}})"),
      10);
  EXPECT_EQ(joined(passed), "error, done");
  EXPECT_THAT(passed, HasSubstr(R"("type":"overloaded_error")"));
  EXPECT_THAT(passed, Not(HasSubstr("secret")));
  EXPECT_THAT(passed, Not(HasSubstr("x y")));
}

TEST(ChatStream, TextThatCannotBeFilteredPieceByPieceDoesNotPass) {
  const auto passed = pass(event(
      R"({"id":"c1","extra":"leak","nested":{"x":"leak"},"number":7,"choices":[{"index":0,"text":"leak",
      "message":{"content":"leak"},"logprobs":{"content":[{"token":"leak"}]},
      "delta":{"content":"a","audio":{"id":"au","data":"leak","transcript":"said"},"parts":[{"text":"leak"}]}}]})"));
  EXPECT_THAT(passed, Not(HasSubstr("leak")));
  EXPECT_THAT(passed, HasSubstr(R"("number":7)"));
  EXPECT_THAT(passed, HasSubstr(R"("logprobs":null)"));
  EXPECT_THAT(passed, HasSubstr(R"("transcript":"said")"));
}

TEST(ChatStream, TheOutputDoesNotDependOnHowTheInputWasCut) {
  const std::string_view streams[] = {"", "data: {\n\n"};
  const auto good =
      chunk(R"({"role":"assistant","content":""})") + ": comment\n\n" + chunk(R"({"content":"é a sec"})") +
      chunk(R"({"content":"ret 😀"})") + chunk(R"({"content":"b","reasoning":"c"})", "null", 1) +
      chunk(R"({"tool_calls":[{"index":0,"id":"i","function":{"name":"f","arguments":"{}"}}]})") +
      chunk("{}", R"("stop")") + chunk("{}", R"("stop")", 1);
  const auto bad = chunk(R"({"content":"a forbid"})") + chunk(R"({"content":"den word"})");
  for (const std::size_t delay : {0, 1, 2, 3, 7, 64}) {
    for (const auto& stream :
         {good + kDone, good, good.substr(0, 500), bad, good + std::string(streams[1])}) {
      const auto run = [&](std::span<const std::size_t> cuts) {
        FakeFilter filter;
        filter.delay = delay;
        return run_stream([&] { return chat_stream(filter, "m"); }, stream, cuts);
      };
      const auto whole = run({});
      EXPECT_TRUE(is_utf8(whole));
      std::vector<std::size_t> every(stream.size());
      std::iota(every.begin(), every.end(), 1U);
      ASSERT_EQ(run(every), whole) << "byte by byte";
      for (std::size_t cut = 0; cut <= stream.size(); ++cut)
        ASSERT_EQ(run({&cut, 1}), whole) << "cut at " << cut;
    }
  }
}

}  // namespace
}  // namespace plimsoll::wire
