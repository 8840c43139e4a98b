// The queue in front of the journal, and the one thread behind it.
#pragma once

#include <atomic>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <span>
#include <thread>
#include <vector>

#include "journal.h"
#include "ledger/ledger.h"

namespace plimsoll::ledger {

class Ledger::Writer {
 public:
  // Called on the thread with the entries of a batch, before anybody is told that they are on disk.
  using OnDisk = std::function<void(Placed)>;

  Writer(const Options& options, Journal journal, OnDisk on_disk);
  ~Writer();

  Result<void> append(std::string entry, Done done);
  // Has the next entry begin a segment.
  void begin_segment() { begin_segment_.store(true, std::memory_order_release); }
  bool writable() const { return writable_.load(std::memory_order_acquire); }
  Index size() const { return size_.load(std::memory_order_acquire); }
  Stats stats() const;

 private:
  struct Item {
    std::string entry;
    Done done;
  };
  using Batch = std::vector<Item>;

  void run();

  // Waits for entries and swaps them into the empty `batch`. False when the writer is to stop and nothing is
  // left.
  bool take(Batch& batch);
  // Puts the entries on disk and takes them out of `batch`; after a failure, what is not on disk stays in it.
  Result<void> write(Batch& batch);
  void acknowledge(std::span<Item> items, Index first);

  // Refuses new entries until a write succeeds again; keeps those of `batch` that nobody waits for. False
  // when the writer was to stop meanwhile, and the last attempt failed as well.
  bool outlast(Batch& batch, const Error& error);
  void suspend(Batch& batch, const Error& error);
  Result<void> retry(Batch& batch);
  bool pause();  // for the retry delay; true when the writer is to stop
  void forget(std::span<const Item> items);

  const Options options_;
  const OnDisk on_disk_;
  Journal journal_;  // the thread's
  std::atomic<Index> size_;
  std::atomic<bool> begin_segment_{false};
  std::atomic<std::uint64_t> entries_{0}, bytes_{0}, batches_{0}, syncs_{0}, failures_{0};

  // Held to push and to swap, never across I/O, hashing or a callback.
  std::mutex mutex_;
  std::condition_variable wake_;
  Batch queue_;
  std::atomic<std::size_t> held_entries_{0};  // in the queue or in the thread's hands
  std::size_t held_bytes_ = 0;
  bool urgent_ = false;  // somebody waits for what is queued, or there is much of it
  bool asleep_ = false;  // the thread waits for the first entry: the only time a producer pays for waking it
  bool stopping_ = false;
  std::atomic<bool> writable_{true};  // changed under the mutex, so no entry slips in behind a suspension

  std::jthread thread_;
};

}  // namespace plimsoll::ledger
