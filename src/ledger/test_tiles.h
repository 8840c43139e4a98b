// Tiles in memory, and leaves to fill them with, for tests.
#pragma once

#include <map>

#include "tree.h"

namespace plimsoll::ledger {

// The tiles of a tree that is still here as its leaves.
class LeafTiles final : public TileSource {
 public:
  explicit LeafTiles(Index size) {
    for (Index i = 0; i < size; ++i) add(leaf_hash("leaf " + std::to_string(i)));
  }
  void add(const Digest& leaf) {
    leaves.push_back(leaf);
    tree.append(leaf, full);
    for (auto& tile : full) tiles_[{tile.level, tile.index}] = std::move(tile.hashes);
    full.clear();
  }

  Result<std::vector<Digest>> tile(unsigned level, Index index, unsigned width) const override {
    const auto found = tiles_.find({level, index});
    std::vector<Digest> hashes;
    if (found != tiles_.end()) {
      hashes = found->second;
    } else {
      const auto unfinished = tree.unfinished(level);
      hashes.assign(unfinished.begin(), unfinished.end());
    }
    if (hashes.size() < width) return fail(Code::kNotFound, "no such tile");
    hashes.resize(width);
    return hashes;
  }

  std::vector<Digest> leaves;
  Tree tree;

 private:
  std::vector<FullTile> full;
  std::map<std::pair<unsigned, Index>, std::vector<Digest>> tiles_;
};

}  // namespace plimsoll::ledger
