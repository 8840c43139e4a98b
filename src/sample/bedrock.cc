// AWS Bedrock's way to Anthropic's messages: the same objects, streamed in binary frames.
//
// Written from the description of application/vnd.amazon.eventstream, apart from the gateway's own reader, so
// that the two check each other.
#include <boost/crc.hpp>
#include <boost/json/object.hpp>
#include <utility>

#include "answer.h"
#include "base/hash.h"
#include "base/json.h"

namespace plimsoll::sample {
namespace {

void append_number(std::string& out, std::uint64_t value, int bytes) {  // big-endian
  while (--bytes >= 0) out += static_cast<char>((value >> (8U * static_cast<unsigned>(bytes))) & 255U);
}

std::uint32_t crc(std::string_view bytes) {
  boost::crc_32_type sum;
  sum.process_bytes(bytes.data(), bytes.size());
  return sum.checksum();
}

// Lengths, their sum, headers, payload, the sum of everything.
std::string binary_frame(std::initializer_list<std::pair<std::string_view, std::string_view>> headers,
                         std::string_view payload) {
  constexpr char kString = 7;
  std::string fields;
  for (const auto& [name, value] : headers) {
    append_number(fields, name.size(), 1);
    fields += name;
    fields += kString;
    append_number(fields, value.size(), 2);
    fields += value;
  }
  std::string out;
  append_number(out, 16 + fields.size() + payload.size(), 4);
  append_number(out, fields.size(), 4);
  append_number(out, crc(out), 4);
  out += fields;
  out += payload;
  append_number(out, crc(out), 4);
  return out;
}

}  // namespace

void invoke(const Answer& a, Reply& reply) {
  auto message = as_message(a);
  reply.body = to_json(message.whole);
  if (!a.stream) return;
  reply.content_type = "application/vnd.amazon.eventstream";
  message.events.back()["amazon-bedrock-invocationMetrics"] =
      json::object{{"inputTokenCount", a.words_in}, {"outputTokenCount", a.words_out()}};
  for (const auto& data : message.events) {
    if (data.at("type") == "ping") continue;
    const auto payload = to_json(json::object{{"bytes", to_base64(to_json(data))}, {"p", "abcdef"}});
    reply.frames.push_back(binary_frame(
        {{":event-type", "chunk"}, {":content-type", "application/json"}, {":message-type", "event"}},
        payload));
  }
}

std::string invoke_exception(std::string_view type, std::string_view message) {
  return binary_frame(
      {{":exception-type", type}, {":content-type", "application/json"}, {":message-type", "exception"}},
      to_json(json::object{{"message", message}}));
}

}  // namespace plimsoll::sample
