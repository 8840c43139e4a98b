// Looks for reviews that are overdue, and records each of them once: an entry `review_overdue`.
#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <mutex>
#include <string>
#include <thread>

#include "ledger/ledger.h"
#include "store/queries.h"

namespace plimsoll::control {

// A thread of its own, which waits for the store so that nobody else does. Several processes that share a store record
// an item once between them: who claims it does.
class Overdue {
 public:
  // All outlive it. `instance` is this process's. Looks at nothing before `ready`, when the store has what the log had at
  // the start: what was decided is not taken for open.
  Overdue(store::Store& store, ledger::Sink& log, const std::atomic<bool>& ready, std::string instance,
          std::chrono::milliseconds interval = std::chrono::minutes(1));
  ~Overdue();
  Overdue(const Overdue&) = delete;
  Overdue& operator=(const Overdue&) = delete;

  // Items that were overdue at the last look. Lock-free.
  std::uint64_t count() const { return count_; }

 private:
  void run();
  Result<void> look(Time now);

  store::Store& store_;
  ledger::Sink& log_;
  const std::atomic<bool>& ready_;
  const std::string instance_;
  const std::chrono::milliseconds interval_;
  std::atomic<std::uint64_t> count_{0};
  std::uint64_t looks_ = 0;  // the thread's own
  std::mutex mutex_;
  std::condition_variable stop_;
  bool stopping_ = false;
  std::thread thread_;
};

// The entry about one item.
std::string overdue_entry(const store::ReviewItem& item, Time now);

}  // namespace plimsoll::control
