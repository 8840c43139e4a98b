// Any bytes as the file of keys, and as a wish for one: what is read comes back as it was.
#include <cstdlib>

#include "api_key_json.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace plimsoll;
  using namespace plimsoll::identity;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const Time now(std::chrono::seconds(1'000'000'000));
  if (const auto wanted = read_key_request(text, now); wanted && !check(*wanted, now)) std::abort();
  const auto keys = read_keys(text);
  if (!keys) return 0;
  const auto file = to_file(*keys);
  const auto again = read_keys(file);
  if (!again || to_file(*again) != file) std::abort();
  return 0;
}
