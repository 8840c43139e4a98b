#include "records.h"

#include <algorithm>

#include "format.h"
#include "ledger/proof.h"
#include "ledger/tiles.h"
#include "positions.h"
#include "recovery.h"

namespace plimsoll::ledger {
namespace {

// One record after another, from any offset of a segment. Reads a little ahead.
class SegmentFile {
 public:
  static Result<SegmentFile> open(FileSystem& files, const std::string& directory, Index first) {
    auto file = files.open(directory + "/" + segment_name(first), FileSystem::Access::kRead);
    if (!file) return std::unexpected(std::move(file).error());
    SegmentFile segment(*std::move(file));
    if (!segment.fill(0, kHeaderBytes)) return fail(Code::kInvalid, "the header is cut short");
    const auto header = decode_header(segment.bytes_);
    if (!header) return std::unexpected(header.error());
    segment.salt_ = header->salt;
    return segment;
  }

  // Borrowed until the next call; nullopt where there is no whole record.
  std::optional<Record> record_at(std::uint64_t offset) {
    if (!fill(offset, kRecordHeaderBytes)) return std::nullopt;
    const auto length = record_length(std::string_view(bytes_).substr(offset - start_));
    if (!length || !fill(offset, *length)) return std::nullopt;
    return decode_record(std::string_view(bytes_).substr(offset - start_), salt_);
  }

  // The length of the record there, of which nothing else is looked at.
  std::optional<std::size_t> length_at(std::uint64_t offset) {
    if (!fill(offset, kRecordHeaderBytes)) return std::nullopt;
    return record_length(std::string_view(bytes_).substr(offset - start_));
  }

 private:
  static constexpr std::size_t kAhead = 64U << 10U;

  explicit SegmentFile(std::unique_ptr<File> file) : file_(std::move(file)) {}

  // Makes sure that `size` bytes from `offset` on are in memory.
  bool fill(std::uint64_t offset, std::size_t size) {
    if (offset >= start_ && offset + size <= start_ + bytes_.size()) return true;
    bytes_.resize(std::max(size, kAhead));
    start_ = offset;
    std::size_t done = 0;
    while (done < bytes_.size()) {
      const auto read = file_->read(std::span(bytes_).subspan(done), offset + done);
      if (!read || *read == 0) break;
      done += *read;
    }
    bytes_.resize(done);
    return done >= size;
  }

  std::unique_ptr<File> file_;
  std::uint64_t salt_ = 0;
  std::uint64_t start_ = 0;
  std::string bytes_;
};

}  // namespace

Result<std::vector<Entry>> Records::read(Index first, std::span<const Digest> hashes) const {
  if (hashes.empty()) return std::vector<Entry>();
  auto entries = read_noted(first, hashes);
  if (!entries.empty()) return entries;
  return read_in_order(first, hashes);
}

std::vector<Entry> Records::read_noted(Index first, std::span<const Digest> hashes) const {
  const auto position = read_position(*files_, directory_, first / kTileWidth);
  if (!position) return {};
  auto index = first / kTileWidth * kTileWidth;
  const auto end = first + hashes.size();
  auto known = segments(position->segment == 0 ? false : segments(false)->back() < position->segment);
  auto segment = std::ranges::find(*known, position->segment);
  if (segment == known->end()) return {};
  auto file = SegmentFile::open(*files_, directory_, *segment);
  auto offset = position->offset;
  std::vector<Entry> entries;
  while (file && index < end) {
    if (std::next(segment) != known->end() && *std::next(segment) == index) {
      ++segment;
      file = SegmentFile::open(*files_, directory_, *segment);
      offset = kHeaderBytes;
      continue;
    }
    if (index < first) {
      const auto length = file->length_at(offset);
      if (!length) break;
      offset += *length;
    } else {
      const auto record = file->record_at(offset);
      const auto& hash = hashes[index - first];
      if (!record || (record->removed() ? record->leaf_hash : leaf_hash(record->entry)) != hash) break;
      entries.push_back({index, std::string(record->entry), hash, *segment, offset});
      offset += record->bytes;
    }
    ++index;
  }
  if (index == end) return entries;
  (void)segments(true);  // there may be new ones: next time
  return {};
}

Result<std::vector<Entry>> Records::read_in_order(Index first, std::span<const Digest> hashes) const {
  auto reader = Reader::open(directory_, first, files_);
  if (!reader) return std::unexpected(std::move(reader).error());
  std::vector<Entry> entries;
  for (const auto& hash : hashes) {
    auto entry = reader->next();
    if (!entry) return std::unexpected(std::move(entry).error());
    if (!*entry || (*entry)->leaf_hash != hash)
      return fail(Code::kInvalid, "entry " + std::to_string(first + entries.size()) +
                                      (*entry ? " is not the one in the tree" : " is missing") +
                                      ": see plimsoll ledger verify");
    entries.push_back(**std::move(entry));
  }
  return entries;
}

std::shared_ptr<const std::vector<Index>> Records::segments(bool again) const {
  const std::lock_guard lock(mutex_);
  if (!segments_ || again) {
    auto found = list_segments(*files_, directory_);
    segments_ = std::make_shared<const std::vector<Index>>(found && !found->empty() ? *std::move(found)
                                                                                    : std::vector<Index>{0});
  }
  return segments_;
}

}  // namespace plimsoll::ledger
