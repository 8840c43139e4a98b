#include <gmock/gmock.h>

#include <numeric>

#include "base/json.h"
#include "fake_filter.h"
#include "wire/sse.h"
#include "wire/text_completions.h"

namespace plimsoll::wire {
namespace {

using testing::HasSubstr;
using testing::Not;

std::string event(std::string_view data) {
  std::string out;
  append_sse(out, data);
  return out;
}

std::string chunk(std::string_view text, std::string_view finish = "null", int choice = 0,
                  std::string_view more = "") {
  return event(R"({"id":"c1","object":"text_completion","created":1,"model":"m","choices":[{"text":)" +
               to_json(json::value(text)) + R"(,"index":)" + std::to_string(choice) +
               R"(,"logprobs":null,"finish_reason":)" + std::string(finish) + std::string(more) + "}]}");
}

std::string pass(std::string_view stream, std::size_t delay = 0) {
  FakeFilter filter;
  filter.delay = delay;
  return run_stream([&] { return text_completion_stream(filter, "asked"); }, stream, {});
}

// What a client makes of it: per choice its texts joined, then the reason.
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
      text += choice.at("text").as_string();
      if (const auto* reason = find_string(choice, "finish_reason")) text.append("|").append(*reason);
    }
  }
  std::string all;
  for (const auto& [index, text] : choices) all += std::to_string(index) + ":" + text + " ";
  return all + end;
}

const std::string kDone = event("[DONE]");

TEST(TextCompletionStream, AnUntouchedStreamPassesChunkByChunk) {
  const auto stream = chunk("Hel") + chunk("lo") + chunk("", R"("stop")") +
                      event(R"({"id":"c1","choices":[],"usage":{"total_tokens":3}})") + kDone;
  const auto passed = pass(stream);
  EXPECT_EQ(SseDecoder().feed(passed).value().size(), SseDecoder().feed(stream).value().size());
  EXPECT_EQ(joined(passed), "0:Hello|stop done");
  EXPECT_THAT(passed, HasSubstr(R"("usage":{"total_tokens":3})"));
}

TEST(TextCompletionStream, WhatIsHeldBackLeavesBeforeTheFinishReason) {
  const auto stream = chunk("a sec") + chunk("ret!", R"("stop")") + kDone;
  for (const std::size_t delay : {4, 6, 100})
    EXPECT_EQ(joined(pass(stream, delay)), "0:a ***!|stop done") << delay;
}

TEST(TextCompletionStream, ChoicesAreFilteredApart) {
  EXPECT_EQ(joined(pass(chunk("sec", "null", 0) + chunk("ret", "null", 1) + chunk("", R"("stop")", 1) +
                            chunk("!", R"("length")", 0) + kDone,
                        2)),
            "0:sec!|length 1:ret|stop done");
}

TEST(TextCompletionStream, AWithheldStreamEndsInTheProtocolsOwnWay) {
  FakeFilter filter;
  filter.delay = 20;
  const auto codec = text_completion_stream(filter, "m");
  std::string out;
  const auto state = codec->feed(
      chunk("done", R"("stop")", 1) + chunk("this is for") + chunk("bidden") + chunk("more"), out);
  EXPECT_EQ(state, StreamCodec::State::kWithheld);
  EXPECT_EQ(joined(out), "0:|content_filter 1:done|stop done");
  EXPECT_THAT(out, HasSubstr(R"({"text":"","index":0,"logprobs":null,"finish_reason":"content_filter"})"));
  const auto size = out.size();
  EXPECT_EQ(codec->feed(chunk("more"), out), StreamCodec::State::kWithheld);
  codec->fail("late", out);
  EXPECT_EQ(codec->close(out), StreamCodec::State::kWithheld);
  EXPECT_EQ(out.size(), size);
}

TEST(TextCompletionStream, AnUpstreamThatClosesAfterEveryFinishReasonHasEnded) {
  EXPECT_EQ(joined(pass(chunk("a") + chunk("", R"("stop")"), 5)), "0:a|stop done");
}

TEST(TextCompletionStream, AnUpstreamThatStopsEarlyIsAnErrorAndNothingHeldLeaves) {
  for (const auto& stream :
       {std::string(), chunk("abc"), chunk("x", R"("stop")") + chunk("", "null", 1), kDone, event("not json"),
        event("[]"), event(R"({"choices":[7]})"), event(R"({"choices":[{"index":-1}]})"),
        event(R"({"choices":[{"index":128}]})"), event(R"({"choices":[{"text":7}]})"),
        chunk("x", R"("stop")") + chunk("more"), chunk("x", R"("a reason with words")")}) {
    const auto passed = pass(stream, 20);
    EXPECT_THAT(joined(passed), testing::EndsWith("error, done")) << stream;
    EXPECT_THAT(passed, Not(HasSubstr("abc"))) << stream;
  }
}

TEST(TextCompletionStream, AnUpstreamsErrorPassesWithoutItsWords) {
  const auto passed = pass(
      chunk("held") + event(R"({"error":{"message":"my secret","type":"overloaded_error","code":"x y"}})"),
      10);
  EXPECT_EQ(joined(passed), "error, done");
  EXPECT_THAT(passed, HasSubstr(R"("type":"overloaded_error")"));
  EXPECT_THAT(passed, Not(HasSubstr("secret")));
}

TEST(TextCompletionStream, WhatWouldTellTheTextAnotherWayDoesNotPass) {
  const auto passed = pass(event(
      R"({"id":"c1","extra":"leak","nested":{"x":"leak"},"number":7,"ids":[1],"choices":[{"index":0,"text":"a",
      "note":"leak","delta":{"content":"leak"},"token_ids":[1,2],"stop_reason":"two leaks",
      "logprobs":{"tokens":["leak"],"top_logprobs":[{"leak":-1}]},"finish_reason":null}]})"));
  EXPECT_THAT(passed, Not(HasSubstr("leak")));
  EXPECT_THAT(passed, Not(HasSubstr("ids")));
  EXPECT_THAT(passed, HasSubstr(R"("number":7)"));
  EXPECT_THAT(passed, HasSubstr(R"("logprobs":null)"));
}

TEST(TextCompletionStream, TheOutputDoesNotDependOnHowTheInputWasCut) {
  const auto good = chunk("") + ": comment\n\n" + chunk("é a sec") + chunk("ret 😀") + chunk("b", "null", 1) +
                    chunk("", R"("stop")") + chunk("", R"("stop")", 1);
  const auto bad = chunk("a forbid") + chunk("den word");
  for (const std::size_t delay : {0, 1, 2, 3, 7, 64}) {
    for (const auto& stream : {good + kDone, good, good.substr(0, 400), bad, good + "data: {\n\n"}) {
      const auto run = [&](std::span<const std::size_t> cuts) {
        FakeFilter filter;
        filter.delay = delay;
        return run_stream([&] { return text_completion_stream(filter, "m"); }, stream, cuts);
      };
      const auto whole = run({});
      EXPECT_TRUE(is_utf8(whole));
      EXPECT_THAT(whole, Not(HasSubstr("secret")));
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
