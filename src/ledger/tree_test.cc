#include "tree.h"

#include <gtest/gtest.h>

#include "test_tiles.h"

namespace plimsoll::ledger {
namespace {

// The leaves and roots with which implementations of RFC 6962 have tested each other since Certificate
// Transparency began.
const std::string_view kLeaves[] = {{"", 0}, {"\0", 1}, "\x10",     " !",
                                    "01",    "@ABC",    "PQRSTUVW", "`abcdefghijklmno"};
const std::string_view kRoots[] = {"6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
                                   "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
                                   "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
                                   "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
                                   "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
                                   "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
                                   "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
                                   "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328"};

TEST(Tree, HasTheRootsOfTheKnownVectors) {
  Tree tree;
  std::vector<FullTile> full;
  EXPECT_EQ(to_hex(tree.root()), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  for (std::size_t i = 0; i < std::size(kLeaves); ++i) {
    tree.append(leaf_hash(kLeaves[i]), full);
    EXPECT_EQ(to_hex(tree.root()), kRoots[i]) << i + 1;
  }
  EXPECT_TRUE(full.empty());
}

TEST(Tree, HasTheRootThatTheDefinitionGivesAtEverySize) {
  LeafTiles tiles(0);
  for (Index size = 1; size <= 1100; ++size) {
    tiles.add(leaf_hash(std::to_string(size)));
    ASSERT_EQ(tiles.tree.size(), size);
    ASSERT_EQ(tiles.tree.root(), root_of(tiles.leaves)) << size;
  }
}

TEST(Tree, GivesEveryTileOnceAndWhole) {
  Tree tree;
  std::vector<FullTile> full;
  const Index size = 70'000;
  for (Index i = 0; i < size; ++i) tree.append(leaf_hash(std::to_string(i)), full);
  Index next[] = {0, 0, 0};
  for (const auto& tile : full) {
    ASSERT_LT(tile.level, 3U);
    EXPECT_EQ(tile.index, next[tile.level]++);
    EXPECT_EQ(tile.hashes.size(), kTileWidth);
  }
  EXPECT_EQ(next[0], size / 256);
  EXPECT_EQ(next[1], 1U);
  EXPECT_EQ(tree.unfinished(0).size(), size % 256);
  EXPECT_EQ(tree.unfinished(1).size(), size / 256 % 256);
  EXPECT_EQ(tree.unfinished(2).size(), 1U);
  EXPECT_EQ(full[0].hashes[7], leaf_hash("7"));
  EXPECT_LT(tree.bytes(), 64U << 10U);
}

TEST(Tree, GoesOnFromItsTiles) {
  LeafTiles tiles(66'000);
  for (const Index size : {0, 256, 512, 65'280, 65'536, 65'792}) {
    auto tree = Tree::resume(size, tiles);
    ASSERT_TRUE(tree) << tree.error().message;
    std::vector<FullTile> full;
    for (auto i = size; i < tiles.leaves.size(); ++i) tree->append(tiles.leaves[i], full);
    EXPECT_EQ(tree->root(), tiles.tree.root()) << size;
    EXPECT_EQ(full.size(),
              (tiles.leaves.size() >> 8U) + (tiles.leaves.size() >> 16U) - (size >> 8U) - (size >> 16U));
  }
}

}  // namespace
}  // namespace plimsoll::ledger
