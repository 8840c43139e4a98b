// A value that is replaced as a whole while others read it.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <utility>

namespace plimsoll {

// Holds the current one of a series of immutable values. Readers keep a copy of the pointer and look at one
// atomic counter per use, so that reading takes no lock unless the value has just been replaced.
template <class T>
class Snapshot {
 public:
  explicit Snapshot(std::shared_ptr<const T> value = nullptr) : value_(std::move(value)) {}

  // Any thread. What readers hold stays alive until they next look.
  void replace(std::shared_ptr<const T> value) {
    const std::lock_guard lock(mutex_);
    value_ = std::move(value);
    generation_.fetch_add(1, std::memory_order_release);
  }

  std::shared_ptr<const T> get() const {
    const std::lock_guard lock(mutex_);
    return value_;
  }

  // One per thread. Must not outlive the snapshot.
  class Reader {
   public:
    explicit Reader(const Snapshot& source) : source_(source) {}
    const std::shared_ptr<const T>& current() {
      const auto now = source_.generation_.load(std::memory_order_acquire);
      if (now != seen_) {
        value_ = source_.get();
        seen_ = now;
      }
      return value_;
    }

   private:
    const Snapshot& source_;
    std::shared_ptr<const T> value_;
    std::uint64_t seen_ = 0;  // generations start at 1: the first look always fetches
  };

 private:
  mutable std::mutex mutex_;
  std::shared_ptr<const T> value_;
  std::atomic<std::uint64_t> generation_{1};
};

}  // namespace plimsoll
