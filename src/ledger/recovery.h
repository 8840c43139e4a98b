// What is done to a log directory before anything is written to it.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "file.h"
#include "ledger/ledger.h"

namespace plimsoll::ledger {

struct Recovered {
  // Where the new segment must begin, and what it must begin with.
  Index first = 0;
  std::vector<std::string> carried;

  // The segment to be cut once that one is on disk, and where.
  std::optional<Index> last;
  std::uint64_t last_bytes = 0;
};

// Finds the end of the log and sets a torn tail aside. Changes no segment: until the new one is there, the
// directory can be recovered again.
//
// `carried` are the entries of the last batch. They are whole, but they may be so in the page cache only,
// because the process died between its write and its fdatasync, or after an fdatasync that failed. Syncing
// the file now would not do, for the reason given in segment.cc, so they are written once more. What lies
// before them was synced: their records say so.
Result<Recovered> recover(FileSystem& files, const std::string& directory);

// Cuts the former last segment where its records ended. For the looks and for the room only: the new
// segment's first index tells readers where it ends.
void tidy(FileSystem& files, const std::string& directory, const Recovered& found);

// The first indices of the segments in `directory`, in order. kInvalid when the first one is missing.
Result<std::vector<Index>> list_segments(FileSystem& files, const std::string& directory);

// A segment's bytes. kInvalid when its header cannot be read or is not the one its name calls for.
Result<std::string> read_segment(FileSystem& files, const std::string& directory, Index first);

}  // namespace plimsoll::ledger
