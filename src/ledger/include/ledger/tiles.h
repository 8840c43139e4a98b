// The names of a log's public files (C2SP tlog-tiles), and the format of those that hold entries.
//
//   tile/<L>/<N>[.p/<W>]         W hashes, 256 without .p: level 0 has the leaf hashes, level L+1 the roots of
//                                the full tiles of level L. A full tile has 8,192 bytes
//   tile/entries/<N>[.p/<W>]     W entries, each behind its length as a big-endian 16-bit integer
//
// <N> is written in groups of three digits, all but the last with an x in front: 1234067 is x001/x234/067.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "ledger/ledger.h"

namespace plimsoll::ledger {

inline constexpr unsigned kTileWidth = 256;
inline constexpr unsigned kTileBits = 8;
inline constexpr unsigned kTileLevels = 8;  // as many as an index of 64 bits can need
inline constexpr std::size_t kTileBytes = std::size_t{kTileWidth} * 32;
inline constexpr std::size_t kMaxBundleBytes = std::size_t{kTileWidth} * (2 + kMaxEntryBytes);

struct TilePath {
  bool entries = false;
  unsigned level = 0;  // 0 where it holds entries
  Index index = 0;     // of the tile in its level
  unsigned width = kTileWidth;

  bool operator==(const TilePath&) const = default;
};

std::string to_path(const TilePath& tile);

// nullopt for whatever to_path() would not have written. Levels are 0 to 63, as the format has them.
std::optional<TilePath> parse_tile_path(std::string_view path);

// How many hashes of level `level` a tree of `size` leaves has in tile `index`: 0 to 256.
unsigned tile_width(Index size, unsigned level, Index index);

void append_to_bundle(std::string& bundle, std::string_view entry);
// The entries, borrowed. kInvalid unless `bundle` holds exactly `count` of them.
Result<std::vector<std::string_view>> parse_bundle(std::string_view bundle, unsigned count);

}  // namespace plimsoll::ledger
