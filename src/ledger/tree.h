// A Merkle tree (RFC 6962, section 2.1) that grows at its end and keeps only that end.
#pragma once

#include <optional>
#include <span>
#include <vector>

#include "ledger/proof.h"
#include "ledger/tiles.h"

namespace plimsoll::ledger {

struct FullTile {
  unsigned level = 0;
  Index index = 0;
  std::vector<Digest> hashes;  // 256
};

// Copyable. In memory: of each level the hashes of the tile that is not full, so at most 8 * 255 * 32 bytes.
class Tree {
 public:
  // The tree of `size` leaves, whose other hashes are in tiles. `size` is a multiple of 256.
  static Result<Tree> resume(Index size, const TileSource& tiles);

  // Adds a leaf; appends to `full` the tiles that this fills.
  void append(const Digest& leaf, std::vector<FullTile>& full);

  Index size() const { return size_; }
  Digest root() const;

  // The hashes of the tile of `level` that is not full.
  std::span<const Digest> unfinished(unsigned level) const;

  std::size_t bytes() const;  // of memory

 private:
  Index size_ = 0;
  std::vector<std::vector<Digest>> levels_;
};

}  // namespace plimsoll::ledger
