#include <cstdint>

#include "fuzz_document.h"
#include "wire/openai_responses.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace plimsoll::wire;
  const std::string_view body(reinterpret_cast<const char*>(data), size);
  check_document(body, decode_responses_response);
  if (auto answer = decode_responses_response(body); answer) {
    withhold_responses_response(*answer);
    require(decode_responses_response(answer->body())->conversation().segments.empty());
  }
  return 0;
}
