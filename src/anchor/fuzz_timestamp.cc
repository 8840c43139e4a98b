#include <cstdint>
#include <string>

#include "anchor/timestamp.h"
#include "base/files.h"

// A response that an authority did not make is refused, whatever it is.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace plimsoll::anchor;
  static const std::string request = timestamp_request("data");
  const std::string_view response(reinterpret_cast<const char*>(data), size);
  (void)check_timestamp(response, "data", request, "/etc/ssl/certs/ca-certificates.crt");
  return 0;
}
