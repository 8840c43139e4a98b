#include "wire/translate.h"

#include <gmock/gmock.h>

#include "base/json.h"
#include "fake_filter.h"
#include "wire/anthropic_messages.h"
#include "wire/openai_chat.h"
#include "wire/openai_responses.h"
#include "wire/sse.h"

namespace plimsoll::wire {
namespace {

using testing::HasSubstr;
using testing::Not;

constexpr Protocol kHubs[] = {Protocol::kChat, Protocol::kMessages, Protocol::kResponses};

// The same question with a tool, asked in each protocol.
json::value question(Protocol protocol, bool stream = false) {
  auto request =
      [&] {
        switch (protocol) {
          case Protocol::kMessages:
            return parse_json(
                R"({"model":"m","max_tokens":50,"system":"be kind","messages":[{"role":"user","content":"hello"}],
          "tools":[{"name":"f","description":"d","input_schema":{"type":"object"}}]})");
          case Protocol::kResponses:
            return parse_json(R"({"model":"m","max_output_tokens":50,"instructions":"be kind","input":"hello",
          "tools":[{"type":"function","name":"f","description":"d","parameters":{"type":"object"},"strict":false}]})");
          default:
            return parse_json(
                R"({"model":"m","max_completion_tokens":50,"messages":[{"role":"system","content":"be kind"},
          {"role":"user","content":"hello"}],"stream_options":{"include_usage":true},
          "tools":[{"type":"function","function":{"name":"f","description":"d","parameters":{"type":"object"}}}]})");
        }
      }()
          .value();
  request.get_object()["stream"] = stream;
  return request;
}

Decoded<Document> read_request(Protocol protocol, const std::string& body) {
  if (protocol == Protocol::kMessages) return decode_messages_request(body);
  return protocol == Protocol::kResponses ? decode_responses_request(body) : decode_chat_request(body);
}

Decoded<Document> read_answer(Protocol protocol, const std::string& body) {
  if (protocol == Protocol::kMessages) return decode_messages_response(body);
  return protocol == Protocol::kResponses ? decode_responses_response(body) : decode_chat_response(body);
}

std::unique_ptr<StreamCodec> codec(Protocol protocol, TextFilter& filter) {
  if (protocol == Protocol::kMessages) return messages_stream(filter, "m");
  return protocol == Protocol::kResponses ? responses_stream(filter, "m") : chat_stream(filter, "m");
}

bool is_error(std::string_view stream) {
  return stream.contains(R"("error":{)");
}

std::multiset<std::string> texts(const Decoded<Document>& document) {
  std::multiset<std::string> found;
  if (!document) return {"refused: " + document.error().message};
  for (const auto& segment : document->conversation().segments) found.insert(segment.text);
  return found;
}

constexpr std::string_view kCompletion =
    R"({"id":"c1","object":"chat.completion","created":1,"model":"m","choices":[{"index":0,"finish_reason":"tool_calls",
  "message":{"role":"assistant","content":"Hello","tool_calls":[{"id":"k","type":"function","function":{"name":"f","arguments":"{\"q\":\"x\"}"}}]}}],
  "usage":{"prompt_tokens":5,"completion_tokens":7,"total_tokens":12}})";

std::string chat_stream_text() {
  std::string stream;
  for (
      const auto* chunk :
      {R"({"id":"c1","object":"chat.completion.chunk","created":1,"model":"m","choices":[{"index":0,"delta":{"role":"assistant","content":""},"finish_reason":null}]})",
       R"({"id":"c1","model":"m","choices":[{"index":0,"delta":{"content":"Hel"},"finish_reason":null}]})",
       R"({"id":"c1","model":"m","choices":[{"index":0,"delta":{"content":"lo"},"finish_reason":null}]})",
       R"({"id":"c1","model":"m","choices":[{"index":0,"delta":{"tool_calls":[{"index":0,"id":"k","type":"function","function":{"name":"f","arguments":""}}]},"finish_reason":null}]})",
       R"({"id":"c1","model":"m","choices":[{"index":0,"delta":{"tool_calls":[{"index":0,"function":{"arguments":"{\"q\":\"x\"}"}}]},"finish_reason":null}]})",
       R"({"id":"c1","model":"m","choices":[{"index":0,"delta":{},"finish_reason":"tool_calls"}]})",
       R"({"id":"c1","model":"m","choices":[],"usage":{"prompt_tokens":5,"completion_tokens":7,"total_tokens":12}})",
       "[DONE]"})
    append_sse(stream, chunk);
  return stream;
}

std::string run(Protocol from, Protocol to, std::string_view stream, std::size_t step) {
  const auto translator = translate_stream(from, to, question(to, true));
  std::string out;
  for (std::size_t at = 0; at < stream.size(); at += step)
    EXPECT_TRUE(translator->feed(stream.substr(at, step), out));
  translator->close(out);
  return out;
}

TEST(Translate, KnowsWhatCanBeCarriedOver) {
  for (const auto from : kHubs)
    for (const auto to : kHubs) EXPECT_TRUE(can_translate(from, to));
  for (const auto other : {Protocol::kCompletions, Protocol::kEmbeddings, Protocol::kCompletion}) {
    EXPECT_FALSE(can_translate(Protocol::kChat, other));
    EXPECT_FALSE(can_translate(other, Protocol::kResponses));
    EXPECT_EQ(translate_request({}, other, Protocol::kChat).error().status, 400);
    EXPECT_FALSE(translate_response({}, Protocol::kChat, other, {}));
  }
}

TEST(Translate, LeavesWhatNeedsNoTranslation) {
  const auto body = parse_json(R"({"anything":1})").value();
  for (const auto protocol : kHubs) {
    EXPECT_EQ(translate_request(body, protocol, protocol).value(), body);
    EXPECT_EQ(translate_response(body, protocol, protocol, {}).value(), body);
    std::string out;
    const auto stream = translate_stream(protocol, protocol, {});
    EXPECT_TRUE(stream->feed("data: any", out));
    stream->close(out);
    EXPECT_EQ(out, "data: any");
  }
}

TEST(Translate, ARequestHoldsTheSameTextsInEveryProtocol) {
  for (const auto from : kHubs) {
    for (const auto to : kHubs) {
      const auto asked = question(from, true);
      const auto carried = translate_request(asked, from, to);
      ASSERT_TRUE(carried) << carried.error().message;
      const auto read = read_request(to, to_json(*carried));
      EXPECT_EQ(texts(read), texts(read_request(from, to_json(asked))));
      ASSERT_TRUE(read);
      EXPECT_TRUE(read->conversation().stream);
      EXPECT_THAT(read->conversation().tools, testing::ElementsAre("f"));
    }
  }
}

TEST(Translate, AnAnswerHoldsTheSameTextsInEveryProtocol) {
  const auto completion = parse_json(kCompletion).value();
  for (const auto upstream : kHubs) {
    const auto answer = translate_response(completion, Protocol::kChat, upstream, question(upstream));
    ASSERT_TRUE(answer) << answer.error().message;
    for (const auto client : kHubs) {
      const auto carried = translate_response(*answer, upstream, client, question(client));
      ASSERT_TRUE(carried) << carried.error().message;
      const auto found = texts(read_answer(client, to_json(*carried)));
      EXPECT_THAT(found, testing::Contains("Hello"));
      EXPECT_EQ(found.size(), 2U) << to_json(*carried);
    }
  }
}

TEST(Translate, AStreamSaysTheSameInEveryProtocol) {
  for (const auto upstream : kHubs) {
    const auto stream = run(Protocol::kChat, upstream, chat_stream_text(), 1'000'000);
    for (const auto client : kHubs) {
      const auto carried = run(upstream, client, stream, stream.size());
      EXPECT_EQ(run(upstream, client, stream, 1), carried);
      FakeFilter filter;
      const auto out = run_stream([&] { return codec(client, filter); }, carried, {});
      EXPECT_FALSE(is_error(out)) << static_cast<int>(upstream) << static_cast<int>(client);
      std::multiset<std::string> said;
      for (const auto& [channel, text] : filter.seen) said.insert(text);
      EXPECT_EQ(said, (std::multiset<std::string>{"Hello", R"({"q":"x"})"}));
    }
  }
}

TEST(Translate, AStreamThatStopsEarlyNeverEndsWell) {
  const auto begun = chat_stream_text().substr(0, 300);
  for (const auto upstream : kHubs) {
    const auto stream = run(Protocol::kChat, upstream, begun, 1'000'000);
    for (const auto client : kHubs) {
      FakeFilter filter;
      const auto carried = run(upstream, client, stream, stream.size() + 1);
      EXPECT_TRUE(is_error(run_stream([&] { return codec(client, filter); }, carried, {})));
    }
  }
}

TEST(Translate, NamesWhatCannotBeCarriedOverAsTheClientCalledIt) {
  const auto refused = [](std::string_view request, Protocol from, Protocol to) {
    const auto carried = translate_request(parse_json(request).value(), from, to);
    EXPECT_FALSE(carried);
    if (!carried) EXPECT_THAT(carried.error().message, HasSubstr("'" + carried.error().param + "'"));
    return carried ? std::string() : carried.error().param;
  };
  EXPECT_EQ(refused(R"({"input":"x","previous_response_id":"r"})", Protocol::kResponses, Protocol::kMessages),
            "previous_response_id");
  EXPECT_EQ(refused(R"({"input":"x","tools":[{"type":"custom","name":"g"}]})", Protocol::kResponses,
                    Protocol::kMessages),
            "tools");
  EXPECT_EQ(refused(R"({"max_tokens":5,"messages":[{"role":"user","content":"x"}],"stop_sequences":["y"]})",
                    Protocol::kMessages, Protocol::kResponses),
            "stop_sequences");
}

TEST(Translate, GivesAChatClientTheUsageItAskedFor) {
  const std::string_view stream =
      "data: {\"type\":\"response.completed\",\"response\":{\"status\":\"completed\",\"output\":[],\"usage\":"
      "{\"input_tokens\":1}}}\n\n";
  const auto carried = [&](std::string_view request) {
    std::string out;
    const auto translator =
        translate_stream(Protocol::kResponses, Protocol::kChat, parse_json(request).value());
    EXPECT_TRUE(translator->feed(stream, out));
    return out;
  };
  EXPECT_THAT(carried(R"({"stream_options":{"include_usage":true}})"), HasSubstr("prompt_tokens"));
  EXPECT_THAT(carried("{}"), Not(HasSubstr("prompt_tokens")));
}

}  // namespace
}  // namespace plimsoll::wire
