// A time after which nobody waits for the result; or sooner, when somebody says so.
#pragma once

#include <atomic>
#include <chrono>
#include <exception>

namespace plimsoll {

// Long work asks between its steps; what it began is then left as it is, and the exception ends it.
class Deadline {
 public:
  using Clock = std::chrono::steady_clock;
  struct Passed final : std::exception {
    const char* what() const noexcept override { return "the deadline passed"; }
  };

  Deadline() = default;  // there is none
  explicit Deadline(Clock::time_point at) : at_(at) {}
  // This one, or once `over` is true, which must outlive the result.
  Deadline or_when(const std::atomic<bool>& over) const {
    Deadline sooner(at_);
    sooner.over_ = &over;
    return sooner;
  }

  bool passed() const {
    return (over_ != nullptr && over_->load(std::memory_order_relaxed)) ||
           (at_ != Clock::time_point::max() && Clock::now() >= at_);
  }
  // Throws Passed when it has.
  void check() const {
    if (passed()) throw Passed();
  }

 private:
  Clock::time_point at_ = Clock::time_point::max();
  const std::atomic<bool>* over_ = nullptr;
};

}  // namespace plimsoll
