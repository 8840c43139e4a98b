#include <cstdint>
#include <cstdlib>

#include "record.h"

// A header that can be read is the one that would be written.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace plimsoll::vault;
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  const auto header = decode_header(bytes);
  if (header && header->sealed < 1U << 16U &&
      encode(header->tag, std::string(header->sealed, '\0')).substr(0, kRecordHeader) !=
          bytes.substr(0, kRecordHeader))
    std::abort();
  if (const auto number = parse_file_name(bytes); number && file_name(*number) != bytes) std::abort();
  return 0;
}
