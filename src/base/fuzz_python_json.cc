#include <cstdint>
#include <cstdlib>

#include "base/python_json.h"

// Whatever is accepted is written in ASCII, reads back as the same value, and is then written the same.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto value = plimsoll::parse_exact_json(text);
  if (!value) return 0;
  const auto written = plimsoll::to_python_json(*value);
  for (const char c : written)
    if (static_cast<unsigned char>(c) > 0x7FU || static_cast<unsigned char>(c) < 0x20U) std::abort();
  const auto again = plimsoll::parse_exact_json(written);
  if (!again || plimsoll::to_python_json(*again) != written) std::abort();
  if (plimsoll::to_canonical_json(*again) != plimsoll::to_canonical_json(*value)) std::abort();
  return 0;
}
