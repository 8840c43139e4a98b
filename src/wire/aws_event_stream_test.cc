#include "wire/aws_event_stream.h"

#include <gmock/gmock.h>

#include <boost/crc.hpp>

#include "base/hash.h"
#include "wire/sse.h"

namespace plimsoll::wire {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

// A message as botocore reads it: a header of every type, and a payload.
constexpr std::string_view kEveryType =
    "000000730000005cb98d58a90d3a6d6573736167652d747970650700056576656e74017400016601016202ff017303fffe0169"
    "04fffffffd016c05fffffffffffffffc017906000200ff0164080000018bcfe5687b017509000102030405060708090a0b0c0d"
    "0e0f7b2261223a317d48a62469";

std::string from_hex(std::string_view hex) {
  std::string bytes;
  for (std::size_t i = 0; i + 1 < hex.size(); i += 2)
    bytes += static_cast<char>(std::stoi(std::string(hex.substr(i, 2)), nullptr, 16));
  return bytes;
}

AwsEvent every_type() {
  return {.headers = {{":message-type", std::string("event")},
                      {"t", true},
                      {"f", false},
                      {"b", std::int8_t{-1}},
                      {"s", std::int16_t{-2}},
                      {"i", std::int32_t{-3}},
                      {"l", std::int64_t{-4}},
                      {"y", AwsBytes{std::string("\0\xFF", 2)}},
                      {"d", AwsTimestamp{1'700'000'000'123}},
                      {"u", AwsUuid{0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15}}},
          .payload = R"({"a":1})"};
}

// What comes of a stream, and whether it was sound.
struct Read {
  std::vector<AwsEvent> events;
  bool sound = true;
  friend bool operator==(const Read&, const Read&) = default;
};

Read read(std::string_view stream, std::size_t cut = 0, std::size_t limit = 4'096) {
  AwsEventDecoder decoder(limit);
  Read result;
  result.sound = decoder.feed(stream.substr(0, cut), result.events).has_value();
  result.sound =
      decoder.feed(stream.substr(cut), result.events).has_value() && result.sound && decoder.idle();
  return result;
}

TEST(AwsEventStream, ReadsAndWritesEveryTypeOfHeader) {
  EXPECT_EQ(to_hex(encode_aws_event(every_type())), kEveryType);
  const auto result = read(from_hex(kEveryType));
  EXPECT_TRUE(result.sound);
  EXPECT_THAT(result.events, ElementsAre(every_type()));
  EXPECT_EQ(result.events[0].header(":message-type"), "event");
  EXPECT_EQ(result.events[0].header("t"), "");
  EXPECT_EQ(result.events[0].header("none"), "");
}

TEST(AwsEventStream, GivesTheSameMessagesWhereverTheStreamIsCut) {
  const AwsEvent empty;
  for (const auto& stream :
       {encode_aws_event(empty) + encode_aws_event(every_type()) + encode_aws_event(empty),
        encode_aws_event(every_type()) + "\x01" + encode_aws_event(empty),
        encode_aws_event(every_type()).substr(0, 50)}) {
    const auto whole = read(stream);
    for (std::size_t cut = 0; cut <= stream.size(); ++cut) ASSERT_EQ(read(stream, cut), whole) << cut;
  }
}

TEST(AwsEventStream, AnyByteThatIsChangedIsNoticed) {
  const auto sound = from_hex(kEveryType);
  for (std::size_t at = 0; at < sound.size(); ++at) {
    auto changed = sound;
    changed[at] = static_cast<char>(changed[at] ^ 4);
    EXPECT_FALSE(read(changed).sound) << at;
    EXPECT_TRUE(read(changed).events.empty()) << at;
  }
}

// A message with right sums whatever its headers and lengths.
std::string message(std::string_view headers, std::size_t length_of_headers, std::size_t extra = 0) {
  auto bytes = encode_aws_event({.headers = {}, .payload = std::string(headers)});
  // They travel as payload: say that they are headers, and repair the sums.
  const auto put = [&](std::size_t at, std::size_t number) {
    for (std::size_t i = 0; i < 4; ++i) bytes[at + i] = static_cast<char>(number >> (24 - 8 * i) & 0xFFU);
  };
  const auto sum = [&](std::size_t count) {
    boost::crc_32_type crc;
    crc.process_bytes(bytes.data(), count);
    return crc.checksum();
  };
  put(0, bytes.size() + extra);
  put(4, length_of_headers);
  put(8, sum(8));
  put(bytes.size() - 4, sum(bytes.size() - 4));
  return bytes;
}

TEST(AwsEventStream, MalformedHeadersAndLengthsAreErrors) {
  const std::string good(
      "\x01"
      "a\x07\x00\x01x",
      6);
  EXPECT_TRUE(read(message(good, good.size())).sound);
  const std::string bad[] = {good + good,                          // twice
                             good.substr(0, 5),                    // cut short
                             std::string("\x00\x07\x00\x01x", 5),  // no name
                             std::string("\x01"
                                         "a\x0A",
                                         3),                  // no such type
                             std::string("\x01\xFF\x00", 3),  // a name that is no text
                             std::string("\x01"
                                         "a\x07\x00\x01\xFF",
                                         6),  // a text that is none
                             std::string("\x01"
                                         "a\x09\x00",
                                         4),
                             std::string("\x09"
                                         "a",
                                         2)};
  for (const auto& headers : bad)
    EXPECT_FALSE(read(message(headers, headers.size())).sound) << to_hex(headers);
  EXPECT_FALSE(read(message(good, good.size() + 1)).sound);
  EXPECT_FALSE(read(message(good, good.size(), static_cast<std::size_t>(-10))).sound);
  std::string many;
  for (char c = ' '; c < ' ' + 65; ++c) many += std::string("\x01") + c + std::string(1, '\0');
  EXPECT_FALSE(read(message(many, many.size())).sound);
}

TEST(AwsEventStream, AMessageOverTheLimitIsRefusedByItsLength) {
  const auto large = encode_aws_event({.headers = {}, .payload = std::string(1'000, 'x')});
  EXPECT_TRUE(read(large, 0, 1'016).sound);
  AwsEventDecoder decoder(1'015);
  std::vector<AwsEvent> events;
  const auto refused = decoder.feed(large.substr(0, 12), events);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, Code::kTooLarge);
  EXPECT_FALSE(decoder.feed("", events));
}

std::string exception(std::string_view type) {
  return encode_aws_event({.headers = {{":exception-type", std::string(type)},
                                       {":content-type", std::string("application/json")},
                                       {":message-type", std::string("exception")}},
                           .payload = R"({"message":"my secret"})"});
}

// The client's bytes; "!" where the translator found something malformed.
std::string translated(std::string_view stream, std::size_t cut = 0) {
  const auto translator = bedrock_events_to_sse();
  std::string out;
  const bool sound = translator->feed(stream.substr(0, cut), out).has_value();
  const bool still = translator->feed(stream.substr(cut), out).has_value();
  translator->close(out);
  return sound && still ? out : out + "!";
}

TEST(BedrockEvents, AreAnthropicsEvents) {
  const auto stream =
      bedrock_chunk(R"({"type":"message_start","message":{"id":"msg_1"}})") +
      bedrock_chunk(
          "{\"type\":\"content_block_delta\",\n\"delta\":{\"type\":\"text_delta\",\"text\":\"h\\u00e9\"}}") +
      bedrock_chunk(R"({"type":"message_stop","amazon-bedrock-invocationMetrics":{"inputTokenCount":1}})");
  const auto whole = translated(stream);
  EXPECT_EQ(whole,
            "event: message_start\ndata: {\"type\":\"message_start\",\"message\":{\"id\":\"msg_1\"}}\n\n"
            "event: content_block_delta\ndata: "
            "{\"type\":\"content_block_delta\",\"delta\":{\"type\":\"text_delta\",\"text\":\"hé\"}}\n\n"
            "event: message_stop\ndata: "
            "{\"type\":\"message_stop\",\"amazon-bedrock-invocationMetrics\":{\"inputTokenCount\":1}}\n\n");
  for (std::size_t cut = 0; cut <= stream.size(); ++cut) ASSERT_EQ(translated(stream, cut), whole) << cut;
}

TEST(BedrockEvents, AnExceptionIsAnErrorEventWithoutItsWordsAndTheEnd) {
  const std::pair<const char*, const char*> types[] = {
      {"throttlingException", "rate_limit_error"},      {"modelStreamErrorException", "api_error"},
      {"validationException", "invalid_request_error"}, {"serviceUnavailableException", "overloaded_error"},
      {"modelTimeoutException", "timeout_error"},       {"my secret", "api_error"}};
  for (const auto& [name, type] : types) {
    const auto told = translated(bedrock_chunk(R"({"type":"ping"})") + exception(name) +
                                 bedrock_chunk(R"({"type":"ping"})"));
    EXPECT_EQ(SseDecoder().feed(told)->size(), 2U);
    EXPECT_THAT(told, testing::EndsWith("event: error\ndata: {\"type\":\"error\",\"error\":{\"type\":\"" +
                                        std::string(type) +
                                        "\",\"message\":\"The model server reported an error.\"}}\n\n"));
    EXPECT_THAT(told, Not(HasSubstr("secret")));
  }
}

TEST(BedrockEvents, WhatIsNoChunkOfAnEventIsMalformed) {
  const auto chunk = [](std::string_view payload, std::string_view type = "event") {
    return encode_aws_event(
        {.headers = {{":event-type", std::string("chunk")}, {":message-type", std::string(type)}},
         .payload = std::string(payload)});
  };
  EXPECT_EQ(translated(chunk("{}")), "!");
  EXPECT_EQ(translated(chunk(R"({"bytes":"*"})")), "!");
  EXPECT_EQ(translated(chunk("no json")), "!");
  EXPECT_EQ(translated(chunk("{}", "other")), "!");
  EXPECT_EQ(translated(bedrock_chunk("no json")), "!");
  EXPECT_EQ(translated(bedrock_chunk("{}")), "!");
  EXPECT_EQ(translated(bedrock_chunk(R"({"type":"two\nlines"})")), "!");
  EXPECT_EQ(translated("HTTP/1.1 200 OK\r\n"), "!");
}

}  // namespace
}  // namespace plimsoll::wire
