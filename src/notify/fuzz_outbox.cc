#include <cstdint>
#include <string_view>

#include "base/json.h"
#include "gatherer.h"
#include "retry.h"

// What stands in a notice's file or in the state: read, and where it is one, written and read as the same.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace plimsoll;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  (void)notify::read_retry_after(text, Time());
  const auto value = parse_json(text);
  if (!value) return 0;
  if (const auto notice = notify::read_notice(*value)) {
    const auto again = notify::read_notice(json::value(notify::to_object(*notice)));
    if (!again || again->id != notice->id || again->subjects != notice->subjects) __builtin_trap();
  }
  notify::Destination to;
  to.name = "ops";
  const std::vector<notify::Destination> destinations{to};
  notify::Gatherer gatherer(destinations, "log");
  gatherer.restore(*value);
  (void)gatherer.leave(Time());
  gatherer.left(Time());
  return 0;
}
