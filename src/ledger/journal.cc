#include "journal.h"

#include <cassert>

#include "recovery.h"

namespace plimsoll::ledger {

Journal::Journal(std::shared_ptr<FileSystem> files, std::string directory, std::size_t segment_bytes,
                 std::unique_ptr<Lock> lock)
    : files_(std::move(files)),
      directory_(std::move(directory)),
      segment_bytes_(segment_bytes),
      lock_(std::move(lock)) {}

Journal::~Journal() {
  close_segment();
}

Result<Journal> Journal::open(const std::shared_ptr<FileSystem>& files, const std::string& directory,
                              std::size_t segment_bytes) {
  if (auto made = files->make_directory(directory); !made) return std::unexpected(std::move(made).error());
  auto lock = files->lock(directory + "/LOCK");
  if (!lock) return std::unexpected(std::move(lock).error());

  const auto found = recover(*files, directory);
  if (!found) return std::unexpected(found.error());

  Journal journal(files, directory, segment_bytes, *std::move(lock));
  auto segment = Segment::create(*files, directory, found->first, segment_bytes, found->carried);
  if (!segment) return std::unexpected(std::move(segment).error());
  journal.segment_ = *std::move(segment);
  journal.size_ = journal.segment_->end();
  journal.syncs_ = 1;
  tidy(*files, directory, *found);
  return journal;
}

Result<Placed> Journal::commit() {
  auto written = segment_->commit();
  if (!written) {
    close_segment();
    return written;
  }
  size_ = segment_->end();
  ++syncs_;
  return written;
}

Result<void> Journal::rotate() {
  assert(!segment_ || segment_->batch_empty());
  close_segment();
  auto segment = Segment::create(*files_, directory_, size_, segment_bytes_, {});
  if (!segment) return std::unexpected(std::move(segment).error());
  segment_ = *std::move(segment);
  ++syncs_;
  return {};
}

void Journal::close_segment() {
  if (segment_) segment_->cut();
  segment_.reset();
}

}  // namespace plimsoll::ledger
