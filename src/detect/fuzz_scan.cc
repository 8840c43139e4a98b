#include <cstdint>
#include <cstdlib>
#include <memory>

#include "reference.h"

namespace {

const std::shared_ptr<const plimsoll::detect::Detector>& the_detector() {
  static const auto detector = *plimsoll::detect::Detector::create();
  return detector;
}

}  // namespace

// Made before the first input, whose time would count otherwise.
extern "C" int LLVMFuzzerInitialize(int*, char***) {
  the_detector();
  return 0;
}

// What the triggers lead to is what the patterns alone find.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace plimsoll::detect;
  const auto& detector = the_detector();
  static const auto scratch = detector->make_scratch();
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  if (scan_with_triggers(*detector, *scratch, text) != scan_with_patterns(*detector, text)) std::abort();
  return 0;
}
