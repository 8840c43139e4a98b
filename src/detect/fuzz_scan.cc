#include <cstdint>
#include <cstdlib>

#include "reference.h"

// What the triggers lead to is what the patterns alone find.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace plimsoll::detect;
  static const auto detector = *Detector::create();
  static const auto scratch = detector->make_scratch();
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  if (scan_with_triggers(*detector, *scratch, text) != scan_with_patterns(*detector, text)) std::abort();
  return 0;
}
