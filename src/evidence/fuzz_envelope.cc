#include <cstdint>
#include <cstdlib>

#include "evidence/bundle.h"

// What is read as an envelope is written and read again as the same; the log's entries likewise.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace plimsoll::evidence;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  if (const auto envelope = parse_envelope(text)) {
    const auto again = parse_envelope(plimsoll::to_json(plimsoll::json::value(to_object(*envelope))));
    if (!again || again->payload != envelope->payload ||
        again->signatures.size() != envelope->signatures.size())
      std::abort();
  }
  (void)parse_log_entry(text);
  (void)parse_log_entry(std::string(R"({"apiVersion":"0.0.2","kind":"dsse",)") + std::string(text));
  return 0;
}
