// Keeps a store as far as the log: reads entries, applies them in batches.
#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <string>
#include <thread>
#include <utility>

#include "ledger/log_reader.h"
#include "store/store.h"

namespace plimsoll::store {

struct ProjectorOptions {
  std::size_t max_entries = 10'000;            // of a batch
  std::size_t max_bytes = 8U << 20U;           // of its entries
  std::chrono::milliseconds interval{200};     // between looks at a log that has nothing new
  std::chrono::milliseconds retry_delay{250};  // after a failure; doubled up to
  std::chrono::milliseconds max_retry_delay{10'000};
};

// Applies one batch, or finds that there is nothing new; the position reached. The store must hold this log, or nothing
// of it: see check_identity().
Result<Position> project_once(Store& store, const ledger::LogReader& log, const Position& from,
                              const ProjectorOptions& options = {});

// That what the store holds was read from this log: the same name, the same root at the store's position. The position.
// kInvalid, telling to rebuild, where it was not, or where the store is ahead of the log.
Result<Position> check_identity(Store& store, const ledger::LogReader& log);

// Applies everything up to the log's checkpoint. `progress` is told each position, and ends it by answering false.
Result<Position> catch_up(Store& store, const ledger::LogReader& log, const ProjectorOptions& options = {},
                          const std::function<bool(const Position&)>& progress = {});

// A thread that does so for as long as it lives. It never stops for an error: it says what it is, waits, and tries again,
// longer each time.
class Projector {
 public:
  // Both outlive it.
  Projector(Store& store, const ledger::LogReader& log, ProjectorOptions options = {});
  ~Projector();
  Projector(const Projector&) = delete;
  Projector& operator=(const Projector&) = delete;

  // Entries that are in the store. Lock-free.
  ledger::Index position() const { return position_; }
  // Entries that the log's checkpoint covers and the store has not. Lock-free.
  ledger::Index lag() const;
  // How old the log was that the store has all of: 0 while it has all there is. No entry that is missing has been in
  // the log for longer; of what was there before this began, it counts from then on. Lock-free.
  std::chrono::milliseconds behind() const;
  // Whether the last attempt failed. Lock-free.
  bool failing() const { return failing_; }
  std::uint64_t failures() const { return failures_; }
  // Why the last attempt failed; empty when it did not.
  std::string last_error() const;

  // Looks at the log now.
  void wake();
  // Whether the store had come as far as `index` (entries below it) by then.
  bool wait_for(ledger::Index index, std::chrono::milliseconds most);

 private:
  void run();
  Result<bool> step();  // whether there was something new
  void note_size();     // of the log, now

  Store& store_;
  const ledger::LogReader& log_;
  const ProjectorOptions options_;
  std::atomic<ledger::Index> position_{0};
  std::atomic<std::uint64_t> failures_{0};
  std::atomic<bool> failing_{false};
  std::atomic<std::int64_t> complete_at_ms_;  // steady clock: all that was in the log then is in the store
  mutable std::mutex mutex_;                  // of what follows
  std::condition_variable changed_;
  std::string error_;
  bool stopping_ = false;
  bool woken_ = false;
  bool known_ = false;                                        // the thread's own: the identity was checked
  Position at_;                                               // the thread's own
  std::deque<std::pair<ledger::Index, std::int64_t>> sizes_;  // the thread's own: of the log, and when, ms
  std::thread thread_;
};

}  // namespace plimsoll::store
