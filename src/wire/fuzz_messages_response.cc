#include <cstdint>

#include "fuzz_document.h"
#include "wire/anthropic_messages.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace plimsoll::wire;
  const std::string_view body(reinterpret_cast<const char*>(data), size);
  check_document(body, decode_messages_response);
  check_document(body, decode_count_tokens_response);
  if (auto answer = decode_messages_response(body); answer) {
    withhold_messages_response(*answer);
    require(decode_messages_response(answer->body())->conversation().segments.empty());
  }
  return 0;
}
