#include <cstdint>
#include <cstdlib>

#include "base/json.h"

// Whatever is accepted must survive being written and read again, in both forms.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto value = plimsoll::parse_json(text);
  if (!value) return 0;
  const auto canonical = plimsoll::to_canonical_json(*value);
  const auto again = plimsoll::parse_json(canonical);
  if (!again || plimsoll::to_canonical_json(*again) != canonical) std::abort();
  if (!plimsoll::parse_json(plimsoll::to_json(*value))) std::abort();
  return 0;
}
