#include "publication.h"

#include <algorithm>

#include "base/log.h"
#include "ledger/ledger.h"
#include "recovery.h"

namespace plimsoll::ledger {
namespace {

constexpr std::size_t kMaxTilesInMemory = 1024;  // 8 MiB: 262,144 entries
constexpr std::size_t kTilesAtOnce = 256;

std::string checkpoint_file(const std::string& directory) {
  return directory + "/checkpoint";
}

// Gives the entries from `from` up to `size` to `visit`, in order.
template <class Visit>
Result<void> for_each_entry(const std::shared_ptr<FileSystem>& files, const std::string& directory,
                            Index from, Index size, Visit visit) {
  if (from >= size) return {};
  auto reader = Reader::open(directory, from, files);
  if (!reader) return std::unexpected(std::move(reader).error());
  for (auto index = from; index < size; ++index) {
    const auto entry = reader->next();
    if (!entry) return std::unexpected(entry.error());
    if (!*entry)
      return fail(Code::kInvalid, "entry " + std::to_string(index) + " is missing: the log ends before it");
    if (auto visited = visit(**entry); !visited) return visited;
  }
  return {};
}

std::string entries_text(Index count) {
  return std::to_string(count) + (count == 1 ? " entry" : " entries");
}

Index whole_tiles(Index size) {
  return size & ~Index{kTileWidth - 1};
}

}  // namespace

Result<Published> read_published(FileSystem& files, const std::string& directory, const KeyRing& keys) {
  const auto path = checkpoint_file(directory);
  auto bytes = read_file(files, path, kMaxNoteBytes);
  if (!bytes) return std::unexpected(std::move(bytes).error());
  const auto invalid = [&](const std::string& what) { return fail(Code::kInvalid, path + ": " + what); };
  const auto note = parse_note(*bytes);
  if (!note) return invalid(note.error().message);
  const auto known = keys.verifiers();
  const auto signers = verify_note(*note, known);
  if (!signers) return invalid(signers.error().message);
  if (signers->empty()) return invalid("it is not signed by a key of this log");
  auto checkpoint = parse_checkpoint(note->text);
  if (!checkpoint) return invalid(checkpoint.error().message);
  if (checkpoint->origin != keys.origin())
    return invalid("it is of the log " + checkpoint->origin + ", not of " + keys.origin());
  return Published{*std::move(checkpoint), *std::move(bytes), {}, {}};
}

Result<Tree> restore_tree(const std::shared_ptr<FileSystem>& files, const std::string& directory,
                          Index size) {
  const auto from = whole_tiles(size);
  auto tree = Tree::resume(from, TileFiles(files, directory));
  if (!tree) return tree;
  std::vector<FullTile> full;
  auto read = for_each_entry(files, directory, from, size, [&](const Entry& entry) -> Result<void> {
    tree->append(entry.leaf_hash, full);
    return {};
  });
  if (!read) return std::unexpected(std::move(read).error());
  return tree;
}

Publication::Publication(std::shared_ptr<FileSystem> files, std::string directory, KeyRing keys)
    : files_(std::move(files)),
      directory_(std::move(directory)),
      tiles_(files_, directory_),
      keys_(std::move(keys)),
      published_(std::make_shared<Snapshot<Published>>()) {}

Result<Publication> Publication::open(std::shared_ptr<FileSystem> files, std::string directory, Index size,
                                      const std::string& origin) {
  auto keys = KeyRing::open(*files, directory, origin);
  if (!keys) return std::unexpected(std::move(keys).error());
  Publication publication(std::move(files), std::move(directory), *std::move(keys));

  std::optional<Published> stored;
  auto found = read_published(*publication.files_, publication.directory_, publication.keys_);
  if (!found && found.error().code != Code::kNotFound) return std::unexpected(std::move(found).error());
  if (found) stored = *std::move(found);

  if (auto restored = publication.restore(stored, size); !restored)
    return std::unexpected(std::move(restored).error());
  if (auto published = publication.publish(size); !published)
    return std::unexpected(std::move(published).error().in("publish a checkpoint"));
  return publication;
}

Result<void> Publication::restore(const std::optional<Published>& stored, Index size) {
  const auto promised = stored ? stored->checkpoint.size : 0;
  if (promised > size)
    return fail(Code::kInvalid, checkpoint_file(directory_) + " promises " + entries_text(promised) +
                                    " and the log has " + std::to_string(size) +
                                    ": entries were removed, or an older copy was put back");
  // From the tiles, if they lead to the checkpoint. If not, the entries decide, and nothing is written before
  // they have: wrong tiles are evidence of what happened.
  bool use_tiles = false;
  if (stored) {
    auto tree = restore_tree(files_, directory_, promised);
    use_tiles = tree && tree->root() == stored->checkpoint.root;
    if (!use_tiles) {
      Tree whole;
      std::vector<FullTile> ignored;
      auto read = for_each_entry(files_, directory_, 0, promised, [&](const Entry& entry) -> Result<void> {
        whole.append(entry.leaf_hash, ignored);
        ignored.clear();
        return {};
      });
      if (!read) return read;
      if (whole.root() != stored->checkpoint.root)
        return fail(Code::kInvalid, checkpoint_file(directory_) + " has another root than the first " +
                                        entries_text(promised) +
                                        " of the log: entries were altered. See plimsoll ledger verify");
      log_warn("ledger: the tiles do not lead to the checkpoint; making them again from the entries",
               {{"entries", promised}});
    }
  }

  if (use_tiles) {
    auto resumed = Tree::resume(whole_tiles(promised), tiles_);
    if (!resumed) return std::unexpected(std::move(resumed).error());
    tree_ = *std::move(resumed);
  }
  // The entries of the last batch may have been moved to a segment of their own: their positions are noted
  // again.
  const auto segments = list_segments(*files_, directory_);
  if (!segments) return std::unexpected(segments.error());
  const auto last = segments->empty() ? 0 : segments->back();
  return read_entries(std::min(tree_.size(), whole_tiles(last)), size);
}

Result<void> Publication::read_entries(Index from, Index size) {
  return for_each_entry(files_, directory_, from, size, [&](const Entry& entry) -> Result<void> {
    const Position position{entry.segment, entry.offset};
    if (entry.index >= tree_.size()) {
      append(entry.leaf_hash, position);
    } else if (entry.index % kTileWidth == 0) {
      if (positions_.empty()) first_position_ = entry.index / kTileWidth;
      positions_.push_back(position);
    }
    if (full_.size() < kTilesAtOnce) return {};
    return write_tiles();
  });
}

void Publication::append(const Digest& leaf, Position position) {
  if (tree_.size() % kTileWidth == 0) {
    if (positions_.empty()) first_position_ = tree_.size() / kTileWidth;
    positions_.push_back(position);
  }
  tree_.append(leaf, full_);
}

void Publication::add(const Placed& placed) {
  if (placed.first != tree_.size() || full_.size() > kMaxTilesInMemory) return;
  Position position{placed.segment, placed.offset};
  for (const auto& leaf : placed.leaves) {
    append(leaf.hash, position);
    position.offset += leaf.record_bytes;
  }
}

Result<void> Publication::write_tiles() {
  if (auto written = tiles_.write(full_); !written) return written;
  full_.clear();
  if (auto written = write_positions(*files_, directory_, first_position_, positions_); !written)
    return written;
  positions_.clear();
  return {};
}

Result<void> Publication::publish(Index size) {
  if (auto written = write_tiles(); !written) return written;
  if (auto read = read_entries(tree_.size(), size); !read) return read;
  if (auto written = write_tiles(); !written) return written;

  const auto now = std::chrono::system_clock::now();
  auto next = std::make_shared<Published>();
  next->checkpoint = {keys_.origin(), tree_.size(), tree_.root()};
  next->vkeys = keys_.lines(now);
  const auto text = to_text(next->checkpoint);
  next->note = to_text(Note{text, keys_.sign(text, now)});
  const auto before = published_->get();
  if (before && before->note == next->note) return {};
  if (!before || before->vkeys != next->vkeys)
    if (auto written = replace_file(*files_, directory_ + "/vkey", next->vkeys); !written) return written;
  if (auto written = replace_file(*files_, checkpoint_file(directory_), next->note); !written) return written;
  next->tree = tree_;
  published_->replace(std::move(next));
  return {};
}

}  // namespace plimsoll::ledger
