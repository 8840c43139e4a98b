// The append-only log: the truth that everything else is rebuilt from.
//
// An entry that was acknowledged is on disk, and stays in the log, at its index, whatever happens to the
// process afterwards. The files are documented in src/ledger/format.h.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "base/hash.h"
#include "base/result.h"
#include "base/time.h"

namespace plimsoll::ledger {

class FileSystem;
class LogReader;
class Publisher;
struct Pruned;
struct Retention;

// The place of an entry in the log: dense, from 0.
using Index = std::uint64_t;

inline constexpr std::size_t kMaxEntryBytes = 65'535;

struct Options {
  // Directory the log owns. Created if missing (0700); refused if another process holds it.
  std::string directory;

  // Size of a segment file, allocated at once: what a full disk refuses is a new segment, not an entry.
  // Between kMinSegmentBytes and kMaxSegmentBytes.
  std::size_t segment_bytes = 64U << 20U;

  // How long the writer may wait for others to share its fdatasync. Entries that arrive during one share the
  // next in any case. A few microseconds help where each producer waits for its own entry before it sends
  // another.
  std::chrono::microseconds batch_delay{0};

  // How long entries that nobody waits for may gather before they are written. One that somebody waits for, or
  // a queue that is an eighth full, ends it at once.
  std::chrono::microseconds gather{10'000};

  // Entries in memory, not yet on disk; beyond either, append() refuses at once.
  std::size_t max_queued_entries = 65'536;
  std::size_t max_queued_bytes = 32U << 20U;

  // The name of the log, in its checkpoints and keys: a URL without its scheme, say. Empty: the one it has, or
  // a new one of host name and chance. It cannot be changed.
  std::string origin{};

  // How far checkpoints may stay behind the entries: 1 ms to 1 s.
  std::chrono::milliseconds checkpoint_interval{100};

  // Between attempts after a failed write.
  std::chrono::milliseconds retry_delay{200};

  // Every reason these options cannot be used, worded for the operator. Empty when usable.
  std::vector<std::string> problems() const;
};

inline constexpr std::size_t kMinSegmentBytes = 128U << 10U;
inline constexpr std::size_t kMaxSegmentBytes = 1U << 30U;

// Where entries go. append() never blocks on I/O and never waits for another request's I/O. Thread-safe.
class Sink {
 public:
  // Called once, on the writer's thread, when the entry is on disk (its index) or will never be acknowledged
  // (why). Must be short and not throw. May append().
  using Done = std::move_only_function<void(Result<Index>)>;

  virtual ~Sink() = default;

  // Queues an entry of 1 to kMaxEntryBytes bytes. With a `done` the caller waits for the disk; without, the
  // entry rides the next batch. kUnavailable when the queue is full or the log cannot write at the moment,
  // kInvalid or kTooLarge for a bad entry: then nothing was queued and `done` was not and will not be called.
  [[nodiscard]] virtual Result<void> append(std::string entry, Done done = {}) = 0;

  // Whether entries are being written now: false from the first failed write until one succeeds again.
  // Lock-free.
  virtual bool writable() const = 0;
};

// A log directory, open for writing: one writer thread, one fdatasync for all that is queued.
//
// When a write fails, entries with a `done` are told so at once (kUnavailable: never acknowledged, though a
// crash at that moment may leave them in the log); entries without one stay in memory and are written before
// any later entry when the disk works again, which the writer finds out by itself.
class Ledger final : public Sink {
 public:
  // Recovers what a crash left: every acknowledged entry is kept, a torn tail is cut and set aside in a .torn
  // file. kInvalid for unusable options, a damaged log, or one that does not keep what its checkpoint promises
  // (no entry and no checkpoint is changed then); kUnavailable when another process holds the directory or the
  // disk has no room for a segment.
  static Result<std::unique_ptr<Ledger>> open(Options options);
  // The same on other files, for tests.
  static Result<std::unique_ptr<Ledger>> open(Options options, const std::shared_ptr<FileSystem>& files);

  // Writes what is queued, then stops; entries without a `done` are lost when the disk refuses them once
  // more.
  ~Ledger() override;
  Ledger(const Ledger&) = delete;
  Ledger& operator=(const Ledger&) = delete;

  Result<void> append(std::string entry, Done done = {}) override;
  bool writable() const override;

  // Removes the entries whose time to be kept is over at `now`, after recording that it will (ledger/retention.h).
  // What a call before left undone is done first. kUnavailable when `stop` is requested: the next call goes on. Reads all of the log: for a thread that has time, one call at
  // a time. Never touches the segment that is written: begins another one where that has such entries.
  Result<Pruned> prune(const Retention& retention, Time now, const std::stop_token& stop = {});

  // Entries on disk; those below are acknowledged or about to be. Lock-free.
  Index size() const;

  // What the log shows of itself: checkpoint, tiles, proofs, entries. Lives as long as the ledger.
  const LogReader& reader() const;

  // Since open(). Lock-free, each number for itself.
  struct Stats {
    std::uint64_t entries = 0;           // written
    std::uint64_t bytes = 0;             // of these entries
    std::uint64_t batches = 0;           // they were written in
    std::uint64_t syncs = 0;             // fdatasync calls that succeeded: batches and new segments
    std::uint64_t failures = 0;          // attempts to write that failed
    std::uint64_t queued = 0;            // entries in memory now, not yet on disk
    std::uint64_t published = 0;         // entries that the checkpoint covers
    std::uint64_t publish_failures = 0;  // attempts to publish that failed, since the last that did not
    std::uint64_t tree_bytes = 0;        // in memory, of the published tree
  };
  Stats stats() const;

 private:
  class Writer;
  Ledger(std::shared_ptr<FileSystem> files, std::string directory, std::unique_ptr<Publisher> publisher,
         std::unique_ptr<LogReader> reader);
  std::shared_ptr<FileSystem> files_;
  std::string directory_;
  std::unique_ptr<Publisher> publisher_;
  std::unique_ptr<LogReader> reader_;
  std::unique_ptr<Writer> writer_;
};

struct Entry {
  Index index = 0;
  std::string bytes;   // empty: its time to be kept is over, and only the hash is left (ledger/retention.h)
  Digest leaf_hash{};  // SHA-256(0x00 || bytes), RFC 6962 section 2.1
  bool removed() const { return bytes.empty(); }

  // Where its record is: the segment's first index, and bytes from its beginning.
  Index segment = 0;
  std::uint64_t offset = 0;
};

// Reads a log directory, in order, checking length, CRC and hash of every record.
//
// A snapshot of the segments there are when it is opened, one of them in memory at a time. It takes no lock:
// beside a working Ledger it may also return entries beyond size(), which are not acknowledged yet and may be
// others after a failure.
class Reader {
 public:
  // From entry `from` on (entries before it are skipped, their records checked within its segment only).
  // kNotFound when the directory holds no log, kInvalid when a segment is missing or damaged.
  static Result<Reader> open(std::string directory, Index from = 0);
  // The same on other files, for tests.
  static Result<Reader> open(std::string directory, Index from, std::shared_ptr<FileSystem> files);

  ~Reader();
  Reader(Reader&&) noexcept;
  Reader& operator=(Reader&&) noexcept;

  // nullopt at the end, which is also where a torn tail begins; kInvalid, naming file and offset, at damage.
  Result<std::optional<Entry>> next();

 private:
  struct State;
  explicit Reader(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace plimsoll::ledger
