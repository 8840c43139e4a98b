#include <cstdint>
#include <cstdlib>
#include <string>

#include "base/hash.h"
#include "parameters.h"

// Any bytes are a model or refused; sealed first, so that more than the checksum is tried.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace plimsoll;
  std::string bytes(reinterpret_cast<const char*>(data), size);
  const Digest digest = sha256(bytes);
  bytes += bytes_of(digest);
  if (const auto p = classify::read_parameters(bytes); p && classify::write_parameters(*p) != bytes) {
    // The header may have been written otherwise; then what is written reads back the same.
    const auto again = classify::write_parameters(*p);
    if (classify::write_parameters(*classify::read_parameters(again)) != again) std::abort();
  }
  return 0;
}
