#include <cstdint>

#include "fuzz_document.h"
#include "wire/embeddings.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace plimsoll::wire;
  const std::string_view body(reinterpret_cast<const char*>(data), size);
  check_document(body, decode_embedding_request);
  check_document(body, decode_embedding_response);
  return 0;
}
