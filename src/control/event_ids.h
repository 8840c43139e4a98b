// Which events are in the log, or on their way there.
#pragma once

#include <cstdint>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_set>
#include <vector>

namespace plimsoll::control {

// 64-bit keys (store::event_key) in many tables that grow one by one, a little each time: 11 bytes an event or so, and nobody
// waits for all of them to be moved. Thread-safe; nobody holds the lock for long.
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
  struct Part {
    std::vector<std::int64_t> slots = std::vector<std::int64_t>(16);  // 0: free
    std::size_t count = 0;

    bool contains(std::int64_t key) const;
    void insert(std::int64_t key);
    std::size_t find(std::int64_t key) const;  // where it is, or would be
  };
  static constexpr unsigned kPartBits = 8;
  Part& part_of(std::int64_t key);

  mutable std::mutex mutex_;
  std::vector<Part> parts_ = std::vector<Part>(std::size_t{1} << kPartBits);
  std::unordered_set<std::int64_t> in_flight_;
};

}  // namespace plimsoll::control
