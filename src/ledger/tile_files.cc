#include "tile_files.h"

#include <cstring>
#include <set>

namespace plimsoll::ledger {

std::vector<Digest> to_hashes(std::string_view bytes) {
  std::vector<Digest> hashes(bytes.size() / sizeof(Digest));
  if (!hashes.empty()) std::memcpy(hashes.data(), bytes.data(), hashes.size() * sizeof(Digest));
  return hashes;
}

std::string to_bytes(std::span<const Digest> hashes) {
  return {reinterpret_cast<const char*>(hashes.data()), hashes.size_bytes()};
}

Result<std::vector<Digest>> TileFiles::tile(unsigned level, Index index, unsigned width) const {
  const auto path = directory_ + "/" + to_path({.level = level, .index = index});
  const auto bytes = read_file(*files_, path, kTileBytes);
  if (!bytes) return std::unexpected(bytes.error());
  if (bytes->size() != kTileBytes) return fail(Code::kInvalid, path + ": a full tile has 8192 bytes");
  return to_hashes(std::string_view(*bytes).substr(0, width * sizeof(Digest)));
}

Result<void> TileFiles::write(std::span<const FullTile> tiles) const {
  std::set<std::string> folders;
  for (const auto& tile : tiles) {
    const auto path = directory_ + "/" + to_path({.level = tile.level, .index = tile.index});
    auto folder = path.substr(0, path.rfind('/'));
    if (!folders.contains(folder)) {
      if (auto made = files_->make_directory(folder); !made) return made;
      folders.insert(std::move(folder));
    }
    const auto temporary = path + ".tmp";
    const auto file = files_->create(temporary);
    if (!file) return std::unexpected(file.error());
    auto written = write_all(**file, to_bytes(tile.hashes), 0);
    if (written) written = (*file)->sync();
    if (written) written = files_->rename(temporary, path);
    if (!written) {
      (void)files_->remove(temporary);
      return written;
    }
  }
  for (const auto& folder : folders)
    if (auto synced = files_->sync_directory(folder); !synced) return synced;
  return {};
}

}  // namespace plimsoll::ledger
