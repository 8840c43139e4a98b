// The full tiles of a log directory, DIR/tile/…: derived from the entries, written once, never changed.
#pragma once

#include <memory>
#include <span>
#include <string>

#include "file.h"
#include "tree.h"

namespace plimsoll::ledger {

std::vector<Digest> to_hashes(std::string_view bytes);  // whose size is a multiple of 32
std::string to_bytes(std::span<const Digest> hashes);

class TileFiles final : public TileSource {
 public:
  TileFiles(std::shared_ptr<FileSystem> files, std::string directory)
      : files_(std::move(files)), directory_(std::move(directory)) {}

  // The first `width` hashes of a full tile.
  Result<std::vector<Digest>> tile(unsigned level, Index index, unsigned width) const override;

  // Puts them on disk. After a failure some of them may be there.
  Result<void> write(std::span<const FullTile> tiles) const;

 private:
  std::shared_ptr<FileSystem> files_;
  std::string directory_;
};

}  // namespace plimsoll::ledger
