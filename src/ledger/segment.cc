#include "segment.h"

#include <algorithm>
#include <array>
#include <cstring>

#include "base/id.h"

namespace plimsoll::ledger {
namespace {

// One write and one sync. More would hold the replies of the first entries back for the sake of the last.
constexpr std::size_t kMaxBatchBytes = 4U << 20U;

// Allocated room is metadata until it is first written, which makes an fdatasync there pay for the file
// system's journal as well. So zeros are written this far ahead, in the same sync as a batch, and the syncs
// in between are of data alone: up to 1.7 times as many a second.
constexpr std::size_t kZeroAhead = 256U << 10U;
constexpr std::array<char, 16U << 10U> kZeros{};

std::uint64_t random_salt() {
  const auto bytes = random_bytes(sizeof(std::uint64_t));
  std::uint64_t salt = 0;
  std::memcpy(&salt, bytes.data(), sizeof salt);
  return salt;
}

}  // namespace

Segment::Segment(std::unique_ptr<File> file, Header header, std::size_t bytes)
    : file_(std::move(file)), header_(header), bytes_(bytes), end_(header.first) {}

Result<std::unique_ptr<Segment>> Segment::create(FileSystem& files, const std::string& directory, Index first,
                                                 std::size_t bytes, std::span<const std::string> carried) {
  const Header header{first, random_salt()};
  auto beginning = encode(header);
  for (const auto& entry : carried) append_record(beginning, header.salt, first, entry);
  bytes = std::max(bytes, beginning.size());

  const auto name = directory + "/" + segment_name(first);
  const auto temporary = name + ".tmp";
  auto file = files.create(temporary);
  if (!file) return std::unexpected(std::move(file).error());

  std::unique_ptr<Segment> segment(new Segment(*std::move(file), header, bytes));
  auto made = segment->file_->allocate(bytes);
  if (made) made = segment->write(beginning);
  // A crash before the rename leaves a .tmp, which the next start removes. A crash after it may or may not
  // leave the new name: either way the entries carried are in a file that is on disk, and no other entry is
  // in this one yet.
  if (made) made = files.rename(temporary, name);
  if (!made) {
    (void)files.remove(temporary);
    return std::unexpected(std::move(made).error());
  }
  if (auto synced = files.sync_directory(directory); !synced) return std::unexpected(synced.error());
  segment->end_ += carried.size();
  return segment;
}

bool Segment::add(std::string_view entry) {
  const auto size = batch_.size() + record_bytes(entry.size());
  if (on_disk_ + size > bytes_ || (size > kMaxBatchBytes && !batch_.empty())) return false;
  const auto leaf = append_record(batch_, header_.salt, end_, entry);
  batched_.push_back({leaf, static_cast<std::uint32_t>(record_bytes(entry.size()))});
  return true;
}

Result<Placed> Segment::commit() {
  Placed placed{.first = end_, .segment = header_.first, .offset = on_disk_, .leaves = std::move(batched_)};
  if (auto written = write(batch_); !written) return std::unexpected(std::move(written).error());
  end_ += placed.leaves.size();
  batched_.clear();
  batch_.clear();
  return placed;
}

// After a failed fdatasync the kernel may hold the pages as clean: a second fdatasync would succeed, and the
// bytes would not be on disk (Linux reports a write-back error once). So no sync is ever tried again over the
// same pages: the file is cut back, and the batch, which is still in memory, is written anew into another
// segment. What the cut leaves behind does no harm, because the next segment's first index says where this
// one ends.
Result<void> Segment::write(std::string_view bytes) {
  const auto end = on_disk_ + bytes.size();
  if (end > zeroed_) {
    const auto ahead = std::min<std::uint64_t>(bytes_, end + kZeroAhead);
    for (std::uint64_t at = end; at < ahead;) {
      const auto size = std::min<std::uint64_t>(kZeros.size(), ahead - at);
      if (auto written = write_all(*file_, {kZeros.data(), size}, at); !written) return written;
      at += size;
    }
    zeroed_ = ahead;
  }
  if (auto written = write_all(*file_, bytes, on_disk_); !written) return written;
  if (auto synced = file_->sync(); !synced) return synced;
  on_disk_ = end;
  return {};
}

void Segment::cut() {
  (void)file_->truncate(on_disk_);
}

}  // namespace plimsoll::ledger
