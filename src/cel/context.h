// What one evaluation has spent and what went wrong.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>

#include "base/result.h"
#include "cel/cel.h"
#include "functions.h"
#include "values.h"

namespace plimsoll::cel {

// Functions answer with true and a value, or false with a failure noted here. `||` and `&&` may forgive a
// failure; a passed limit is never forgiven.
class Context {
 public:
  explicit Context(const Limits& limits) : bytes_(limits.max_bytes) { budget_.steps = limits.max_steps; }

  bool step(std::size_t count = 1) { return budget_.spend(count) || exhausted("too many steps"); }

  // Before building something of that size.
  bool charge(std::size_t bytes) {
    if (bytes > bytes_) return exhausted("too much memory");
    bytes_ -= bytes;
    return true;
  }

  // Before reading text of that size: long texts cost steps.
  bool read(std::size_t bytes) { return step(bytes / 4096); }

  // Before matching a pattern against text of that size.
  bool match(std::size_t bytes) { return step(bytes / 1024); }

  bool fail(std::string message) {
    if (!limit_passed_) error_ = {Code::kInvalid, std::move(message)};
    return false;
  }

  // The arguments are of kinds the function does not take.
  bool no_overload(std::string_view function, Args args);

  bool equal(const Value& a, const Value& b, bool& out) {
    out = equal_values(a, b, budget_);
    return !budget_.exhausted || exhausted("too many steps");
  }

  bool limit_passed() const { return limit_passed_; }
  Error take_error() { return std::exchange(error_, {}); }
  void put_error(Error error) { error_ = std::move(error); }

 private:
  bool exhausted(std::string_view what);

  Budget budget_;
  std::size_t bytes_;
  bool limit_passed_ = false;
  Error error_;
};

}  // namespace plimsoll::cel
