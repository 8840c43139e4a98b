// Whatever arrives as an evaluation is read or refused, and what is read makes sense.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "capability.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace plimsoll::control;
  const std::string_view body(reinterpret_cast<const char*>(data), size);
  if (const auto read = read_capability_evaluation(body))
    if (!(read->low <= read->score && read->score <= read->high && read->low >= 0 && read->high <= 1))
      std::abort();
  (void)read_capability_decision(body);
  return 0;
}
