#include "file.h"

#include <algorithm>

namespace plimsoll::ledger {

Result<void> write_all(File& file, std::string_view bytes, std::uint64_t offset) {
  while (!bytes.empty()) {
    const auto written = file.write(bytes, offset);
    if (!written) return std::unexpected(written.error());
    bytes.remove_prefix(*written);
    offset += *written;
  }
  return {};
}

Result<std::string> read_all(File& file, std::size_t max_bytes) {
  constexpr std::size_t kStep = 1U << 20U;
  std::string bytes;
  for (std::size_t size = 0;;) {
    if (size > max_bytes) return fail(Code::kTooLarge, "larger than any file of the log");
    bytes.resize(size + kStep);
    const auto read = file.read(std::span(bytes).subspan(size), size);
    if (!read) return std::unexpected(read.error());
    size += *read;
    if (*read == 0) {
      bytes.resize(size);
      return bytes;
    }
  }
}

}  // namespace plimsoll::ledger
