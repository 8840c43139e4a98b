// When to leave an upstream alone, and when to look whether it is back. A state machine: time is given.
#pragma once

#include <bitset>
#include <chrono>

#include "route/upstream.h"

namespace plimsoll::route {

// Closed: everything passes. Open: nothing does, until a pause is over; then one request does, as a probe
// (half-open). Its success closes, its failure opens for twice as long. A probe that is never heard of again
// is followed by another one after the same pause.
class Breaker {
 public:
  using Clock = std::chrono::steady_clock;

  explicit Breaker(BreakerOptions options);

  bool allows(Clock::time_point now) const { return state_ == State::kClosed || now >= until_; }
  bool closed() const { return state_ == State::kClosed; }
  // Until a probe is due; zero when one is.
  std::chrono::milliseconds wait(Clock::time_point now) const;

  // A request is on its way.
  void begin(Clock::time_point now);

  enum class Outcome {
    kGood,
    kStrained,  // too many requests, or this one failed: counts in the share, not in the row
    kBad,       // no answer, or one that says that there is no server
  };
  void record(Outcome outcome, Clock::time_point now);

 private:
  enum class State { kClosed, kOpen, kProbing };
  static constexpr std::size_t kMost = 64;
  void open(Clock::time_point now);
  void close();
  void remember(bool failed);

  BreakerOptions options_;
  State state_ = State::kClosed;
  Clock::time_point until_;  // open: when the probe is due; probing: when the next is
  std::chrono::milliseconds pause_;
  unsigned row_ = 0;          // failures since the last success
  std::bitset<kMost> share_;  // of the last `seen_` outcomes, which failed
  std::size_t seen_ = 0;
  std::size_t next_ = 0;
};

}  // namespace plimsoll::route
