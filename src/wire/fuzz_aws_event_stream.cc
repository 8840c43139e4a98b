#include <algorithm>
#include <boost/crc.hpp>
#include <cstdint>

#include "fuzz_document.h"
#include "wire/aws_event_stream.h"
#include "wire/sse.h"

namespace plimsoll::wire {
namespace {

struct Read {
  std::vector<AwsEvent> events;
  bool sound = true;
  std::string told;
};

Read read(std::string_view stream, std::size_t cut) {
  AwsEventDecoder decoder(4'096);
  const auto translator = bedrock_events_to_sse();
  Read result;
  for (const auto piece : {stream.substr(0, cut), stream.substr(cut)}) {
    result.sound = decoder.feed(piece, result.events).has_value() && result.sound;
    static_cast<void>(translator->feed(piece, result.told));
  }
  return result;
}

// The same messages wherever the stream is cut; each written again is read again; what is told is events.
void check_stream(std::string_view stream, std::size_t cut) {
  const auto whole = read(stream, 0);
  const auto halves = read(stream, cut % (stream.size() + 1));
  require(whole.events == halves.events && whole.sound == halves.sound && whole.told == halves.told);
  for (const auto& event : whole.events) {
    AwsEventDecoder decoder;
    std::vector<AwsEvent> again;
    require(decoder.feed(encode_aws_event(event), again).has_value() && again.size() == 1 &&
            again[0] == event);
  }
  require(is_utf8(whole.told) && SseDecoder().feed(whole.told).has_value());
}

// A message with right sums, whatever its headers are.
std::string message(std::string_view bytes, std::size_t of_headers) {
  auto out = encode_aws_event({.headers = {}, .payload = std::string(bytes)});
  const auto put = [&](std::size_t at, std::size_t number) {
    for (std::size_t i = 0; i < 4; ++i) out[at + i] = static_cast<char>(number >> (24 - 8 * i) & 0xFFU);
  };
  const auto sum = [&](std::size_t count) {
    boost::crc_32_type crc;
    crc.process_bytes(out.data(), count);
    return crc.checksum();
  };
  put(4, of_headers);
  put(8, sum(8));
  put(out.size() - 4, sum(out.size() - 4));
  return out;
}

}  // namespace
}  // namespace plimsoll::wire

// A stream as it is; and, since nobody guesses sums, the same bytes as headers and payload of sound messages.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace plimsoll::wire;
  if (size < 2) return 0;
  const std::string_view bytes(reinterpret_cast<const char*>(data) + 2, size - 2);
  const std::size_t cut = data[0] * 256U + data[1];
  check_stream(bytes, cut);
  check_stream(bedrock_chunk(bytes) + bedrock_chunk(R"({"type":"ping"})"), cut);

  AwsEvent event;
  const auto split = std::min(bytes.size(), std::size_t{data[0]});
  const auto name = bytes.substr(0, std::min(split, std::size_t{255}));
  event.headers.push_back({":message-type", std::string(data[1] % 2 == 0 ? "event" : "exception")});
  event.headers.push_back({":event-type", std::string("chunk")});
  if (!name.empty() && plimsoll::is_utf8(name))
    event.headers.push_back({std::string(name), AwsBytes{std::string(name)}});
  event.payload = bytes.substr(split);
  check_stream(encode_aws_event(event), cut);
  check_stream(message(bytes, split), cut);
  return 0;
}
