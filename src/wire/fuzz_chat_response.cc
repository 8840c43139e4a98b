#include <cstdint>

#include "fuzz_document.h"
#include "wire/completion.h"
#include "wire/openai_chat.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace plimsoll::wire;
  const std::string_view body(reinterpret_cast<const char*>(data), size);
  check_document(body, decode_chat_response);
  if (auto answer = decode_chat_response(body); answer) {
    withhold_chat_response(*answer);
    require(decode_chat_response(answer->body())->conversation().segments.empty());
  }
  if (const auto completion = completion_from_chat(body); completion)
    require(decode_completion_response(completion->body()).has_value());
  return 0;
}
