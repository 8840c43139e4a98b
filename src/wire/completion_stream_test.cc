#include <gmock/gmock.h>

#include <numeric>

#include "base/json.h"
#include "fake_filter.h"
#include "utf8.h"
#include "wire/completion.h"
#include "wire/sse.h"

namespace plimsoll::wire {
namespace {

using enum CompletionUpstream;
using testing::HasSubstr;
using testing::Not;

std::string events(std::initializer_list<std::string_view> list) {
  std::string out;
  for (const auto data : list) append_sse(out, data);
  return out;
}

std::string pass(CompletionUpstream from, std::string_view stream, std::size_t delay = 0) {
  FakeFilter filter;
  filter.delay = delay;
  return run_stream([&] { return completion_stream(filter, from); }, stream, {});
}

// The text that a client puts together, and how it ended.
std::string joined(std::string_view stream) {
  std::string text;
  for (const auto& e : SseDecoder().feed(stream).value()) {
    if (e.name == "error") {
      text += "|" + std::string(*find_string(parse_json(e.data)->at("error"), "type"));
    } else {
      text += e.data;
    }
  }
  return text;
}

TEST(CompletionStream, TheModelsTextComesOutExactly) {
  for (const std::string text : {"plain", " leading and trailing ", "two\nlines", "\n", "\n\n", "a\n\nb\n",
                                 "event: x\ndata: y", ":", "{not json", R"({"an":"object"})", "é😀"}) {
    for (const std::size_t delay : {0, 1, 3, 100}) {
      EXPECT_EQ(joined(pass(kCompletion, events({text, "[DONE]"}), delay)), text);
      const auto as_object = to_json(json::object{{"content", text}});
      EXPECT_EQ(joined(pass(kCompletion, events({as_object}), delay)), text);
      const auto as_chunk = to_json(
          json::object{{"choices", json::array{json::object{{"delta", json::object{{"content", text}}}}}}});
      EXPECT_EQ(joined(pass(kChat, events({as_chunk, "[DONE]"}), delay)), text);
    }
  }
}

TEST(CompletionStream, LineEndsBecomeLineFeedsWhereverTheyAreCut) {
  EXPECT_EQ(joined(pass(kCompletion, events({R"({"content":"a\r"})", R"({"content":"\nb\rc\r\nd"})"}))),
            "a\nb\nc\nd");
}

TEST(CompletionStream, CharactersMayArriveInPieces) {
  EXPECT_EQ(joined(pass(kCompletion,
                        "data: \xC3\n\ndata: \xA9\xF0\x9F\n\ndata: \x98\x80\n\ndata: \xFF\xE2\x82\n\n")),
            "é😀\uFFFD\uFFFD");
}

TEST(CompletionStream, TheChatsOtherChoicesAndMembersStayBehind) {
  const auto passed = pass(
      kChat,
      events(
          {R"({"choices":[{"index":0,"delta":{"role":"assistant","content":"a"}},{"index":1,"delta":{"content":"x"}}]})",
           R"({"choices":[{"index":0,"delta":{"reasoning":"x"},"finish_reason":"stop"}]})",
           R"({"choices":[],"usage":{}})"}));
  EXPECT_EQ(passed, "data: a\n\n");
}

TEST(CompletionStream, AFailureIsAnErrorEventNeverASilentEnd) {
  const auto chunk = R"({"choices":[{"index":0,"delta":{"content":"abc"}}]})";
  for (const auto& [from, stream] : {std::pair{kCompletion, std::string()},
                                     {kCompletion, std::string("data: unfinished\n")},
                                     {kCompletion, std::string("event: error\ndata: my prompt\n\n")},
                                     {kCompletion, events({R"({"error":{"message":"my prompt"}})"})},
                                     {kChat, std::string()},
                                     {kChat, events({chunk})},
                                     {kChat, events({chunk, "no json"})},
                                     {kChat, events({chunk, R"({"error":{"message":"my prompt"}})"})}}) {
    const auto passed = pass(from, stream, 10);
    EXPECT_EQ(joined(passed), "|server_error") << stream;
    EXPECT_THAT(passed, Not(HasSubstr("my prompt")));
  }
}

TEST(CompletionStream, WhatIsWithheldEndsInAnErrorEvent) {
  EXPECT_EQ(joined(pass(kCompletion, events({"a ", "forbid", "den", "x"}), 9)), "|content_filter");
  EXPECT_EQ(joined(pass(kCompletion, events({"it is no ", "forbidden", "x"}))), "it is no |content_filter");
}

TEST(CompletionStream, TheOutputDoesNotDependOnHowTheInputWasCut) {
  const auto text = events({"é a sec", "ret", "line\nline ", R"({"content":"\r\n"})", "😀"});
  const auto chat = events({R"({"choices":[{"index":0,"delta":{"content":"é sec"}}]})",
                            R"({"choices":[{"index":0,"delta":{"content":"ret"},"finish_reason":"stop"}]})"});
  for (const std::size_t delay : {0, 1, 2, 5, 50}) {
    for (const auto& [from, stream] : {std::pair{kCompletion, text},
                                       {kCompletion, text + events({"[DONE]"})},
                                       {kCompletion, text + events({"forbidden", "more"})},
                                       {kCompletion, text.substr(0, 40)},
                                       {kChat, chat},
                                       {kChat, chat.substr(0, 90)}}) {
      const auto run = [&](std::span<const std::size_t> cuts) {
        FakeFilter filter;
        filter.delay = delay;
        return run_stream([&] { return completion_stream(filter, from); }, stream, cuts);
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

TEST(Utf8Joiner, GivesTheSameTextWhereverItIsCut) {
  const std::string_view text =
      "a\xC3\xA9\xE2\x82\xAC\xF0\x9F\x98\x80\x80\xED\xA0\x80\xF4\x90\xE0\x80\xC1\xF0\x9F\xE2\x82";
  Utf8Joiner one;
  auto whole = one.push(text);
  whole += one.finish();
  EXPECT_TRUE(is_utf8(whole));
  for (std::size_t first = 0; first <= text.size(); ++first)
    for (std::size_t second = first; second <= text.size(); ++second) {
      Utf8Joiner joiner;
      auto pieces = joiner.push(text.substr(0, first));
      pieces += joiner.push(text.substr(first, second - first));
      pieces += joiner.push(text.substr(second));
      EXPECT_EQ(pieces + joiner.finish(), whole) << first << " " << second;
    }
}

}  // namespace
}  // namespace plimsoll::wire
