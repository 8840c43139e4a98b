#include <filesystem>

#include "file.h"
#include "ledger/log_reader.h"
#include "ledger/tiles.h"
#include "ledger/verify.h"
#include "tile_files.h"

namespace plimsoll::ledger {
namespace {

constexpr std::size_t kMaxKeyLines = 64U << 10U;

// A log directory with its segments.
class DirectorySource final : public LogSource {
 public:
  explicit DirectorySource(std::string directory)
      : files_(posix_files()), directory_(std::move(directory)), tiles_(files_, directory_) {}

  Result<std::string> checkpoint() override {
    return read_file(*files_, directory_ + "/checkpoint", kMaxNoteBytes);
  }
  Result<std::string> verifier_keys() override {
    return read_file(*files_, directory_ + "/vkey", kMaxKeyLines);
  }
  void expect(Index /*size*/) override {}

  Result<std::optional<Entry>> next() override {
    if (!reader_) {
      auto reader = Reader::open(directory_);
      if (!reader) return std::unexpected(std::move(reader).error());
      reader_ = *std::move(reader);
    }
    return reader_->next();
  }

  Result<std::optional<std::vector<Digest>>> tile(unsigned level, Index index, unsigned width) override {
    if (width != kTileWidth) return std::nullopt;
    auto hashes = tiles_.tile(level, index, width);
    if (hashes) return *std::move(hashes);
    if (hashes.error().code == Code::kNotFound) return std::nullopt;
    return std::unexpected(std::move(hashes).error());
  }

 private:
  std::shared_ptr<FileSystem> files_;
  std::string directory_;
  TileFiles tiles_;
  std::optional<Reader> reader_;
};

// Anything that has the public paths.
class PublicSource final : public LogSource {
 public:
  explicit PublicSource(Fetch get) : get_(std::move(get)) {}

  Result<std::string> checkpoint() override { return get_("checkpoint"); }
  Result<std::string> verifier_keys() override {
    auto lines = get_("ledger/vkey");
    if (!lines && lines.error().code == Code::kNotFound) lines = get_("vkey");
    return lines;
  }
  void expect(Index size) override { size_ = size; }

  Result<std::optional<Entry>> next() override {
    if (index_ == size_) return std::nullopt;
    const auto place = static_cast<std::size_t>(index_ % kTileWidth);
    if (place == 0)
      if (auto loaded = load(); !loaded) return std::unexpected(std::move(loaded).error());
    const auto bytes = entries_[place];
    if (bytes.empty() && hashes_.empty())
      if (auto loaded = load_hashes(); !loaded) return std::unexpected(std::move(loaded).error());
    return Entry{index_++, std::string(bytes), bytes.empty() ? hashes_[place] : leaf_hash(bytes)};
  }

  Result<std::optional<std::vector<Digest>>> tile(unsigned level, Index index, unsigned width) override {
    const auto bytes = get_(to_path({.level = level, .index = index, .width = width}));
    if (!bytes) {
      if (bytes.error().code == Code::kNotFound) return std::nullopt;
      return std::unexpected(bytes.error());
    }
    if (bytes->size() != width * sizeof(Digest)) return std::vector<Digest>();
    return to_hashes(*bytes);
  }

 private:
  Result<void> load() {
    const auto bundle = index_ / kTileWidth;
    const auto width = tile_width(size_, 0, bundle);
    const auto path = to_path({.entries = true, .index = bundle, .width = width});
    auto bytes = get_(path);
    if (!bytes)
      return fail(bytes.error().code, "entries from " + std::to_string(index_) + " on are missing: " + path +
                                          ": " + bytes.error().message);
    bytes_ = *std::move(bytes);
    auto entries = parse_bundle(bytes_, width);
    if (!entries) return std::unexpected(std::move(entries).error().in(path));
    entries_ = *std::move(entries);
    hashes_.clear();
    return {};
  }

  // Those of the bundle that is loaded, some of whose entries were removed.
  Result<void> load_hashes() {
    const auto width = static_cast<unsigned>(entries_.size());
    auto hashes = tile(0, index_ / kTileWidth, width);
    if (!hashes) return std::unexpected(std::move(hashes).error());
    if (!*hashes || (*hashes)->size() != width)
      return fail(Code::kNotFound,
                  "entry " + std::to_string(index_) + " was removed, and its hash is missing");
    hashes_ = **std::move(hashes);
    return {};
  }

  Fetch get_;
  Index size_ = 0;
  Index index_ = 0;
  std::string bytes_;
  std::vector<std::string_view> entries_;  // of bytes_
  std::vector<Digest> hashes_;             // of these entries, where one was removed
};

}  // namespace

Result<std::unique_ptr<LogSource>> open_directory(const std::string& directory) {
  const auto files = posix_files();
  const auto names = files->list(directory);
  if (!names) return std::unexpected(names.error());
  for (const auto& name : *names)
    if (name.ends_with(".seg")) return std::make_unique<DirectorySource>(directory);
  const auto is_copy = files->open(directory + "/checkpoint", FileSystem::Access::kRead).has_value();
  if (!is_copy) return fail(Code::kNotFound, directory + ": no log here, and no copy of one");
  return open_public([files, directory](const std::string& path) {
    return read_file(*files, directory + "/" + path, kMaxBundleBytes);
  });
}

std::unique_ptr<LogSource> open_public(Fetch get) {
  return std::make_unique<PublicSource>(std::move(get));
}

Result<Index> export_log(const std::string& directory, const std::string& to) {
  const auto log = LogReader::open(directory);
  if (!log) return std::unexpected(log.error());
  const auto files = posix_files();
  if (auto there = files->list(to); there && !there->empty())
    return fail(Code::kInvalid, to + ": not empty; export to a new directory");

  const auto put = [&](const std::string& path, const std::string& bytes) -> Result<void> {
    const auto name = to + "/" + path;
    std::error_code failed;
    std::filesystem::create_directories(std::filesystem::path(name).parent_path(), failed);
    if (failed) return fail(Code::kUnavailable, name + ": " + failed.message());
    const auto file = files->create(name);
    if (!file) return std::unexpected(file.error());
    return write_all(**file, bytes, 0);
  };
  const auto copy = [&](const TilePath& tile) -> Result<void> {
    const auto resource = (*log)->read(to_path(tile));
    if (!resource) return std::unexpected(resource.error());
    return put(to_path(tile), resource->bytes);
  };

  const auto size = (*log)->checkpoint().size;
  for (unsigned level = 0; level < kTileLevels; ++level)
    for (Index index = 0;; ++index) {
      const auto width = tile_width(size, level, index);
      if (width == 0) break;
      if (auto copied = copy({.level = level, .index = index, .width = width}); !copied)
        return std::unexpected(std::move(copied).error());
      if (level == 0)
        if (auto copied = copy({.entries = true, .index = index, .width = width}); !copied)
          return std::unexpected(std::move(copied).error());
    }
  if (auto written = put("vkey", (*log)->verifier_keys()); !written) return std::unexpected(written.error());
  if (auto written = put("checkpoint", (*log)->signed_checkpoint()); !written)
    return std::unexpected(written.error());
  return size;
}

}  // namespace plimsoll::ledger
