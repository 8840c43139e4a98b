#include <cstdint>

#include "fuzz_document.h"
#include "wire/openai_responses.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace plimsoll::wire;
  const std::string_view body(reinterpret_cast<const char*>(data), size);
  check_document(body, decode_responses_request);
  if (auto request = decode_responses_request(body); request) {
    make_responses_safe(*request, "Be careful.", 0.2);
    for (std::size_t i = 0; i < request->conversation().segments.size(); ++i)
      if (request->conversation().segments[i].kind != plimsoll::SegmentKind::kAttachment)
        request->replace(i, "x");
    require(decode_responses_request(request->body()).has_value());
  }
  return 0;
}
