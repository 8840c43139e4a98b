#include <cstdint>

#include "fuzz_document.h"
#include "wire/completion.h"
#include "wire/openai_chat.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace plimsoll::wire;
  const std::string_view body(reinterpret_cast<const char*>(data), size);
  check_document(body, [](std::string_view text) -> Decoded<Document> {
    auto request = decode_completion_request(text);
    if (!request) return std::unexpected(std::move(request).error());
    return std::move(request->document);
  });
  check_document(body, decode_completion_response);
  if (auto request = decode_completion_request(body); request) {
    make_safe_completion(request->document, "Be careful.", 0.2);
    require(plimsoll::parse_json(completion_as_chat(request->document, true)).has_value());
  }
  return 0;
}
