#include "replies.h"

#include <gmock/gmock.h>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

#include "base/json.h"
#include "wire/completion.h"
#include "wire/openai_chat.h"
#include "wire/sse.h"

namespace plimsoll::sample {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

Reply ask(Protocol protocol, std::string_view request) {
  return make_reply(protocol, parse_json(request).value(), "default");
}

// Lets everything through, and keeps it.
class Listener final : public wire::TextFilter {
 public:
  std::string heard;
  bool feed(wire::Channel, std::string_view text, std::string& out) override {
    heard += text;
    out += text;
    return true;
  }
  bool finish(wire::Channel, std::string&) override { return true; }
};

std::vector<std::string> event_names(const Reply& reply) {
  std::vector<std::string> names;
  wire::SseDecoder decoder;
  for (const auto& f : reply.frames)
    for (const auto& event : decoder.feed(f).value()) names.push_back(event.name);
  return names;
}

const std::string kTools =
    R"("tools":[{"type":"function","function":{"name":"look_up","parameters":)"
    R"({"type":"object","properties":{"q":{"type":"string"},"n":{"type":"integer"}}}}}])";

TEST(Replies, AChatAnswerRepeatsTheLastUserMessageInEveryChoice) {
  const auto reply = ask(Protocol::kChat, R"({"n":2,"messages":[{"role":"system","content":"be brief"},
      {"role":"user","content":[{"type":"text","text":"hello"},{"type":"image_url"}]},{"role":"assistant","content":"x"}]})");
  const auto answer = wire::decode_chat_response(reply.body);
  ASSERT_TRUE(answer) << reply.body;
  ASSERT_EQ(answer->conversation().segments.size(), 2U);
  EXPECT_EQ(answer->conversation().segments[1].text, "You said: hello\n[attachment]");
  EXPECT_EQ(answer->json().at("usage").at("prompt_tokens"), 5);
  EXPECT_EQ(answer->conversation().model, "default");
  EXPECT_EQ(reply.body, ask(Protocol::kChat, R"({"n":2,"messages":[{"role":"system","content":"be brief"},
      {"role":"user","content":[{"type":"text","text":"hello"},{"type":"image_url"}]},{"role":"assistant","content":"x"}]})")
                            .body);
}

TEST(Replies, AChatStreamSaysTheSameAndIsOneThatTheCodecReads) {
  const auto reply =
      ask(Protocol::kChat, R"({"stream":true,"stream_options":{"include_usage":true},"model":"m",
      "messages":[{"role":"user","content":"[[chunks: 2]]hello"}]})");
  Listener listener;
  const auto codec = wire::chat_stream(listener, "m");
  std::string out;
  auto state = wire::StreamCodec::State::kOpen;
  for (const auto& f : reply.frames) state = codec->feed(f, out).value();
  EXPECT_EQ(state, wire::StreamCodec::State::kEnded);
  EXPECT_EQ(listener.heard, "You said: hello");
  EXPECT_EQ(reply.frames.size(), 1U + 8U + 3U);
  EXPECT_THAT(out, HasSubstr(R"("choices":[],"usage":{"prompt_tokens":2)"));
}

TEST(Replies, AToolIsCalledWhenOfferedAndAskedFor) {
  const auto messages = R"(,"messages":[{"role":"user","content":"please Call the Tool"}]})";
  auto reply = ask(Protocol::kChat, "{" + kTools + messages);
  EXPECT_THAT(reply.body,
              HasSubstr(R"("name":"look_up","arguments":"{\"q\":\"please Call the Tool\",\"n\":1}")"));
  EXPECT_THAT(reply.body, HasSubstr(R"("finish_reason":"tool_calls")"));
  reply = ask(Protocol::kChat, R"({"stream":true,)" + kTools + messages);
  Listener listener;
  std::string out;
  const auto codec = wire::chat_stream(listener, "m");
  for (const auto& f : reply.frames) EXPECT_TRUE(codec->feed(f, out));
  EXPECT_EQ(listener.heard, R"({"q":"please Call the Tool","n":1})");
  EXPECT_THAT(ask(Protocol::kChat, std::string(R"({"tools":[])") + messages).body, HasSubstr("You said"));
}

TEST(Replies, AToolsResultIsToldOn) {
  EXPECT_THAT(ask(Protocol::kChat, "{" + kTools + R"(,"messages":[{"role":"user","content":"call the tool"},
      {"role":"tool","content":"42 [[fault: 500]]"}]})")
                  .body,
              HasSubstr("error"));
  EXPECT_THAT(ask(Protocol::kMessages, R"({"messages":[{"role":"user","content":"call the tool"},
      {"role":"user","content":[{"type":"tool_result","content":[{"type":"text","text":"42"}]}]}]})")
                  .body,
              HasSubstr("The tool said: 42"));
}

TEST(Replies, MessagesStreamHasTheWholeSequenceOfEvents) {
  const auto reply = ask(Protocol::kMessages,
                         R"({"stream":true,"max_tokens":9,"messages":[{"role":"user","content":"hi"}]})");
  EXPECT_THAT(event_names(reply),
              ElementsAre("message_start", "content_block_start", "ping", "content_block_delta",
                          "content_block_delta", "content_block_delta", "content_block_stop", "message_delta",
                          "message_stop"));
  for (const char* part : {R"("stop_reason":"end_turn")", R"("output_tokens":3)"})
    EXPECT_THAT(reply.frames.at(7), HasSubstr(part));
}

TEST(Replies, MessagesCallToolsToo) {
  const auto request = [](std::string_view stream) {
    return R"({"stream":)" + std::string(stream) +
           R"(,"tools":[{"name":"f","input_schema":{"properties":{"b":{"type":"boolean"}}}}],
           "messages":[{"role":"user","content":"call the tool"}]})";
  };
  EXPECT_THAT(ask(Protocol::kMessages, request("false")).body, HasSubstr(R"("name":"f","input":{"b":true})"));
  const auto reply = ask(Protocol::kMessages, request("true"));
  EXPECT_THAT(reply.frames.at(1), HasSubstr(R"("input":{})"));
  EXPECT_THAT(reply.frames.at(3), HasSubstr(R"("partial_json":"{\"b\":true}")"));
  EXPECT_THAT(reply.frames.at(5), HasSubstr(R"("stop_reason":"tool_use")"));
}

TEST(Replies, CompletionsAnswerInBothProtocols) {
  EXPECT_EQ(
      ask(Protocol::kCompletion, R"({"prompt":"hi there","model":"m"})").body,
      R"({"content":"You said: hi there","model":"m","usage":{"prompt_tokens":2,"completion_tokens":4,"total_tokens":6}})");
  EXPECT_THAT(ask(Protocol::kText, R"({"prompt":"hi"})").body, HasSubstr(R"("text":"You said: hi")"));
  EXPECT_THAT(ask(Protocol::kCompletion, R"({"prompt":"a","stream":true})").frames,
              ElementsAre("data: You\n\n", "data:  said:\n\n", "data:  a\n\n", "data: [DONE]\n\n"));
}

TEST(Replies, MaxTokensCutsAndSaysSo) {
  const auto body =
      ask(Protocol::kChat, R"({"max_tokens":2,"messages":[{"role":"user","content":"hi"}]})").body;
  EXPECT_THAT(body, HasSubstr(R"("content":"You said:")"));
  EXPECT_THAT(body, HasSubstr(R"("finish_reason":"length")"));
}

TEST(Replies, AFailureHasTheProtocolsShape) {
  const auto reply =
      ask(Protocol::kMessages, R"({"stream":true,"messages":[{"role":"user","content":"[[fault: 429]]"}]})");
  EXPECT_EQ(reply.status, 429);
  EXPECT_TRUE(reply.frames.empty());
  EXPECT_THAT(reply.body, HasSubstr(R"({"type":"error","error":{"type":"rate_limit_error")"));
}

TEST(Replies, EveryProtocolHasItsOwnErrors) {
  EXPECT_EQ(make_error(Protocol::kResponses, 500, "m").body,
            R"({"error":{"message":"m","type":"server_error","param":null,"code":null}})");
  EXPECT_THAT(make_error(Protocol::kCountTokens, 529, "m").body, HasSubstr("overloaded_error"));
  const auto bedrock = make_error(Protocol::kBedrock, 429, "m");
  EXPECT_EQ(bedrock.body, R"({"message":"m"})");
  EXPECT_THAT(bedrock.headers, ElementsAre(testing::Pair("Retry-After", "1"),
                                           testing::Pair("x-amzn-ErrorType", "ThrottlingException")));
}

TEST(Replies, AnErrorEventIsInTheProtocolsShapeAndAStatusWhenNotStreamed) {
  const std::string ask_for = R"("messages":[{"role":"user","content":"[[fault: event]]"}]})";
  EXPECT_THAT(ask(Protocol::kMessages, R"({"stream":true,)" + ask_for).failure,
              testing::StartsWith(R"(event: error
data: {"type":"error","error":{"type":"overloaded_error")"));
  EXPECT_THAT(ask(Protocol::kChat, R"({"stream":true,)" + ask_for).failure,
              testing::StartsWith(R"(data: {"error":)"));
  EXPECT_THAT(ask(Protocol::kResponses, R"({"stream":true,"input":"[[fault: event]]"})").failure,
              HasSubstr(R"({"type":"error","sequence_number")"));
  EXPECT_EQ(ask(Protocol::kChat, "{" + ask_for).status, 500);
}

TEST(Replies, SeveralPromptsGetAnAnswerEach) {
  const auto reply =
      ask(Protocol::kText, R"({"stream":true,"echo":true,"max_tokens":2,"prompt":["a","b "]})");
  const auto choices = parse_json(reply.body).value().at("choices").as_array();
  ASSERT_EQ(choices.size(), 2U);
  EXPECT_EQ(choices[1].at("text"), "b You said:");
  EXPECT_EQ(choices[1].at("index"), 1);
  EXPECT_EQ(choices[0].at("finish_reason"), "length");
  std::vector<std::string> texts(2);
  for (const auto& f : reply.frames)
    if (f.starts_with("data: {")) {
      const auto choice = parse_json(f.substr(6)).value().at("choices").at(0);
      texts.at(choice.at("index").to_number<std::size_t>()) += choice.at("text").as_string();
    }
  EXPECT_THAT(texts, ElementsAre("aYou said:", "b You said:"));
}

TEST(Replies, AToolThatIsDemandedIsCalledAndOneThatIsForbiddenIsNot) {
  const std::string tools = R"({"tools":[{"name":"f"},{"name":"g","input_schema":{}}],"tool_choice":)";
  const std::string hi = R"(,"messages":[{"role":"user","content":"hi"}]})";
  EXPECT_THAT(ask(Protocol::kMessages, tools + R"({"type":"tool","name":"g"})" + hi).body,
              HasSubstr(R"("name":"g","input":{})"));
  EXPECT_THAT(ask(Protocol::kMessages, tools + R"({"type":"any"})" + hi).body, HasSubstr(R"("name":"f")"));
  EXPECT_THAT(ask(Protocol::kMessages, tools + R"({"type":"none"})" + hi).body, HasSubstr("You said"));
}

TEST(Replies, ThoughtsComeFirst) {
  const std::string hi = R"("messages":[{"role":"user","content":"[[think: hm]] hi"}]})";
  const auto reply = ask(Protocol::kMessages, R"({"stream":true,)" + hi);
  EXPECT_THAT(reply.body, HasSubstr(R"("content":[{"type":"thinking","thinking":"hm","signature":")"));
  EXPECT_THAT(event_names(reply),
              ElementsAre("message_start", "content_block_start", "ping", "content_block_delta",
                          "content_block_delta", "content_block_stop", "content_block_start",
                          "content_block_delta", "content_block_delta", "content_block_delta",
                          "content_block_stop", "message_delta", "message_stop"));
  EXPECT_THAT(ask(Protocol::kChat, "{" + hi).body, HasSubstr(R"("reasoning_content":"hm")"));
}

TEST(Replies, JsonOfASchemaIsGivenWhereverItIsAskedFor) {
  const std::string schema = R"({"type":"json_schema","schema":{"properties":{"x":{"type":"string"}}}})";
  const std::string hi = R"(,"messages":[{"role":"user","content":"hi"}]})";
  const auto* const answer = R"("text":"{\"x\":\"You said: hi\"}")";
  EXPECT_THAT(ask(Protocol::kMessages, R"({"output_format":)" + schema + hi).body, HasSubstr(answer));
  EXPECT_THAT(ask(Protocol::kMessages, R"({"output_config":{"format":)" + schema + "}" + hi).body,
              HasSubstr(answer));
  const std::string chat = R"({"response_format":{"type":"json_schema","json_schema":)" + schema + "}";
  EXPECT_THAT(ask(Protocol::kChat, chat + hi).body, HasSubstr(R"("content":"{\"x\":\"You said: hi\"}")"));
  EXPECT_THAT(ask(Protocol::kChat, chat + R"(,"messages":[{"role":"user","content":"[[say: [7] ]]"}]})").body,
              HasSubstr(R"("content":"[7]")"));
}

TEST(Models, AreListedInTheStyleThatIsAskedFor) {
  EXPECT_THAT(list_models(Style::kOpenAi, "m"), HasSubstr(R"("object":"list")"));
  EXPECT_THAT(list_models(Style::kAnthropic, "m"), HasSubstr(R"("type":"model","id":"m","display_name")"));
  EXPECT_THAT(show_model(Style::kOpenAi, "m"), HasSubstr(R"({"id":"m","object":"model")"));
}

TEST(Replies, AnythingThatIsAnObjectGetsAnAnswer) {
  for (const char* request :
       {"{}", R"({"messages":[7,{},{"role":7,"content":7}]})", R"({"tools":[7],"prompt":"call the tool"})",
        R"({"input":[7,{}],"tool_choice":7,"tools":[{"name":7}],"text":7,"prompt":[[],7]})",
        R"({"n":-5,"max_tokens":"x","stream":"y","stream_options":[]})"})
    for (const auto p : {Protocol::kCompletion, Protocol::kChat, Protocol::kText, Protocol::kMessages,
                         Protocol::kCountTokens, Protocol::kResponses, Protocol::kEmbeddings,
                         Protocol::kBedrock, Protocol::kBedrockStream})
      EXPECT_TRUE(parse_json(ask(p, request).body)) << request;
}

TEST(Embeddings, AreDeterministicAndOfLengthOne) {
  const auto embed = [](std::string_view request) {
    return parse_json(make_embeddings(parse_json(request).value(), "m")).value();
  };
  const auto two = embed(R"({"input":["a b","a b"],"dimensions":8})");
  EXPECT_EQ(two.at("data").at(0).at("embedding"), two.at("data").at(1).at("embedding"));
  double square = 0;
  for (const auto& x : two.at("data").at(0).at("embedding").as_array())
    square += x.to_number<double>() * x.to_number<double>();
  EXPECT_NEAR(square, 1, 1e-5);
  EXPECT_EQ(embed(R"({"input":"a","encoding_format":"base64","dimensions":3})")
                .at("data")
                .at(0)
                .at("embedding")
                .as_string()
                .size(),
            16U);
  EXPECT_EQ(embed(R"({"input":[1,2]})").at("data").as_array().size(), 1U);
  EXPECT_EQ(embed("{}").at("data").as_array().size(), 0U);
}

}  // namespace
}  // namespace plimsoll::sample
