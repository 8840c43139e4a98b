// What a log shows of itself to whoever verifies it: the read side of C2SP tlog-tiles, and proofs.
//
// All of it is covered by a checkpoint: an entry that is acknowledged is here at most the checkpoint interval
// later. Thread-safe; reads files, never waits for the writer.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/snapshot.h"
#include "ledger/checkpoint.h"
#include "ledger/proof.h"

namespace plimsoll::ledger {

struct Published;
class Records;
class TileFiles;

class LogReader final : public TileSource {
 public:
  // The log in `directory` as its stored checkpoint has it, beside a process that may be writing or without
  // one. kNotFound when there is no log or no checkpoint, kInvalid when the checkpoint is not kept.
  static Result<std::unique_ptr<LogReader>> open(const std::string& directory);
  ~LogReader() override;

  struct Resource {
    std::string bytes;
    std::string_view content_type;
    bool immutable = false;  // the same for ever: may be cached so
  };
  // "checkpoint", "tile/<L>/<N>[.p/<W>]", "tile/entries/<N>[.p/<W>]", with or without a slash in front. A
  // partial tile may be asked for as long as the log has that many hashes in it, and later. kNotFound for all
  // other paths and for what the checkpoint does not cover.
  Result<Resource> read(std::string_view path) const;

  Checkpoint checkpoint() const;
  std::string signed_checkpoint() const;
  std::string verifier_keys() const;  // a line each, the newest key first

  // A .tlog-proof for an entry; kNotFound when the checkpoint does not cover it (yet).
  Result<std::string> proof_file(Index index) const;
  // Against any checkpoint up to the current one. kInvalid unless old_size <= size <= checkpoint().size.
  Result<Proof> consistency(Index old_size, Index size) const;
  // kNotFound when the checkpoint does not cover it (yet), or it was removed.
  Result<Entry> entry(Index index) const;
  // From `first` to the end of its bundle of 256, at most; those that were removed among them, without bytes.
  Result<std::vector<Entry>> bundle(Index first) const;

  Result<std::vector<Digest>> tile(unsigned level, Index index, unsigned width) const override;

 private:
  friend class Ledger;
  LogReader(const std::shared_ptr<FileSystem>& files, const std::string& directory,
            std::shared_ptr<const Snapshot<Published>> published);

  Result<Resource> read_entries(Index bundle, unsigned width) const;

  std::shared_ptr<const Snapshot<Published>> published_;
  std::unique_ptr<TileFiles> tiles_;
  std::unique_ptr<Records> records_;
};

}  // namespace plimsoll::ledger
