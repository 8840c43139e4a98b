// How far long work is: on a terminal a line that is written over, elsewhere a line for each step.
#pragma once

#include <unistd.h>

#include <cmath>
#include <ostream>
#include <string>
#include <string_view>

namespace plimsoll::app {

class ProgressBar {
 public:
  explicit ProgressBar(std::ostream& out) : out_(out), terminal_(isatty(STDERR_FILENO) != 0) {}

  bool operator()(std::string_view step, double done) {
    if (terminal_) {
      constexpr int kWidth = 30;
      const int full = static_cast<int>(std::lround(done * kWidth));
      out_ << "\r\x1B[K[" << std::string(static_cast<std::size_t>(full), '#')
           << std::string(static_cast<std::size_t>(kWidth - full), '.') << "] " << std::lround(done * 100)
           << " % " << step << std::flush;
    } else if (step != step_) {
      out_ << step << '\n' << std::flush;
    }
    step_ = step;
    return true;
  }
  void end() {
    if (terminal_) out_ << "\r\x1B[K" << std::flush;
  }

 private:
  std::ostream& out_;
  bool terminal_;
  std::string step_;
};

}  // namespace plimsoll::app
