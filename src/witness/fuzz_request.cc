#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "witness/witness.h"

// What can be read is written back the same.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace plimsoll::witness;
  const std::string_view body(reinterpret_cast<const char*>(data), size);
  if (const auto request = parse_add_checkpoint(body); request && to_text(*request) != body) std::abort();
  return 0;
}
