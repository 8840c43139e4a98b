#include "verbatim/corpus.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <optional>
#include <set>
#include <utility>

#include "files.h"
#include "format.h"
#include "merge.h"
#include "shard.h"
#include "verbatim/index.h"

namespace plimsoll::verbatim {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kShardMemory = 24U << 20U;  // some 64 MiB of text
constexpr std::string_view kShardEnding = ".shard";

// Printable UTF-8, not too long.
std::string title_of(std::string_view name) {
  std::string out;
  for (std::size_t i = 0; i < name.size();) {
    const auto lead = static_cast<unsigned char>(name[i]);
    std::size_t size = lead < 0x80   ? 1
                       : lead < 0xC2 ? 0
                       : lead < 0xE0 ? 2
                       : lead < 0xF0 ? 3
                       : lead < 0xF5 ? 4
                                     : 0;
    for (std::size_t k = 1; k < size; ++k)
      if (i + k >= name.size() || (static_cast<unsigned char>(name[i + k]) & 0xC0U) != 0x80U) size = 0;
    if (out.size() + std::max<std::size_t>(size, 1) > kMaxTitle) break;
    if (size == 0 || lead < 0x20 || lead == 0x7F)
      out.push_back('?');
    else
      out += name.substr(i, size);
    i += std::max<std::size_t>(size, 1);
  }
  return out;
}

struct Source {
  std::string path;
  std::uint64_t bytes = 0;
};

// The files to read, in order; a path that is neither file nor folder is an error before any work is done.
Result<std::vector<Source>> sources_of(const std::vector<std::string>& paths) {
  std::vector<Source> out;
  std::error_code failed;
  for (const auto& path : paths) {
    const auto about = fs::status(path, failed);
    if (fs::is_directory(about)) {
      std::vector<Source> below;
      for (auto at = fs::recursive_directory_iterator(path, failed); !failed && at != fs::end(at);
           at.increment(failed))
        if (at->is_regular_file(failed)) below.push_back({at->path().string(), at->file_size(failed)});
      if (failed) return fail(Code::kUnavailable, path + " cannot be read: " + failed.message());
      std::ranges::sort(below, {}, &Source::path);
      out.insert(out.end(), below.begin(), below.end());
    } else if (fs::is_regular_file(about)) {
      out.push_back({path, fs::file_size(path, failed)});
    } else {
      return fail(Code::kNotFound, path + " is neither a file nor a folder");
    }
  }
  return out;
}

Result<std::string> read_work(const Source& source) {
  auto file = OpenFile::open(source.path);
  if (!file) return std::unexpected(std::move(file).error());
  if (file->size() > kMaxWorkBytes)
    return fail(Code::kTooLarge, source.path + " is larger than 256 MiB; divide it into several works");
  std::string text(file->size(), '\0');
  if (auto got = file->read(0, text.data(), text.size()); !got)
    return std::unexpected(std::move(got).error());
  return text;
}

Result<std::vector<ShardReader>> open_all(const std::vector<std::string>& paths, Grain grain) {
  std::vector<ShardReader> out;
  out.reserve(paths.size());
  for (const auto& path : paths) {
    auto shard = ShardReader::open(path, grain);
    if (!shard) return std::unexpected(std::move(shard).error());
    out.push_back(*std::move(shard));
  }
  return out;
}

// Whether the index holds these works and no others.
bool holds(const Index& index, const std::vector<ShardReader>& shards, Grain grain) {
  if (index.grain() != grain) return false;
  std::size_t i = 0;
  for (const auto& shard : shards)
    for (const auto& w : shard.works()) {
      if (i >= index.works()) return false;
      const auto work = index.work(i++);
      if (work.id != w.id() || work.words != w.words || work.title != w.title) return false;
    }
  return i == index.works();
}

}  // namespace

Corpus::Corpus(std::string index, std::string folder, int lock, Grain grain,
               std::shared_ptr<const Characters> characters)
    : index_(std::move(index)),
      folder_(std::move(folder)),
      lock_(lock),
      grain_(grain),
      characters_(std::move(characters)) {}

Corpus::~Corpus() {
  ::close(lock_);
}

Result<std::unique_ptr<Corpus>> Corpus::open(const std::string& index, Grain grain) {
  auto characters = Characters::create();
  if (!characters) return std::unexpected(std::move(characters).error());
  const std::string folder = index + ".d";
  std::error_code failed;
  fs::create_directories(folder, failed);
  if (failed) return fail(Code::kUnavailable, folder + " cannot be created: " + failed.message());
  const std::string lock_path = folder + "/lock";
  const int lock = ::open(lock_path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0644);
  if (lock < 0) return fail(Code::kUnavailable, lock_path + " cannot be written: " + std::strerror(errno));
  if (::flock(lock, LOCK_EX | LOCK_NB) != 0) {
    ::close(lock);
    return fail(Code::kUnavailable, folder + " is in use by another process; wait until it is done");
  }
  return std::unique_ptr<Corpus>(new Corpus(index, folder, lock, grain, *std::move(characters)));
}

Result<std::vector<std::string>> Corpus::shards() const {
  std::vector<std::string> out;
  std::error_code failed;
  for (auto at = fs::directory_iterator(folder_, failed); !failed && at != fs::end(at); at.increment(failed))
    if (at->path().extension() == kShardEnding) out.push_back(at->path().string());
  if (failed) return fail(Code::kUnavailable, folder_ + " cannot be read: " + failed.message());
  std::ranges::sort(out);
  return out;
}

std::string Corpus::next_shard(const std::vector<std::string>& shards) const {
  const auto last = shards.empty() ? 0 : std::strtoull(fs::path(shards.back()).stem().c_str(), nullptr, 10);
  const auto number = std::to_string(last + 1);
  return folder_ + "/" + std::string(8 - std::min<std::size_t>(8, number.size()), '0') + number +
         std::string(kShardEnding);
}

Result<Corpus::Added> Corpus::add(const std::vector<std::string>& paths, const std::string& title,
                                  const Progress& progress) {
  auto sources = sources_of(paths);
  if (!sources) return std::unexpected(std::move(sources).error());
  auto names = shards();
  if (!names) return std::unexpected(std::move(names).error());
  std::set<std::string, std::less<>> known;
  {
    auto old = open_all(*names, grain_);
    if (!old) return std::unexpected(std::move(old).error());
    for (const auto& shard : *old)
      for (const auto& w : shard.works()) known.insert(w.id());
  }

  Added added;
  std::uint64_t total = 0;
  std::uint64_t done = 0;
  for (const auto& s : *sources) total += s.bytes;
  Shard shard(grain_);
  const auto write = [&]() -> Result<void> {
    names->push_back(next_shard(*names));
    return std::exchange(shard, Shard(grain_)).write(names->back());
  };
  for (const auto& source : *sources) {
    progress("reading", done, total);
    done += source.bytes;
    auto text = read_work(source);
    if (!text) {
      added.skipped.push_back(text.error().message);
      continue;
    }
    const Digest digest = sha256(*text);
    if (!known.insert(to_hex(digest).substr(0, kIdSize)).second) {
      ++added.known;
      continue;
    }
    const auto name = title.empty() ? fs::path(source.path).stem().string() : title;
    if (!shard.add(digest, title_of(name), *text, characters_)) {
      added.skipped.push_back(source.path + " has fewer than " + std::to_string(grain_.gram) + " words");
      continue;
    }
    ++added.works;
    if (shard.memory() < kShardMemory) continue;
    if (auto written = write(); !written) return std::unexpected(std::move(written).error());
  }
  progress("reading", total, total);
  if (!shard.empty())
    if (auto written = write(); !written) return std::unexpected(std::move(written).error());
  auto published = publish(added.works > 0, progress);
  if (!published) return std::unexpected(std::move(published).error());
  added.published = *published;
  return added;
}

Result<std::string> Corpus::remove(std::string_view id, const Progress& progress) {
  if (id.size() < 4) return fail(Code::kInvalid, "an id of a work, at least its first 4 digits, is expected");
  auto names = shards();
  if (!names) return std::unexpected(std::move(names).error());
  auto all = open_all(*names, grain_);
  if (!all) return std::unexpected(std::move(all).error());
  std::optional<std::pair<std::size_t, std::size_t>> found;  // shard, work
  for (std::size_t s = 0; s < all->size(); ++s)
    for (std::size_t w = 0; w < (*all)[s].works().size(); ++w) {
      if (!(*all)[s].works()[w].id().starts_with(id)) continue;
      if (found)
        return fail(Code::kInvalid, "more than one work has an id that begins with " + std::string(id));
      found = {s, w};
    }
  if (!found)
    return fail(Code::kNotFound, "no work in " + index_ + " has an id that begins with " + std::string(id));

  ShardReader& old = (*all)[found->first];
  const auto removed = old.works()[found->second];
  std::vector<std::vector<ShardEntry>> entries(old.works().size());
  for (;;) {
    auto entry = old.next();
    if (!entry) return std::unexpected(std::move(entry).error());
    if (!*entry) break;
    entries[(*entry)->work].push_back(**entry);
  }
  Shard rest(grain_);
  for (std::size_t w = 0; w < old.works().size(); ++w) {
    if (w == found->second) continue;
    auto nibbles = old.nibbles(old.works()[w]);
    if (!nibbles) return std::unexpected(std::move(nibbles).error());
    rest.add(old.works()[w], entries[w], *nibbles);
  }
  const auto& path = (*names)[found->first];
  if (rest.empty()) {
    std::error_code failed;
    if (!fs::remove(path, failed))
      return fail(Code::kUnavailable, path + " cannot be removed: " + failed.message());
  } else if (auto written = rest.write(path); !written) {
    return std::unexpected(std::move(written).error());
  }
  auto published = publish(true, progress);
  if (!published) return std::unexpected(std::move(published).error());
  return removed.id() + "  " + removed.title;
}

// Makes the index anew when the works have changed or it does not hold them, as after an interruption.
Result<bool> Corpus::publish(bool changed, const Progress& progress) {
  auto names = shards();
  if (!names) return std::unexpected(std::move(names).error());
  auto all = open_all(*names, grain_);
  if (!all) return std::unexpected(std::move(all).error());
  if (!changed) {
    const auto index = Index::open(index_);
    if (index && holds(**index, *all, grain_)) return false;
  }
  if (auto merged = merge(*std::move(all), grain_, index_, progress); !merged)
    return std::unexpected(std::move(merged).error());
  return true;
}

}  // namespace plimsoll::verbatim
