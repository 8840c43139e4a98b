// Any bytes in any pieces give the same total as in one.
#include <cstdlib>

#include "usage.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::string_view text(reinterpret_cast<const char*>(data + 1), size - 1);
  plimsoll::gateway::UsageReader whole, pieces;
  whole.feed(text);
  const std::size_t step = 1 + data[0] % 16U;
  for (std::size_t i = 0; i < text.size(); i += step) pieces.feed(text.substr(i, step));
  if (whole.total() != pieces.total()) std::abort();
  return 0;
}
