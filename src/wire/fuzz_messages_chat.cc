#include <cstdint>
#include <vector>

#include "fake_filter.h"
#include "fuzz_document.h"
#include "messages_chat.h"
#include "wire/anthropic_messages.h"
#include "wire/openai_chat.h"

namespace plimsoll::wire {
namespace {

constexpr JsonLimits kShallow{.max_bytes = 1U << 20U, .max_depth = 40};  // translations may go deeper

// What is carried over is what the other codec reads, and can be carried back.
template <class Decode, class Carry, class DecodeOther, class CarryBack>
void check(std::string_view body, Decode decode, Carry carry, DecodeOther decode_other, CarryBack back) {
  const auto document = decode(body);
  if (!document) return;
  const auto carried = carry(document->json());
  if (!carried) {
    require(!carried.error().message.empty() && is_utf8(carried.error().message));
    return;
  }
  const auto other = decode_other(to_json(*carried));
  require(other.has_value());
  if (const auto returned = back(other->json()); returned) require(decode(to_json(*returned)).has_value());
}

template <class Make>
std::string translate(Make make, std::string_view stream, std::span<const std::size_t> cuts) {
  const auto translator = make();
  std::string out;
  std::size_t from = 0;
  bool good = true;
  for (const auto cut : cuts) {
    good = good && translator->feed(stream.substr(from, cut - from), out).has_value();
    from = cut;
  }
  if (good) good = translator->feed(stream.substr(from), out).has_value();
  translator->close(out);
  return out + (good ? "" : "!");
}

template <class Make>
std::string check_stream(Make make, std::string_view stream, std::span<const std::size_t> cuts) {
  const auto whole = translate(make, stream, {});
  require(translate(make, stream, cuts) == whole && is_utf8(whole));
  return whole;
}

}  // namespace
}  // namespace plimsoll::wire

// Two bytes of cuts, then a request, an answer or a stream, in either protocol.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace plimsoll;
  using namespace plimsoll::wire;
  if (size < 3) return 0;
  const std::string_view body(reinterpret_cast<const char*>(data) + 2, size - 2);
  if (parse_json(body, kShallow)) {
    check(body, decode_messages_request, chat_request_from_messages, decode_chat_request,
          messages_request_from_chat);
    check(body, decode_chat_request, messages_request_from_chat, decode_messages_request,
          chat_request_from_messages);
    check(body, decode_messages_response, chat_response_from_messages, decode_chat_response,
          messages_response_from_chat);
    check(body, decode_chat_response, messages_response_from_chat, decode_messages_response,
          chat_response_from_messages);
  }
  std::vector<std::size_t> cuts;
  for (std::size_t at = data[0] % 32U; at < body.size(); at += 1 + data[1] % 64U) cuts.push_back(at);
  const auto messages = check_stream([] { return messages_stream_from_chat("m"); }, body, cuts);
  const auto chat = check_stream([] { return chat_stream_from_messages(true); }, body, cuts);
  check_stream([] { return chat_stream_from_messages(false); }, messages, {});
  FakeFilter filter;
  const auto read = run_stream([&] { return messages_stream(filter, "m"); }, messages, {});
  require(is_utf8(read));
  require(is_utf8(run_stream([&] { return chat_stream(filter, "m"); }, chat, {})));
  return 0;
}
