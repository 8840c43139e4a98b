// The segment that is being written.
#pragma once

#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "file.h"
#include "format.h"

namespace plimsoll::ledger {

// Entries that are on disk, one behind the other in one segment.
struct Placed {
  struct Leaf {
    Digest hash{};
    std::uint32_t record_bytes = 0;
  };
  Index first = 0;           // of the entries
  Index segment = 0;         // its first index
  std::uint64_t offset = 0;  // of the first record
  std::vector<Leaf> leaves;
};

// One process writes a segment, from its creation on, front to back, and never twice at the same place: after
// a failure the log goes on in another segment.
class Segment {
 public:
  // A segment that begins with the entry `first`, holding `carried` already. When it returns, file and name
  // are on disk: it is made under another name, so a segment is never seen without its header. It replaces a
  // segment of the same name, which the caller has seen to hold nothing else.
  static Result<std::unique_ptr<Segment>> create(FileSystem& files, const std::string& directory, Index first,
                                                 std::size_t bytes, std::span<const std::string> carried);

  // Adds an entry to the batch; false when this segment or the batch has no room for it.
  bool add(std::string_view entry);
  bool batch_empty() const { return batch_.empty(); }

  // Puts the batch on disk. On failure nothing of it counts, and the only call left is cut().
  Result<Placed> commit();

  // Cuts the file after the last entry that is on disk, giving back what was allocated. Failing at that costs
  // room and nothing else: readers stop where the next segment begins.
  void cut();

  // The index of the next entry.
  Index end() const { return end_; }

 private:
  Segment(std::unique_ptr<File> file, Header header, std::size_t bytes);
  Result<void> write(std::string_view bytes);

  std::unique_ptr<File> file_;
  const Header header_;
  const std::size_t bytes_;
  Index end_;
  std::uint64_t on_disk_ = 0;  // bytes
  std::uint64_t zeroed_ = 0;   // bytes written at least once
  std::string batch_;
  std::vector<Placed::Leaf> batched_;
};

}  // namespace plimsoll::ledger
