#include "tree.h"

namespace plimsoll::ledger {

Result<Tree> Tree::resume(Index size, const TileSource& tiles) {
  Tree tree;
  tree.size_ = size;
  tree.levels_.emplace_back().reserve(kTileWidth);
  auto hashes = size >> kTileBits;  // of the level
  for (unsigned level = 1; hashes > 0; ++level, hashes >>= kTileBits) {
    auto& unfinished = tree.levels_.emplace_back();
    unfinished.reserve(kTileWidth);
    for (auto index = hashes & ~Index{kTileWidth - 1}; index < hashes; ++index) {
      const auto below = tiles.tile(level - 1, index, kTileWidth);
      if (!below) return std::unexpected(below.error());
      unfinished.push_back(subtree_hash(*below));
    }
  }
  return tree;
}

void Tree::append(const Digest& leaf, std::vector<FullTile>& full) {
  ++size_;
  auto hash = leaf;
  for (unsigned level = 0;; ++level) {
    if (level == levels_.size()) levels_.emplace_back().reserve(kTileWidth);
    auto& unfinished = levels_[level];
    unfinished.push_back(hash);
    if (unfinished.size() < kTileWidth) return;
    hash = subtree_hash(unfinished);
    full.push_back({level, (size_ >> (kTileBits * (level + 1))) - 1, std::move(unfinished)});
    unfinished.clear();
    unfinished.reserve(kTileWidth);
  }
}

// From the smallest subtree to the largest: those of a level lie right of those of the level above.
Digest Tree::root() const {
  std::optional<Digest> right;
  for (std::span<const Digest> rest : levels_) {
    while (!rest.empty()) {
      const auto width = rest.size() & -rest.size();
      const auto left = subtree_hash(rest.last(width));
      right = right ? node_hash(left, *right) : left;
      rest = rest.first(rest.size() - width);
    }
  }
  return right.value_or(empty_root());
}

std::span<const Digest> Tree::unfinished(unsigned level) const {
  if (level >= levels_.size()) return {};
  return levels_[level];
}

std::size_t Tree::bytes() const {
  auto bytes = sizeof *this;
  for (const auto& level : levels_) bytes += sizeof(std::vector<Digest>) + level.capacity() * sizeof(Digest);
  return bytes;
}

}  // namespace plimsoll::ledger
