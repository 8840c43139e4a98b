#include "shard.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstring>
#include <utility>

#include "format.h"

namespace plimsoll::verbatim {
namespace {

constexpr std::array<char, 8> kShardMagic = {'P', 'L', 'M', 'S', 'H', 'R', 'D', '1'};
constexpr std::size_t kEntriesAtOnce = 4'096;
constexpr std::size_t kPiece = 1U << 20U;
constexpr std::size_t kShortWord = 4;  // bytes, on average over a run

struct ShardHeader {
  std::array<char, 8> magic{};
  std::uint32_t gram = 0;
  std::uint32_t window = 0;
  std::uint64_t works = 0;
  std::uint64_t titles = 0;  // bytes
  std::uint64_t entries = 0;
  std::uint64_t nibbles = 0;  // bytes
  std::uint32_t crc = 0;      // CRC-32C of everything after the header
  std::uint32_t own_crc = 0;  // of all before it
};
static_assert(sizeof(ShardHeader) == 56);

struct ShardRecord {
  Digest digest{};
  std::uint64_t words = 0;
  std::uint64_t bytes = 0;
  std::uint64_t title_size = 0;
};
static_assert(sizeof(ShardRecord) == 56);
static_assert(sizeof(ShardEntry) == 16);

std::uint32_t checksum(const ShardHeader& header) {
  return crc32c({reinterpret_cast<const char*>(&header), offsetof(ShardHeader, own_crc)});
}

}  // namespace

std::string ShardWork::id() const {
  return to_hex(bytes_of(digest)).substr(0, kIdSize);
}

bool Shard::add(const Digest& digest, std::string title, std::string_view text,
                const std::shared_ptr<const Characters>& characters) {
  Tokenizer tokenizer(characters);
  Roller roller(grain_.gram);
  Winnower winnower(grain_.window);
  std::vector<Token> tokens;
  std::vector<Fingerprint> kept;
  const auto work = static_cast<std::uint32_t>(works_.size());
  const auto nibbles_before = nibbles_.size();
  std::uint64_t words = 0;
  std::vector<std::uint64_t> hashes(grain_.window);  // of the last runs
  std::vector<std::size_t> lengths(grain_.gram);     // of the last words, in bytes
  std::size_t length = 0;                            // of all of them

  const auto keep = [&] {
    for (const auto& f : kept)
      entries_.push_back({key_of(hashes[f.word % grain_.window]), work, static_cast<std::uint32_t>(f.word)});
    kept.clear();
  };
  const auto take = [&] {
    for (const Token& token : tokens) {
      if (words % 2 == 0) nibbles_.push_back('\0');
      nibbles_.back() = static_cast<char>(static_cast<std::uint8_t>(nibbles_.back()) |
                                          nibble_of(token.hash) << (words % 2 * 4));
      const auto last = token.end - token.begin;
      length += last - std::exchange(lengths[words % grain_.gram], last);
      ++words;
      const auto hash = roller.push(token.hash);
      if (!hash) continue;
      hashes[(words - grain_.gram) % grain_.window] = *hash;
      // "at the end of the" stands everywhere: a run of short words is kept only where a window has no other.
      const bool stock = length <= kShortWord * grain_.gram;
      winnower.push(*hash >> 1U | std::uint64_t{stock} << 63U, kept);
      keep();
    }
    tokens.clear();
  };
  for (auto rest = text; !rest.empty(); rest.remove_prefix(std::min(kPiece, rest.size()))) {
    tokenizer.feed(rest.substr(0, kPiece), tokens);
    take();
  }
  tokenizer.finish(tokens);
  take();
  winnower.finish(kept);
  keep();
  if (words < grain_.gram) {
    nibbles_.resize(nibbles_before);
    return false;
  }
  works_.push_back({.digest = digest,
                    .title = std::move(title),
                    .words = words,
                    .bytes = text.size(),
                    .nibbles = nibbles_before});
  return true;
}

void Shard::add(ShardWork work, const std::vector<ShardEntry>& entries, std::string_view nibbles) {
  const auto number = static_cast<std::uint32_t>(works_.size());
  for (const auto& e : entries) entries_.push_back({e.key, number, e.word});
  work.nibbles = nibbles_.size();
  nibbles_ += nibbles;
  works_.push_back(std::move(work));
}

Result<void> Shard::write(const std::string& path) {
  std::ranges::sort(entries_);
  auto file = NewFile::create(path);
  if (!file) return std::unexpected(std::move(file).error());
  ShardHeader header{.magic = kShardMagic,
                     .gram = grain_.gram,
                     .window = grain_.window,
                     .works = works_.size(),
                     .entries = entries_.size(),
                     .nibbles = nibbles_.size()};
  for (const auto& w : works_) header.titles += w.title.size();
  file->append_value(header);
  static_cast<void>(file->take_crc());
  for (const auto& w : works_) file->append_value(ShardRecord{w.digest, w.words, w.bytes, w.title.size()});
  for (const auto& w : works_) file->append(w.title);
  for (const auto& e : entries_) file->append_value(e);
  file->append(nibbles_);
  header.crc = file->take_crc();
  header.own_crc = checksum(header);
  if (auto flushed = file->flush(); !flushed) return flushed;
  if (auto written = file->write_at(0, {reinterpret_cast<const char*>(&header), sizeof header}); !written)
    return written;
  return file->commit(path);
}

Result<ShardReader> ShardReader::open(const std::string& path, Grain grain) {
  auto file = OpenFile::open(path);
  if (!file) return std::unexpected(std::move(file).error());
  const auto bad = [&](std::string_view what) {
    return fail(Code::kInvalid, path + " is " + std::string(what) +
                                    "; restore it from a backup, or remove it and add its works again");
  };
  ShardHeader h;
  if (file->size() < sizeof h) return bad("cut short");
  if (auto got = file->read(0, reinterpret_cast<char*>(&h), sizeof h); !got)
    return std::unexpected(std::move(got).error());
  if (h.magic != kShardMagic || h.own_crc != checksum(h)) return bad("damaged");
  if (Grain{h.gram, h.window} != grain) return bad("of another grain");
  // Sizes that could not be are refused before they are added up.
  const auto size = file->size();
  if (h.works > size || h.titles > size || h.entries > size || h.nibbles > size ||
      size !=
          sizeof h + h.works * sizeof(ShardRecord) + h.titles + h.entries * sizeof(ShardEntry) + h.nibbles)
    return bad("damaged");
  std::uint32_t crc = 0;
  std::vector<char> piece(kPiece);
  for (std::uint64_t at = sizeof h; at < size;) {
    const auto count = std::min<std::uint64_t>(piece.size(), size - at);
    if (auto got = file->read(at, piece.data(), count); !got) return std::unexpected(std::move(got).error());
    crc = crc32c({piece.data(), count}, crc);
    at += count;
  }
  if (crc != h.crc) return bad("damaged");

  ShardReader reader(*std::move(file));
  std::vector<ShardRecord> records(h.works);
  std::string titles(h.titles, '\0');
  const auto titles_at = sizeof h + records.size() * sizeof(ShardRecord);
  if (auto got = reader.file_.read(sizeof h, reinterpret_cast<char*>(records.data()),
                                   records.size() * sizeof(ShardRecord));
      !got)
    return std::unexpected(std::move(got).error());
  if (auto got = reader.file_.read(titles_at, titles.data(), titles.size()); !got)
    return std::unexpected(std::move(got).error());
  std::uint64_t title = 0;
  std::uint64_t nibbles = 0;
  for (const auto& r : records) {
    if (r.title_size > titles.size() - title || r.words > 2 * h.nibbles) return bad("damaged");
    reader.works_.push_back({.digest = r.digest,
                             .title = titles.substr(title, r.title_size),
                             .words = r.words,
                             .bytes = r.bytes,
                             .nibbles = nibbles});
    title += r.title_size;
    nibbles += (r.words + 1) / 2;
  }
  if (nibbles != h.nibbles) return bad("damaged");
  reader.entries_ = h.entries;
  reader.entries_at_ = titles_at + titles.size();
  reader.nibbles_at_ = reader.entries_at_ + h.entries * sizeof(ShardEntry);
  return reader;
}

Result<std::optional<ShardEntry>> ShardReader::next() {
  if (used_ == buffer_.size()) {
    if (read_ == entries_) return std::nullopt;
    buffer_.resize(std::min<std::uint64_t>(kEntriesAtOnce, entries_ - read_));
    if (auto got = file_.read(entries_at_ + read_ * sizeof(ShardEntry),
                              reinterpret_cast<char*>(buffer_.data()), buffer_.size() * sizeof(ShardEntry));
        !got)
      return std::unexpected(std::move(got).error());
    read_ += buffer_.size();
    used_ = 0;
  }
  const ShardEntry entry = buffer_[used_++];
  if (entry.work >= works_.size() || entry.word >= works_[entry.work].words)
    return fail(Code::kInvalid, path() + " is damaged");
  return entry;
}

Result<std::string> ShardReader::nibbles(const ShardWork& work) const {
  std::string out((work.words + 1) / 2, '\0');
  if (auto got = file_.read(nibbles_at_ + work.nibbles, out.data(), out.size()); !got)
    return std::unexpected(std::move(got).error());
  return out;
}

}  // namespace plimsoll::verbatim
