#include <gmock/gmock.h>

#include <numeric>

#include "base/json.h"
#include "fake_filter.h"
#include "wire/anthropic_messages.h"
#include "wire/sse.h"

namespace plimsoll::wire {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

std::string event(std::string_view data) {
  const auto parsed = parse_json(data);
  std::string out;
  const auto* type = parsed ? find_string(*parsed, "type") : nullptr;
  append_sse(out, data, type != nullptr ? std::string_view(*type) : std::string_view());
  return out;
}

const std::string kStart = event(
    R"({"type":"message_start","message":{"id":"msg_1","type":"message","role":"assistant","model":"claude","content":[],"stop_reason":null,"stop_sequence":null,"usage":{"input_tokens":9,"output_tokens":1,"service_tier":"standard"}}})");
const std::string kStop = event(R"({"type":"message_stop"})");

std::string start(int index, std::string_view block) {
  return event(R"({"type":"content_block_start","index":)" + std::to_string(index) + R"(,"content_block":)" +
               std::string(block) + "}");
}
std::string delta(int index, std::string_view what) {
  return event(R"({"type":"content_block_delta","index":)" + std::to_string(index) + R"(,"delta":)" +
               std::string(what) + "}");
}
std::string stop(int index) {
  return event(R"({"type":"content_block_stop","index":)" + std::to_string(index) + "}");
}
std::string text(int index, std::string_view words) {
  return delta(index, R"({"type":"text_delta","text":")" + std::string(words) + "\"}");
}
std::string ends(std::string_view reason) {
  return event(R"({"type":"message_delta","delta":{"stop_reason":")" + std::string(reason) +
               R"(","stop_sequence":null},"usage":{"output_tokens":7}})") +
         kStop;
}
constexpr std::string_view kText = R"({"type":"text","text":""})";

std::string pass(FakeFilter& filter, std::string_view stream) {
  return run_stream([&] { return messages_stream(filter, "asked"); }, stream, {});
}

std::string pass(std::string_view stream, std::size_t delay = 0) {
  FakeFilter filter;
  filter.delay = delay;
  return pass(filter, stream);
}

// What a client makes of it: every event's letter, texts joined.
std::string joined(std::string_view stream) {
  std::string all;
  for (const auto& e : SseDecoder().feed(stream).value()) {
    const auto parsed = parse_json(e.data).value();
    EXPECT_EQ(e.name, *find_string(parsed, "type"));
    if (e.name == "message_start") all += "start ";
    if (e.name == "content_block_start")
      all.append("[").append(*find_string(parsed.at("content_block"), "type")).append(" ");
    if (e.name == "content_block_delta")
      for (const char* member : {"text", "partial_json", "thinking", "signature"})
        if (const auto* piece = find_string(parsed.at("delta"), member)) all += *piece;
    if (e.name == "content_block_stop") all += "] ";
    if (e.name == "message_delta") all.append(*find_string(parsed.at("delta"), "stop_reason")).append(" ");
    if (e.name == "message_stop") all += "stop";
    if (e.name == "error") all.append("error ").append(*find_string(parsed.at("error"), "type"));
  }
  return all;
}

TEST(MessagesStream, AnUntouchedStreamPassesEventByEvent) {
  const auto stream = kStart + event(R"({"type":"ping"})") + start(0, kText) + text(0, "Hel") +
                      text(0, "lo") + stop(0) + ends("end_turn");
  EXPECT_EQ(pass(stream), stream);
}

TEST(MessagesStream, WhatIsHeldBackLeavesBeforeTheBlockStops) {
  const auto stream =
      kStart + start(0, kText) + text(0, "a sec") + text(0, "ret!") + stop(0) + ends("end_turn");
  for (const std::size_t delay : {4, 6, 100})
    EXPECT_EQ(joined(pass(stream, delay)), "start [text a ***!] end_turn stop") << delay;
}

TEST(MessagesStream, TextThatABlockStartsWithIsFilteredToo) {
  const auto stream = kStart + start(0, R"({"type":"text","text":"a secret"})") + text(0, " b") + stop(0) +
                      start(1, R"({"type":"tool_use","id":"t","name":"f","input":{"q":"secret"}})") +
                      stop(1) + ends("end_turn");
  EXPECT_EQ(joined(pass(stream, 9)), R"(start [text a *** b] [tool_use {"q":"***"}] end_turn stop)");
}

TEST(MessagesStream, ToolInputIsFilteredAsTheToolWillReadIt) {
  FakeFilter filter;
  filter.delay = 6;
  const auto passed = pass(
      filter,
      kStart +
          start(0, R"({"type":"tool_use","id":"toolu_1","name":"f","input":{},"caller":{"type":"direct"}})") +
          delta(0, R"({"type":"input_json_delta","partial_json":""})") +
          delta(0, R"({"type":"input_json_delta","partial_json":"{\"q\":\"s\\u00"})") +
          delta(0, R"({"type":"input_json_delta","partial_json":"65cret\"}"})") + stop(0) + ends("tool_use"));
  ASSERT_EQ(filter.seen.size(), 1U);
  EXPECT_EQ(filter.seen.begin()->second, R"({"q":"secret"})");
  EXPECT_EQ(std::get<1>(filter.seen.begin()->first), SegmentKind::kToolArguments);
  EXPECT_EQ(joined(passed), R"(start [tool_use {"q":"***"}] tool_use stop)");
  EXPECT_THAT(passed, HasSubstr(R"({"type":"tool_use","id":"toolu_1","name":"f","input":{},"caller":)"));
}

TEST(MessagesStream, TheSignatureFollowsTheThinkingThatWasHeld) {
  const auto passed =
      pass(kStart + start(0, R"({"type":"thinking","thinking":"","signature":""})") +
               delta(0, R"({"type":"thinking_delta","thinking":"hm, secret"})") +
               delta(0, R"({"type":"signature_delta","signature":"EqQB+/=="})") + stop(0) +
               start(1, R"({"type":"redacted_thinking","data":"EqQB+/=="})") + stop(1) + ends("end_turn"),
           50);
  EXPECT_EQ(joined(passed), "start [thinking hm, ***EqQB+/==] [redacted_thinking ] end_turn stop");
  EXPECT_THAT(passed, HasSubstr(R"({"type":"redacted_thinking","data":"EqQB+/=="})"));
}

TEST(MessagesStream, WhatIsNoSignatureDoesNotPassAsOne) {
  const auto passed =
      pass(kStart + start(0, R"({"type":"thinking","thinking":"","signature":"leak it"})") +
           delta(0, R"({"type":"signature_delta","signature":"leak more"})") + stop(0) + ends("end_turn"));
  EXPECT_THAT(passed, Not(HasSubstr("leak")));
}

TEST(MessagesStream, CitationsAndResultsOfServerToolsAreFilteredStringByString) {
  FakeFilter filter;
  filter.delay = 99;
  const auto passed = pass(
      filter,
      kStart +
          start(
              0,
              R"({"type":"web_search_tool_result","tool_use_id":"srvtoolu_1","content":[{"type":"web_search_result","title":"a secret","url":"https://a.example/secret","encrypted_content":"EqQB"},{"type":"web_search_result","title":"a secret","url":"u v"}]})") +
          stop(0) + start(1, R"({"type":"text","text":"","citations":[]})") +
          delta(
              1,
              R"({"type":"citations_delta","citation":{"type":"char_location","cited_text":"my secret","document_title":null,"document_index":0}})") +
          text(1, "so it is") + stop(1) + ends("end_turn"));
  EXPECT_THAT(passed, Not(HasSubstr("secret")));
  EXPECT_THAT(passed,
              HasSubstr(R"("title":"a ***","url":"https://a.example/***","encrypted_content":"EqQB")"));
  EXPECT_THAT(passed, HasSubstr(R"("cited_text":"my ***")"));
  EXPECT_EQ(filter.seen.size(), 5U);  // the title was asked about once
}

TEST(MessagesStream, AWithheldStreamEndsInTheProtocolsOwnWay) {
  FakeFilter filter;
  filter.delay = 20;
  const auto codec = messages_stream(filter, "m");
  std::string out;
  const auto state = codec->feed(
      kStart + start(0, kText) + text(0, "this is for") + text(0, "bidden") + text(0, "more"), out);
  EXPECT_EQ(state, StreamCodec::State::kWithheld);
  EXPECT_EQ(joined(out), "start [text ] refusal stop");
  EXPECT_THAT(
      out,
      HasSubstr(R"("delta":{"stop_reason":"refusal","stop_sequence":null},"usage":{"output_tokens":1})"));
  const auto size = out.size();
  EXPECT_EQ(codec->feed(text(0, "more"), out), StreamCodec::State::kWithheld);
  codec->fail("late", out);
  EXPECT_EQ(codec->close(out), StreamCodec::State::kWithheld);
  EXPECT_EQ(out.size(), size);
}

TEST(MessagesStream, WhatIsWithheldWhereverItStandsEndsTheStream) {
  for (
      const auto& stream :
      {kStart + start(0, R"({"type":"web_search_tool_result","content":[{"title":"forbidden"}]})"),
       kStart + start(0, R"({"type":"text","text":"forbidden"})"),
       kStart +
           event(
               R"({"type":"message_delta","delta":{"stop_reason":"stop_sequence","stop_sequence":"forbidden"}})")})
    EXPECT_EQ(joined(pass(stream)), "start refusal stop") << stream;
}

TEST(MessagesStream, BlocksThatAreOpenAtTheEndAreClosed) {
  EXPECT_EQ(
      joined(pass(
          kStart + start(0, kText) + text(0, "a") + start(1, kText) + text(1, "b") + ends("max_tokens"), 9)),
      "start [text [text a] b] max_tokens stop");
}

TEST(MessagesStream, AnUpstreamThatStopsEarlyIsAnErrorAndNothingHeldLeaves) {
  const auto open = kStart + start(0, kText) + text(0, "abc");
  for (const auto& stream :
       {std::string(), kStart, open, open + stop(0), open + "data: {\n\n", open + event("[]"),
        open + stop(0) + text(0, "more"), open + start(2, kText), open + kStart, start(0, kText), kStop,
        open + start(1, "7"), open + start(1, "{}"), open + delta(0, R"({"type":"two words"})"),
        open + start(1, R"({"type":"two words"})")}) {
    const auto passed = pass(stream, 20);
    EXPECT_THAT(joined(passed), testing::EndsWith("error api_error")) << stream;
    if (!stream.contains("_stop")) EXPECT_THAT(passed, Not(HasSubstr("abc"))) << stream;
  }
}

TEST(MessagesStream, AnUpstreamsErrorPassesWithoutItsWords) {
  const auto passed =
      pass(kStart + start(0, kText) + text(0, "held") +
               event(R"({"type":"error","error":{"type":"overloaded_error","message":"my secret"}})"),
           10);
  EXPECT_EQ(joined(passed), "start [text error overloaded_error");
  EXPECT_THAT(passed, Not(HasSubstr("secret")));
}

TEST(MessagesStream, TextThatCannotBeFilteredDoesNotPass) {
  const auto passed = pass(
      event(
          R"({"type":"message_start","extra":"leak","message":{"id":"m","vendor":"leak","nested":{"x":["leak"]},"number":7}})") +
      event(R"({"type":"vendor_event","text":"leak"})") +
      event(
          R"({"type":"content_block_start","index":0,"extra":"leak","content_block":{"type":"text","text":""}})") +
      delta(0, R"({"type":"vendor_delta","words":"a secret","deep":{"x":"leak"},"number":8})") + stop(0) +
      event(
          R"({"type":"message_delta","extra":"leak","delta":{"stop_reason":"stop_sequence","stop_sequence":"a secret","stop_details":{"explanation":"secret"}},"usage":{"output_tokens":2,"note":"leak it"}})") +
      kStop);
  EXPECT_THAT(passed, Not(HasSubstr("leak")));
  EXPECT_THAT(passed, Not(HasSubstr("secret")));
  EXPECT_THAT(passed, HasSubstr(R"("number":7)"));
  EXPECT_THAT(passed, HasSubstr(R"("words":"a ***")"));
  EXPECT_THAT(passed, HasSubstr(R"("number":8)"));
  EXPECT_THAT(passed, HasSubstr(R"("stop_sequence":"a ***","stop_details":{"explanation":"***"})"));
}

TEST(MessagesStream, TheOutputDoesNotDependOnHowTheInputWasCut) {
  const auto good =
      kStart + ": comment\n\n" + start(0, R"({"type":"thinking","thinking":"","signature":""})") +
      delta(0, R"({"type":"thinking_delta","thinking":"hm, sec"})") +
      delta(0, R"({"type":"thinking_delta","thinking":"ret"})") +
      delta(0, R"({"type":"signature_delta","signature":"EqQB"})") + stop(0) + start(1, kText) +
      text(1, "é a sec") + text(1, "ret 😀") + stop(1) +
      start(2, R"({"type":"tool_use","id":"t","name":"f","input":{}})") +
      delta(2, R"({"type":"input_json_delta","partial_json":"{\"q\":\"s\\u00"})") +
      delta(2, R"({"type":"input_json_delta","partial_json":"65cret\"}"})") + stop(2) + ends("tool_use");
  const auto bad = kStart + start(0, kText) + text(0, "a forbid") + text(0, "den word");
  for (const std::size_t delay : {0, 1, 3, 7, 64}) {
    for (const auto& stream : {good, good.substr(0, 700), bad, good.substr(0, 500) + "data: {\n\n"}) {
      const auto run = [&](std::span<const std::size_t> cuts) {
        FakeFilter filter;
        filter.delay = delay;
        return run_stream([&] { return messages_stream(filter, "m"); }, stream, cuts);
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
