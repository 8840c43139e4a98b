#include <cstdint>
#include <vector>

#include "fuzz_document.h"
#include "responses_chat.h"
#include "wire/openai_chat.h"
#include "wire/openai_responses.h"

namespace {

using namespace plimsoll::wire;

std::string run(StreamTranslator& translator, std::string_view stream, std::size_t first, std::size_t step) {
  std::string out;
  std::size_t from = 0;
  for (std::size_t to = first; from < stream.size(); to = from + step) {
    to = std::min(to, stream.size());
    if (!translator.feed(stream.substr(from, to - from), out)) return out;
    from = to;
  }
  translator.close(out);
  return out;
}

void check_request(std::string_view body) {
  if (const auto request = decode_responses_request(body); request) {
    const auto chat = chat_request_from_responses(request->json());
    require(chat || (chat.error().status == 400 && plimsoll::is_utf8(chat.error().message)));
    if (chat) {
      (void)decode_chat_request(plimsoll::to_json(*chat));
      (void)responses_request_from_chat(*chat);
    }
  }
  if (const auto request = decode_chat_request(body); request) {
    const auto responses = responses_request_from_chat(request->json());
    require(responses || responses.error().status == 400);
    if (responses) require(decode_responses_request(plimsoll::to_json(*responses)).has_value());
  }
}

void check_answer(const plimsoll::json::value& body) {
  if (const auto chat = chat_response_from_responses(body); chat)
    require(decode_chat_response(plimsoll::to_json(*chat)).has_value() &&
            responses_response_from_chat(*chat, body).has_value());
  if (const auto responses = responses_response_from_chat(body, body); responses)
    require(decode_responses_response(plimsoll::to_json(*responses)).has_value() &&
            chat_response_from_responses(*responses).has_value());
}

}  // namespace

// Requests, answers and streams, carried over and back. Streams come out the same however they are cut.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 3) return 0;
  const std::string_view text(reinterpret_cast<const char*>(data) + 2, size - 2);
  check_request(text);
  if (const auto body = plimsoll::parse_json(text); body) check_answer(*body);

  const std::size_t first = data[0] % 32U + 1;
  const std::size_t step = data[1] % 64U + 1;
  const auto check = [&](auto make) {
    const auto whole = run(*make(), text, text.size(), text.size());
    require(run(*make(), text, first, step) == whole && plimsoll::is_utf8(whole));
  };
  check([] { return chat_stream_from_responses(true); });
  check([] { return responses_stream_from_chat({}); });
  return 0;
}
