#include "merge.h"

#include <algorithm>
#include <queue>

#include "format.h"

namespace plimsoll::verbatim {
namespace {

// Gives the entries of all shards in the order of their keys, then of their works.
class Merger {
 public:
  explicit Merger(std::vector<ShardReader>& shards) : shards_(shards) {}

  Result<void> start() {
    for (std::size_t i = 0; i < shards_.size(); ++i)
      if (auto good = pull(i); !good) return good;
    return {};
  }
  struct Item {
    ShardEntry entry;
    std::size_t shard;
    bool operator>(const Item& other) const {
      return entry.key != other.entry.key ? entry.key > other.entry.key
             : shard != other.shard       ? shard > other.shard
                                          : entry > other.entry;
    }
  };
  // nullopt at the end.
  Result<std::optional<Item>> next() {
    if (heap_.empty()) return std::nullopt;
    const Item item = heap_.top();
    heap_.pop();
    if (auto good = pull(item.shard); !good) return std::unexpected(std::move(good).error());
    return item;
  }

 private:
  Result<void> pull(std::size_t shard) {
    auto entry = shards_[shard].next();
    if (!entry) return std::unexpected(std::move(entry).error());
    if (*entry) heap_.push({**entry, shard});
    return {};
  }
  std::vector<ShardReader>& shards_;
  std::priority_queue<Item, std::vector<Item>, std::greater<>> heap_;
};

// The three parallel parts of the table, in files of their own until they are whole.
class Table {
 public:
  static Result<Table> create(const std::string& path, std::uint64_t buckets) {
    auto a = NewFile::create(path + ".buckets");
    if (!a) return std::unexpected(std::move(a).error());
    auto b = NewFile::create(path + ".remainders");
    if (!b) return std::unexpected(std::move(b).error());
    auto c = NewFile::create(path + ".positions");
    if (!c) return std::unexpected(std::move(c).error());
    return Table(*std::move(a), *std::move(b), *std::move(c), buckets);
  }

  void add(std::uint64_t key, std::uint32_t position) {
    occurrences_ = count_ > 0 && key == last_ ? occurrences_ + 1 : 1;
    last_ = key;
    if (occurrences_ > kOccurrences) return;
    close_until(bucket_of(key, total_buckets_));
    filter_ |= filter_of(key);
    remainders.append_value(remainder_of(key));
    positions.append_value(position);
    ++count_;
  }
  void finish() { close_until(total_buckets_ + 1); }
  std::uint64_t count() const { return count_; }

  NewFile buckets;
  NewFile remainders;
  NewFile positions;

 private:
  Table(NewFile a, NewFile b, NewFile c, std::uint64_t count)
      : buckets(std::move(a)), remainders(std::move(b)), positions(std::move(c)), total_buckets_(count) {}

  void close_until(std::uint64_t bucket) {
    for (; bucket_ < bucket; ++bucket_) {
      buckets.append_value(start_ << 32U | filter_);
      start_ = count_;
      filter_ = 0;
    }
  }
  std::uint64_t total_buckets_;
  std::uint64_t bucket_ = 0;  // the one being filled
  std::uint64_t start_ = 0;   // where it begins
  std::uint64_t filter_ = 0;
  std::uint64_t count_ = 0;
  std::uint64_t last_ = 0;
  std::uint32_t occurrences_ = 0;
};

class Writer {
 public:
  Writer(NewFile file, Header header) : file_(std::move(file)), header_(header) {
    file_.append_value(Header{});
    static_cast<void>(file_.take_crc());
  }
  NewFile& begin(SectionName name) {
    file_.pad(kAlignment);
    static_cast<void>(file_.take_crc());
    now_ = name;
    header_.sections.at(now_).offset = file_.size();
    return file_;
  }
  void end() {
    auto& section = header_.sections.at(now_);
    section.size = file_.size() - section.offset;
    section.crc = file_.take_crc();
  }
  Result<void> append(SectionName name, NewFile& part) {
    begin(name);
    auto copied = file_.append_file(part);
    end();
    return copied;
  }
  Result<void> commit(const std::string& path) {
    header_.crc = checksum(header_);
    if (auto flushed = file_.flush(); !flushed) return flushed;
    if (auto written = file_.write_at(0, {reinterpret_cast<const char*>(&header_), sizeof header_}); !written)
      return written;
    return file_.commit(path);
  }

 private:
  NewFile file_;
  Header header_;
  SectionName now_ = kWorks;
};

void write_works(const std::vector<ShardReader>& shards, Writer& writer) {
  std::uint64_t first = 0;
  std::string titles;
  NewFile& works = writer.begin(kWorks);
  for (const auto& shard : shards) {
    for (const auto& w : shard.works()) {
      WorkRecord record{.first = first,
                        .words = w.words,
                        .bytes = w.bytes,
                        .title = static_cast<std::uint32_t>(titles.size()),
                        .title_size = static_cast<std::uint32_t>(w.title.size())};
      const std::string name = std::string(kNamePrefix) + w.id();
      std::ranges::copy(name, record.name.begin());
      works.append_value(record);
      titles += w.title;
      first += w.words + w.words % 2;
    }
  }
  writer.end();
  writer.begin(kTitles).append(titles);
  writer.end();
}

}  // namespace

Result<void> merge(std::vector<ShardReader> shards, Grain grain, const std::string& path,
                   const Progress& progress) {
  std::vector<std::vector<std::uint64_t>> firsts;  // by shard and work
  Header header{.magic = kIndexMagic,
                .version = kIndexVersion,
                .gram = grain.gram,
                .window = grain.window,
                .occurrences = kOccurrences};
  std::uint64_t entries = 0;
  for (const auto& shard : shards) {
    auto& first = firsts.emplace_back();
    for (const auto& w : shard.works()) {
      first.push_back(header.words);
      header.words += w.words + w.words % 2;
    }
    header.works += shard.works().size();
    entries += shard.entries();
  }
  if (header.words > 1ULL << 32U)
    return fail(Code::kTooLarge,
                path + " would hold more than 4294967296 words; divide the works between two indexes");
  header.buckets = std::max<std::uint64_t>(1, entries / kMeanBucket);

  Merger merger(shards);
  if (auto good = merger.start(); !good) return good;
  auto table = Table::create(path, header.buckets);
  if (!table) return std::unexpected(std::move(table).error());
  for (std::uint64_t done = 0;; ++done) {
    auto item = merger.next();
    if (!item) return std::unexpected(std::move(item).error());
    if (!*item) break;
    const auto& [entry, shard] = **item;
    table->add(entry.key, static_cast<std::uint32_t>(firsts[shard][entry.work] + entry.word));
    if (done % (1U << 18U) == 0) progress("merging", done, entries);
  }
  table->finish();
  header.fingerprints = table->count();

  auto file = NewFile::create(path);
  if (!file) return std::unexpected(std::move(file).error());
  Writer writer(*std::move(file), header);
  write_works(shards, writer);
  NewFile& words = writer.begin(kWords);
  for (const auto& shard : shards)
    for (const auto& w : shard.works()) {
      auto nibbles = shard.nibbles(w);
      if (!nibbles) return std::unexpected(std::move(nibbles).error());
      words.append(*nibbles);
    }
  writer.end();
  if (auto good = writer.append(kBuckets, table->buckets); !good) return good;
  if (auto good = writer.append(kRemainders, table->remainders); !good) return good;
  if (auto good = writer.append(kPositions, table->positions); !good) return good;
  progress("merging", entries, entries);
  return writer.commit(path);
}

}  // namespace plimsoll::verbatim
