// What the log shows of itself: tiles, and a signed checkpoint. No threads here.
//
// In this order, whatever happens: an entry is on disk, then the tiles it fills, then a checkpoint that covers
// it (DIR/checkpoint, replaced at once). All but the entries could be made again from them, except that a
// checkpoint is a promise: a log that does not keep the one it finds is not opened.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "base/snapshot.h"
#include "ledger/checkpoint.h"
#include "ledger/keys.h"
#include "positions.h"
#include "segment.h"
#include "tile_files.h"
#include "tree.h"

namespace plimsoll::ledger {

// Immutable.
struct Published {
  Checkpoint checkpoint;
  std::string note;   // the checkpoint, signed
  std::string vkeys;  // the verifier keys in force, a line each
  Tree tree;          // of checkpoint.size entries
};

// The checkpoint in `directory`, its signature checked against `keys`. kNotFound, or kInvalid.
Result<Published> read_published(FileSystem& files, const std::string& directory, const KeyRing& keys);

// The tree of the first `size` entries, from the full tiles and the entries after them. kInvalid when an entry
// or a tile is missing.
Result<Tree> restore_tree(const std::shared_ptr<FileSystem>& files, const std::string& directory, Index size);

class Publication {
 public:
  // For a log with `size` entries on disk, which a checkpoint covers when this returns. kInvalid, with what was
  // found, when the stored checkpoint promises more entries, or others.
  static Result<Publication> open(std::shared_ptr<FileSystem> files, std::string directory, Index size,
                                  const std::string& origin);

  // Takes entries that are on disk. Those that do not follow the ones before are left out, as are all when too
  // many tiles wait to be written: publish() reads them from the segments.
  void add(const Placed& placed);

  // Writes what there is to write, and a checkpoint for the first `size` entries, which are on disk. After a
  // failure it may be called again.
  Result<void> publish(Index size);

  // Takes over keys that were changed.
  void use(KeyRing keys) { keys_ = std::move(keys); }
  const KeyRing& keys() const { return keys_; }

  std::shared_ptr<const Snapshot<Published>> published() const { return published_; }

 private:
  Publication(std::shared_ptr<FileSystem> files, std::string directory, KeyRing keys);

  Result<void> restore(const std::optional<Published>& stored, Index size);
  Result<void> read_entries(Index from, Index size);
  Result<void> write_tiles();
  void append(const Digest& leaf, Position position);

  std::shared_ptr<FileSystem> files_;
  std::string directory_;
  TileFiles tiles_;
  KeyRing keys_;
  Tree tree_;
  std::vector<FullTile> full_;  // not on disk yet
  Index first_position_ = 0;
  std::vector<Position> positions_;  // likewise
  std::shared_ptr<Snapshot<Published>> published_;
};

}  // namespace plimsoll::ledger
