#include "format.h"

#include <cstddef>
#include <cstring>

#include "base/hash.h"

namespace plimsoll::verbatim {

std::uint32_t checksum(const Header& header) {
  return crc32c({reinterpret_cast<const char*>(&header), offsetof(Header, crc)});
}

void seal(std::span<char> file) {
  Header header;
  if (file.size() < sizeof header) return;
  std::memcpy(&header, file.data(), sizeof header);
  for (Section& s : header.sections)
    if (s.offset <= file.size() && s.size <= file.size() - s.offset)
      s.crc = crc32c({file.data() + s.offset, s.size});
  header.crc = checksum(header);
  std::memcpy(file.data(), &header, sizeof header);
}

}  // namespace plimsoll::verbatim
