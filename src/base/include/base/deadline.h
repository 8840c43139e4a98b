// A time after which nobody waits for the result.
#pragma once

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

  bool passed() const { return at_ != Clock::time_point::max() && Clock::now() >= at_; }
  // Throws Passed when it has.
  void check() const {
    if (passed()) throw Passed();
  }

 private:
  Clock::time_point at_ = Clock::time_point::max();
};

}  // namespace plimsoll
