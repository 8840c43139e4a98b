// Which events are in the log, or on their way there.
#pragma once

#include <cstdint>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_set>
#include <vector>

namespace plimsoll::control {

// 64-bit keys (store::event_key) in one table: 12 bytes an event or so. Thread-safe; nobody holds the lock for long.
class EventIds {
 public:
  enum class Claim : std::uint8_t {
    kNew,       // the caller's now: settle() follows
    kKnown,     // it is in the log
    kInFlight,  // somebody else is about to put it there
  };
  Claim claim(std::int64_t key);
  // Of one that was kNew.
  void settle(std::int64_t key, bool logged);
  // One that the log had before.
  void add(std::int64_t key);
  std::size_t size() const;

 private:
  bool contains(std::int64_t key) const;
  void insert(std::int64_t key);

  mutable std::mutex mutex_;
  std::vector<std::int64_t> slots_ = std::vector<std::int64_t>(1024);  // 0: free; a power of two of them
  std::size_t count_ = 0;
  std::unordered_set<std::int64_t> in_flight_;
};

}  // namespace plimsoll::control
