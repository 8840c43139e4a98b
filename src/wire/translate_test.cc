#include "wire/translate.h"

#include <gmock/gmock.h>

#include "base/json.h"

namespace plimsoll::wire {
namespace {

constexpr Protocol kHubs[] = {Protocol::kChat, Protocol::kResponses};

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

TEST(Translate, CarriesThereAndBack) {
  const auto request = parse_json(R"({"model":"m","input":"hello"})").value();
  const auto asked = translate_request(request, Protocol::kResponses, Protocol::kChat);
  ASSERT_TRUE(asked);
  EXPECT_EQ(to_json(*asked), R"({"messages":[{"role":"user","content":"hello"}],"model":"m"})");
  const auto answer = translate_response(
      parse_json(R"({"choices":[{"message":{"content":"hi"},"finish_reason":"stop"}]})").value(),
      Protocol::kChat, Protocol::kResponses, request);
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->at("output").at(0).at("content").at(0).at("text"), "hi");
  EXPECT_EQ(answer->at("model"), "m");
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
  EXPECT_THAT(carried(R"({"stream_options":{"include_usage":true}})"), testing::HasSubstr("prompt_tokens"));
  EXPECT_THAT(carried("{}"), testing::Not(testing::HasSubstr("prompt_tokens")));
}

}  // namespace
}  // namespace plimsoll::wire
