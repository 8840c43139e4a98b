#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "base/json.h"
#include "batch.h"

// The first byte says how the rest is read.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace plimsoll;
  if (size == 0) return 0;
  const std::string_view body(reinterpret_cast<const char*>(data + 1), size - 1);
  const bool partial = (data[0] & 2U) != 0;
  const auto batch = control::parse_batch(body, (data[0] & 1U) != 0, partial);
  if (!batch) return 0;
  if (!partial && !batch->refused.empty()) std::abort();
  for (const auto& event : batch->events)
    if (event.id.empty() || event.user.empty() || event.org.empty() || event.surface.empty() ||
        !is_utf8(event.prompt))
      std::abort();
  return 0;
}
