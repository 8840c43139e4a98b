// Where every 256th entry is, so that one entry is found without reading the segment it is in.
//
// DIR/positions is a sequence of pairs of 64-bit little-endian integers, one pair for each bundle of 256
// entries: the first index of the segment, and the offset of the record in it. It is a hint and never synced:
// whoever uses it compares what he finds with the hash of the entry, and reads the segments in order if it is
// not that.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "file.h"
#include "ledger/ledger.h"

namespace plimsoll::ledger {

struct Position {
  Index segment = 0;
  std::uint64_t offset = 0;
};

// `first` is the number of the bundle that the first of the positions is of.
Result<void> write_positions(FileSystem& files, const std::string& directory, Index first,
                             const std::vector<Position>& positions);
std::optional<Position> read_position(FileSystem& files, const std::string& directory, Index bundle);

}  // namespace plimsoll::ledger
