// Threads for queries, so that nobody who serves requests waits for a database.
#pragma once

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

#include "store/store.h"

namespace plimsoll::store {

// Each thread has a connection of its own, opened when it is first needed.
class Pool {
 public:
  // Called once, on a thread of the pool (or the one that destroys it): with a connection, or with why there is none:
  // kUnavailable when the database is gone or the pool ends. Must not throw.
  using Job = std::move_only_function<void(Result<Reader*>)>;

  // `waiting`: jobs that may wait for a thread, at most. The store outlives the pool.
  Pool(Store& store, unsigned threads, std::size_t waiting);
  // Waits for queries that run; those that wait are told.
  ~Pool();
  Pool(const Pool&) = delete;
  Pool& operator=(const Pool&) = delete;

  // False: busy; the job was not taken and will not be called.
  [[nodiscard]] bool submit(Job job);

 private:
  void work();

  Store& store_;
  const std::size_t waiting_;
  std::mutex mutex_;
  std::condition_variable wake_;
  std::deque<Job> jobs_;
  std::size_t idle_ = 0;
  bool stopping_ = false;
  std::vector<std::thread> threads_;
};

}  // namespace plimsoll::store
