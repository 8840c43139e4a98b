#include <cstdint>

#include "fuzz_document.h"
#include "wire/anthropic_messages.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace plimsoll::wire;
  const std::string_view body(reinterpret_cast<const char*>(data), size);
  check_document(body, decode_messages_request);
  check_document(body, decode_count_tokens_request);
  if (auto request = decode_messages_request(body); request) {
    make_messages_safe(*request, "Be careful.", 0.2);
    for (std::size_t i = 0; i < request->conversation().segments.size(); ++i) request->replace(i, "x");
    require(decode_messages_request(request->body()).has_value());
  }
  return 0;
}
