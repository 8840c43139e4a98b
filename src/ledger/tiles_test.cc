#include "ledger/tiles.h"

#include <gtest/gtest.h>

namespace plimsoll::ledger {
namespace {

TEST(TilePath, IsWrittenAsTheFormatSays) {
  EXPECT_EQ(to_path({.level = 0, .index = 0}), "tile/0/000");
  EXPECT_EQ(to_path({.level = 1, .index = 1'234'067}), "tile/1/x001/x234/067");
  EXPECT_EQ(to_path({.level = 0, .index = 1000, .width = 3}), "tile/0/x001/000.p/3");
  EXPECT_EQ(to_path({.entries = true, .index = 12, .width = 255}), "tile/entries/012.p/255");
}

TEST(TilePath, IsReadAsItWasWritten) {
  for (const Index index : {Index{0}, Index{999}, Index{1000}, Index{999'999}, Index{1'000'000}, ~Index{0}})
    for (const unsigned width : {1U, 255U, 256U})
      for (const bool entries : {false, true}) {
        const TilePath tile{.entries = entries, .level = entries ? 0U : 63U, .index = index, .width = width};
        EXPECT_EQ(parse_tile_path(to_path(tile)), tile) << to_path(tile);
      }
}

TEST(TilePath, InAnyOtherFormIsRefused) {
  for (const std::string_view path : {"",
                                      "tile",
                                      "tile/",
                                      "tile/0",
                                      "tile/0/",
                                      "tile/0/0",
                                      "tile/0/0000",
                                      "tile/00/000",
                                      "tile/64/000",
                                      "tile/-1/000",
                                      "tile/0/x000/001",
                                      "tile/0/x001",
                                      "tile/0/001/000",
                                      "tile/0/x01/000",
                                      "tile/0/000.p",
                                      "tile/0/000.p/",
                                      "tile/0/000.p/0",
                                      "tile/0/000.p/256",
                                      "tile/0/000.p/01",
                                      "tile/0/000.p/1/",
                                      "tile/0/000/",
                                      "/tile/0/000",
                                      "tile/0/../000",
                                      "tile/0/x001.p/1/000",
                                      "tile/entry/000",
                                      "tile/0/ 00",
                                      "tile/0/+00",
                                      "tile/0/x099/x999/x999/x999/x999/x999/999",
                                      "tile/0/x001/x000/x000/x000/x000/x000/x000/000",
                                      "tile//000",
                                      "tile/0//000",
                                      "checkpoint"})
    EXPECT_FALSE(parse_tile_path(path)) << path;
}

TEST(TileWidth, IsWhatATreeOfThatSizeHas) {
  EXPECT_EQ(tile_width(1000, 0, 2), 256U);
  EXPECT_EQ(tile_width(1000, 0, 3), 232U);
  EXPECT_EQ(tile_width(1000, 0, 4), 0U);
  EXPECT_EQ(tile_width(1000, 1, 0), 3U);
  EXPECT_EQ(tile_width(1000, 2, 0), 0U);
  EXPECT_EQ(tile_width(~Index{0}, 7, 0), 255U);
  EXPECT_EQ(tile_width(1000, 8, 0), 0U);
}

TEST(Bundle, IsReadAsItWasWrittenAndNotOtherwise) {
  std::string bundle;
  append_to_bundle(bundle, "a");
  append_to_bundle(bundle, std::string(300, 'b'));
  EXPECT_EQ(bundle.substr(0, 5), std::string("\0\1a\1\x2c", 5));
  const auto entries = parse_bundle(bundle, 2);
  ASSERT_TRUE(entries);
  EXPECT_EQ((*entries)[0], "a");
  EXPECT_EQ((*entries)[1].size(), 300U);
  EXPECT_FALSE(parse_bundle(bundle, 1));
  EXPECT_FALSE(parse_bundle(bundle, 3));
  EXPECT_FALSE(parse_bundle(bundle.substr(0, bundle.size() - 1), 2));
  EXPECT_FALSE(parse_bundle(bundle + std::string(1, '\0'), 2));
}

}  // namespace
}  // namespace plimsoll::ledger
