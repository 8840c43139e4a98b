#include "ledger/log_reader.h"

#include "file.h"
#include "ledger/keys.h"
#include "ledger/tiles.h"
#include "publication.h"
#include "records.h"
#include "tile_files.h"

namespace plimsoll::ledger {
namespace {

std::unexpected<Error> not_covered(Index index, Index size) {
  return fail(Code::kNotFound, "entry " + std::to_string(index) + " is not covered: the checkpoint has " +
                                   std::to_string(size) + " entries");
}

}  // namespace

LogReader::LogReader(const std::shared_ptr<FileSystem>& files, const std::string& directory,
                     std::shared_ptr<const Snapshot<Published>> published)
    : published_(std::move(published)),
      tiles_(std::make_unique<TileFiles>(files, directory)),
      records_(std::make_unique<Records>(files, directory)) {}

LogReader::~LogReader() = default;

Result<std::unique_ptr<LogReader>> LogReader::open(const std::string& directory) {
  const auto files = posix_files();
  const auto keys = KeyRing::load(*files, directory);
  if (!keys) return std::unexpected(keys.error());
  auto published = read_published(*files, directory, *keys);
  if (!published) return std::unexpected(std::move(published).error());
  auto tree = restore_tree(files, directory, published->checkpoint.size);
  if (!tree) return std::unexpected(std::move(tree).error());
  if (tree->root() != published->checkpoint.root)
    return fail(Code::kInvalid, directory +
                                    ": tiles and entries do not lead to the root of the checkpoint; see "
                                    "plimsoll ledger verify");
  published->tree = *std::move(tree);
  published->vkeys = keys->lines(std::chrono::system_clock::now());
  auto snapshot = std::make_shared<Snapshot<Published>>(std::make_shared<Published>(*std::move(published)));
  return std::unique_ptr<LogReader>(new LogReader(files, directory, std::move(snapshot)));
}

Result<LogReader::Resource> LogReader::read(std::string_view path) const {
  if (path.starts_with('/')) path.remove_prefix(1);
  if (path == "checkpoint") return Resource{signed_checkpoint(), "text/plain; charset=utf-8", false};
  const auto name = parse_tile_path(path);
  if (!name) return fail(Code::kNotFound, "not a checkpoint or a tile");
  if (name->entries) return read_entries(name->index, name->width);
  const auto hashes = tile(name->level, name->index, name->width);
  if (!hashes) return std::unexpected(hashes.error());
  return Resource{to_bytes(*hashes), "application/octet-stream", true};
}

Result<LogReader::Resource> LogReader::read_entries(Index bundle, unsigned width) const {
  const auto hashes = tile(0, bundle, width);
  if (!hashes) return std::unexpected(hashes.error());
  const auto entries = records_->read(bundle * kTileWidth, *hashes);
  if (!entries) return std::unexpected(entries.error());
  Resource resource{{}, "application/octet-stream", true};
  for (const auto& entry : *entries) {
    append_to_bundle(resource.bytes, entry.bytes);
    resource.immutable = resource.immutable && !entry.removed();
  }
  return resource;
}

Checkpoint LogReader::checkpoint() const {
  return published_->get()->checkpoint;
}

std::string LogReader::signed_checkpoint() const {
  return published_->get()->note;
}

std::string LogReader::verifier_keys() const {
  return published_->get()->vkeys;
}

Result<std::string> LogReader::proof_file(Index index) const {
  const auto now = published_->get();
  if (index >= now->checkpoint.size) return not_covered(index, now->checkpoint.size);
  auto proof = inclusion_proof(*this, index, now->checkpoint.size);
  if (!proof) return std::unexpected(std::move(proof).error());
  return to_text(ProofFile{index, *std::move(proof), now->note});
}

Result<Proof> LogReader::consistency(Index old_size, Index size) const {
  if (const auto covered = checkpoint().size; size > covered)
    return fail(Code::kInvalid, "the checkpoint has " + std::to_string(covered) + " entries");
  return consistency_proof(*this, old_size, size);
}

Result<Entry> LogReader::entry(Index index) const {
  const auto size = checkpoint().size;
  if (index >= size) return not_covered(index, size);
  const auto place = static_cast<unsigned>(index % kTileWidth);
  const auto hashes = tile(0, index / kTileWidth, place + 1);
  if (!hashes) return std::unexpected(hashes.error());
  auto entries = records_->read(index, std::span(*hashes).last(1));
  if (!entries) return std::unexpected(std::move(entries).error());
  if (entries->front().removed())
    return fail(Code::kNotFound,
                "entry " + std::to_string(index) + " was removed: its time to be kept is over");
  return std::move(entries->front());
}

Result<std::vector<Entry>> LogReader::bundle(Index first) const {
  const auto size = checkpoint().size;
  if (first >= size) return not_covered(first, size);
  const auto hashes = tile(0, first / kTileWidth, tile_width(size, 0, first / kTileWidth));
  if (!hashes) return std::unexpected(hashes.error());
  return records_->read(first, std::span(*hashes).subspan(first % kTileWidth));
}

Result<std::vector<Digest>> LogReader::tile(unsigned level, Index index, unsigned width) const {
  const auto now = published_->get();
  const auto has = tile_width(now->checkpoint.size, level, index);
  if (width == 0 || width > has) return fail(Code::kNotFound, "the checkpoint does not cover this tile");
  if (has == kTileWidth) return tiles_->tile(level, index, width);
  const auto unfinished = now->tree.unfinished(level).first(width);
  return std::vector(unfinished.begin(), unfinished.end());
}

}  // namespace plimsoll::ledger
