// The thread that publishes: never the writer's, so that no entry waits for a tile or a signature.
#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include "publication.h"

namespace plimsoll::ledger {

class Publisher {
 public:
  using Append = std::function<Result<void>(std::string entry, Sink::Done done)>;

  Publisher(std::shared_ptr<FileSystem> files, std::string directory, std::chrono::milliseconds interval,
            Publication publication);
  // Publishes a last time.
  ~Publisher();

  // How many entries are on disk, and how a rotated key is logged. Once, after construction.
  void start(std::function<Index()> size, Append append);
  // Neither of them is called any more.
  void detach(Index size);

  // From the writer's thread, in order. Never blocks for long; when the thread is far behind, the entries are
  // dropped here and read from the segments.
  void hand_over(Placed placed);

  std::uint64_t failures() const { return failures_.load(std::memory_order_relaxed); }
  std::shared_ptr<const Snapshot<Published>> published() const { return published_; }

 private:
  void run();
  void publish();
  void look_at_keys();

  const std::shared_ptr<FileSystem> files_;
  const std::string directory_;
  const std::chrono::milliseconds interval_;
  Publication publication_;  // the thread's
  const std::shared_ptr<const Snapshot<Published>> published_;
  std::string seen_keys_;  // the thread's
  bool announced_ = false;
  const std::shared_ptr<std::atomic<bool>> rotation_logged_ = std::make_shared<std::atomic<bool>>(false);
  std::atomic<std::uint64_t> failures_{0};

  std::mutex mutex_;
  std::condition_variable wake_;
  std::vector<Placed> queue_;
  std::size_t queued_ = 0;  // entries
  bool behind_ = false;     // some were dropped
  bool stopping_ = false;

  std::mutex ends_mutex_;  // held while one of the two is called
  std::function<Index()> size_;
  Append append_;

  std::jthread thread_;
};

}  // namespace plimsoll::ledger
