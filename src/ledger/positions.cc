#include "positions.h"

#include <array>
#include <cstring>

namespace plimsoll::ledger {
namespace {

constexpr std::size_t kBytes = 16;

std::string file_of(const std::string& directory) {
  return directory + "/positions";
}

void put(std::string& out, std::uint64_t value) {
  for (unsigned shift = 0; shift < 64; shift += 8) out.push_back(static_cast<char>(value >> shift));
}

std::uint64_t get(const char* bytes) {
  std::uint64_t value = 0;
  for (unsigned i = 0; i < 8; ++i)
    value |= static_cast<std::uint64_t>(static_cast<std::uint8_t>(bytes[i])) << (8 * i);
  return value;
}

}  // namespace

Result<void> write_positions(FileSystem& files, const std::string& directory, Index first,
                             const std::vector<Position>& positions) {
  if (positions.empty()) return {};
  std::string bytes;
  for (const auto& position : positions) {
    put(bytes, position.segment);
    put(bytes, position.offset);
  }
  auto file = files.open(file_of(directory), FileSystem::Access::kWrite);
  if (!file && file.error().code == Code::kNotFound) file = files.create(file_of(directory));
  if (!file) return std::unexpected(file.error());
  return write_all(**file, bytes, first * kBytes);
}

std::optional<Position> read_position(FileSystem& files, const std::string& directory, Index bundle) {
  const auto file = files.open(file_of(directory), FileSystem::Access::kRead);
  if (!file) return std::nullopt;
  std::array<char, kBytes> bytes{};
  const auto read = (*file)->read(bytes, bundle * kBytes);
  if (!read || *read != kBytes) return std::nullopt;
  return Position{get(bytes.data()), get(bytes.data() + 8)};
}

}  // namespace plimsoll::ledger
