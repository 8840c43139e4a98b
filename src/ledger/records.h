// Entries by their index, out of the segments.
#pragma once

#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <vector>

#include "base/hash.h"
#include "file.h"
#include "ledger/ledger.h"

namespace plimsoll::ledger {

// Thread-safe.
class Records {
 public:
  Records(std::shared_ptr<FileSystem> files, std::string directory)
      : files_(std::move(files)), directory_(std::move(directory)) {}

  // The entries whose leaf hashes are `hashes`, from `first` on; none of them is returned that has another.
  // `first` is below 2^64 - 256 and all are in one bundle. kInvalid, naming the entry, when one is not there.
  Result<std::vector<Entry>> read(Index first, std::span<const Digest> hashes) const;

 private:
  // By way of the noted position. None where that does not lead to the entries.
  std::vector<Entry> read_noted(Index first, std::span<const Digest> hashes) const;
  Result<std::vector<Entry>> read_in_order(Index first, std::span<const Digest> hashes) const;
  std::shared_ptr<const std::vector<Index>> segments(bool again) const;

  std::shared_ptr<FileSystem> files_;
  std::string directory_;
  mutable std::mutex mutex_;
  mutable std::shared_ptr<const std::vector<Index>> segments_;  // first indices, as they were last listed
};

}  // namespace plimsoll::ledger
