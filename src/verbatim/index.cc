#include "verbatim/index.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "base/hash.h"
#include "format.h"

namespace plimsoll::verbatim {
namespace {

template <class T>
std::span<const T> as(std::string_view bytes) {
  return {reinterpret_cast<const T*>(bytes.data()), bytes.size() / sizeof(T)};
}

// Bounds the time of a search. Keys are evenly spread, so real buckets stay far below.
constexpr std::uint64_t kLargestBucket = 1'024;

std::string_view until_nul(const std::array<char, 24>& name) {
  return {name.data(), ::strnlen(name.data(), name.size())};
}

}  // namespace

Result<std::shared_ptr<const Index>> Index::open(const std::string& path) {
  const int file = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (file < 0)
    return fail(errno == ENOENT ? Code::kNotFound : Code::kUnavailable,
                path + " cannot be read: " + std::strerror(errno) + "; make it with `plimsoll corpus add`");
  struct stat about{};
  void* at = MAP_FAILED;
  std::size_t size = 0;
  if (::fstat(file, &about) == 0 && S_ISREG(about.st_mode) && about.st_size > 0) {
    size = static_cast<std::size_t>(about.st_size);
    at = ::mmap(nullptr, size, PROT_READ, MAP_SHARED, file, 0);
  }
  ::close(file);
  if (at == MAP_FAILED)
    return fail(Code::kInvalid, path + " is not a corpus index: it is empty or no regular file");
  auto index = read({static_cast<const char*>(at), size}, path);
  if (!index) {
    ::munmap(at, size);
    return index;
  }
  std::const_pointer_cast<Index>(*index)->unmap_ = [at, size] { ::munmap(at, size); };
  return index;
}

Result<std::shared_ptr<const Index>> Index::read(std::string_view bytes, const std::string& name) {
  auto characters = Characters::create();
  if (!characters) return std::unexpected(std::move(characters).error());
  std::shared_ptr<Index> index(new Index());
  index->bytes_ = bytes;
  index->characters_ = *std::move(characters);
  if (auto good = index->check(name); !good) return std::unexpected(std::move(good).error());
  return index;
}

Index::~Index() {
  if (unmap_) unmap_();
}

// Whatever the bytes are, what passes here can be searched without leaving them.
Result<void> Index::check(const std::string& name) {
  const auto bad = [&](std::string_view what) {
    return fail(Code::kInvalid,
                name + " is no usable corpus index: " + std::string(what) +
                    "; make it again with `plimsoll corpus add`, or restore it from a backup");
  };
  if (bytes_.size() < sizeof(Header)) return bad("it is too short");
  header_ = reinterpret_cast<const Header*>(bytes_.data());
  const Header& h = *header_;
  if (h.magic != kIndexMagic) return bad("it does not begin like one");
  if (h.version != kIndexVersion) return bad("it has version " + std::to_string(h.version) + ", not 1");
  if (h.crc != checksum(h)) return bad("its header is damaged");
  if (h.gram < kMinGram || h.gram > kMaxGram || h.window < 1 || h.window > kMaxWindow)
    return bad("its grain is out of range");
  std::array<std::string_view, kSectionCount> part;
  for (std::size_t i = 0; i < kSectionCount; ++i) {
    const Section& s = h.sections.at(i);
    if (s.offset % kAlignment != 0 || s.offset > bytes_.size() || s.size > bytes_.size() - s.offset)
      return bad("it is cut short");
    part.at(i) = bytes_.substr(s.offset, s.size);
    if (crc32c(part.at(i)) != s.crc) return bad("section " + std::to_string(i) + " is damaged");
  }
  constexpr std::uint64_t kMany = 1ULL << 32U;
  const auto is = [&](SectionName section, std::uint64_t count, std::size_t each) {
    return part.at(section).size() == count * each;
  };
  if (h.works >= kMany || h.words > kMany || h.fingerprints >= kMany || h.buckets == 0 ||
      h.buckets >= kMany || !is(kWorks, h.works, sizeof(WorkRecord)) || !is(kWords, (h.words + 1) / 2, 1) ||
      !is(kBuckets, h.buckets + 1, 8) || !is(kRemainders, h.fingerprints, 1) ||
      !is(kPositions, h.fingerprints, 4))
    return bad("its sections do not fit its header");
  works_ = as<WorkRecord>(part[kWorks]);
  titles_ = part[kTitles];
  words_ = part[kWords];
  buckets_ = as<std::uint64_t>(part[kBuckets]);
  remainders_ = as<std::uint8_t>(part[kRemainders]);
  positions_ = as<std::uint32_t>(part[kPositions]);

  std::uint64_t end = 0;
  for (const WorkRecord& w : works_) {
    const auto own = until_nul(w.name);
    if (w.first < end || w.first > h.words || w.words > h.words - w.first || w.title > titles_.size() ||
        w.title_size > kMaxTitle || w.title_size > titles_.size() - w.title ||
        !own.starts_with(kNamePrefix) || own.size() != kNamePrefix.size() + kIdSize)
      return bad("its list of works is out of order");
    end = w.first + w.words;
  }
  std::uint64_t start = 0;
  for (const std::uint64_t bucket : buckets_) {
    const std::uint64_t next = bucket >> 32U;
    if (next < start || next > h.fingerprints || next - start > kLargestBucket)
      return bad("its buckets are out of order");
    start = next;
  }
  revision_ = "corpus-" + to_hex(bytes_of(sha256(bytes_.substr(0, sizeof(Header)))).substr(0, 6));
  return {};
}

Grain Index::grain() const {
  return {.gram = header_->gram, .window = header_->window};
}
std::size_t Index::works() const {
  return works_.size();
}
std::uint64_t Index::words() const {
  return header_->words;
}
std::uint64_t Index::fingerprints() const {
  return header_->fingerprints;
}

Work Index::work(std::size_t i) const {
  const WorkRecord& w = works_[i];
  const auto name = until_nul(w.name);
  return {.id = name.substr(kNamePrefix.size()),
          .name = name,
          .title = titles_.substr(w.title, w.title_size),
          .first = w.first,
          .words = w.words,
          .bytes = w.bytes};
}

std::size_t Index::work_at(std::uint64_t position) const {
  const auto after = std::ranges::upper_bound(works_, position, {}, &WorkRecord::first);
  if (after == works_.begin()) return kNone;
  const auto& w = *std::prev(after);
  return position - w.first < w.words ? static_cast<std::size_t>(&w - works_.data()) : kNone;
}

void Index::prefetch(std::uint64_t key) const {
  __builtin_prefetch(&buckets_[bucket_of(key, header_->buckets)]);
}

std::size_t Index::find(std::uint64_t key, std::span<std::uint32_t, kMaxFound> out) const {
  const auto b = bucket_of(key, header_->buckets);
  const auto filter = filter_of(key);
  if ((static_cast<std::uint32_t>(buckets_[b]) & filter) != filter) return 0;
  const auto end = buckets_[b + 1] >> 32U;
  std::size_t count = 0;
  for (auto i = buckets_[b] >> 32U; i < end && count < kMaxFound; ++i) {
    if (remainders_[i] != remainder_of(key)) continue;
    if (positions_[i] + std::uint64_t{header_->gram} <= header_->words) out[count++] = positions_[i];
  }
  return count;
}

}  // namespace plimsoll::verbatim
