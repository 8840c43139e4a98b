#include <gmock/gmock.h>

#include <boost/json/object.hpp>

#include "answer.h"
#include "base/hash.h"
#include "base/json.h"

namespace plimsoll::sample {
namespace {

Reply ask(Protocol protocol, std::string_view said) {
  const json::object message{{"role", "user"}, {"content", said}};
  return make_reply(protocol, json::object{{"messages", json::array{message}}}, "anthropic.claude");
}

std::uint32_t number_at(std::string_view bytes, std::size_t at) {
  std::uint32_t value = 0;
  for (std::size_t i = 0; i < 4; ++i) value = value << 8U | static_cast<std::uint8_t>(bytes[at + i]);
  return value;
}

// What is between the headers and the last sum.
std::string payload_of(std::string_view bytes) {
  const auto headers = number_at(bytes, 4);
  EXPECT_EQ(number_at(bytes, 0), bytes.size());
  return std::string(bytes.substr(12 + headers, bytes.size() - 16 - headers));
}

TEST(Bedrock, FramesAreAsTheDescriptionOfTheFormatHasThem) {
  // The sums were computed apart from this program, with Python's zlib.crc32.
  const auto bytes = invoke_exception("t", "m");
  EXPECT_EQ(to_hex(bytes.substr(0, 12)), "0000006e0000004fa5434a44");
  EXPECT_EQ(to_hex(bytes.substr(bytes.size() - 4)), "08cb76c8");
  EXPECT_EQ(payload_of(bytes), R"({"message":"m"})");
}

TEST(Bedrock, AStreamHoldsTheSameEventsAsAnthropics) {
  const auto reply = ask(Protocol::kBedrockStream, "hi");
  EXPECT_EQ(reply.content_type, "application/vnd.amazon.eventstream");
  std::vector<std::string> types;
  std::string text;
  for (const auto& bytes : reply.frames) {
    const auto chunk = parse_json(payload_of(bytes)).value();
    const auto event = parse_json(from_base64(chunk.at("bytes").as_string()).value()).value();
    types.emplace_back(event.at("type").as_string());
    if (types.back() == "content_block_delta") text += event.at("delta").at("text").as_string();
    if (types.back() == "message_stop")
      EXPECT_EQ(event.at("amazon-bedrock-invocationMetrics").at("outputTokenCount"), 3);
  }
  EXPECT_EQ(text, "You said: hi");
  EXPECT_EQ(types.front(), "message_start");
  EXPECT_EQ(types.back(), "message_stop");
  EXPECT_THAT(types, testing::Not(testing::Contains("ping")));
}

TEST(Bedrock, ThePathSaysWhetherItStreamsAndWhichModelAnswers) {
  const auto request = parse_json(R"({"stream":true,"messages":[]})").value();
  const auto reply = make_reply(Protocol::kBedrock, request, "anthropic.claude");
  EXPECT_TRUE(reply.frames.empty());
  EXPECT_EQ(parse_json(reply.body).value().at("model"), "anthropic.claude");
}

TEST(Bedrock, AStreamBreaksOffWithAnException) {
  const auto reply = ask(Protocol::kBedrockStream, "[[fault: event]]");
  EXPECT_THAT(reply.failure, testing::HasSubstr("modelStreamErrorException"));
  EXPECT_EQ(ask(Protocol::kBedrockStream, "[[fault: 429]]").status, 429);
}

}  // namespace
}  // namespace plimsoll::sample
