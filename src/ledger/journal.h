// Entries onto disk and back after a crash: the part of the log that knows files and not threads.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "file.h"
#include "ledger/ledger.h"
#include "segment.h"

namespace plimsoll::ledger {

class Journal {
 public:
  // Recovers, then starts a segment. See Ledger::open.
  static Result<Journal> open(const std::shared_ptr<FileSystem>& files, const std::string& directory,
                              std::size_t segment_bytes);

  ~Journal();
  Journal(Journal&&) noexcept = default;
  Journal& operator=(Journal&&) = delete;

  // Adds an entry to the batch; false when it needs commit() first, or rotate() where the batch is empty.
  bool add(std::string_view entry) { return segment_ && segment_->add(entry); }

  // Puts the batch on disk. After a failure nothing of it is in the log, and rotate() comes first.
  Result<Placed> commit();

  // Goes on in a new segment. The batch must be empty.
  Result<void> rotate();

  Index size() const { return size_; }  // entries on disk
  std::uint64_t syncs() const { return syncs_; }

 private:
  Journal(std::shared_ptr<FileSystem> files, std::string directory, std::size_t segment_bytes,
          std::unique_ptr<Lock> lock);

  void close_segment();

  std::shared_ptr<FileSystem> files_;
  std::string directory_;
  std::size_t segment_bytes_;
  std::unique_ptr<Lock> lock_;
  std::unique_ptr<Segment> segment_;  // null after a failure
  Index size_ = 0;
  std::uint64_t syncs_ = 0;
};

}  // namespace plimsoll::ledger
