// Runs that held nothing: in long texts the same come again and again.
#pragma once

#include <array>
#include <cstddef>
#include <functional>
#include <string>
#include <string_view>

#include "text/views.h"

namespace plimsoll::detect {

// Of one text, or a part of it, whose scores are raised by all that is read. At most 16 KB of text.
class BarrenRuns {
 public:
  // Before a run is read that takes `span` bytes of the original: false when one like it held nothing, so that this one
  // need not be read.
  bool begin(text::Encoding encoding, std::string_view text, std::size_t span) {
    // What takes more may be read in parts, which depend on where it comes from.
    constexpr std::size_t kLongest = 256, kLongestSpan = 2048;
    current_ = nullptr;
    if (text.size() > kLongest || span > kLongestSpan) return true;
    auto& known = known_.at(std::hash<std::string_view>()(text) % kSlots);
    if (known.encoding == encoding && known.text == text) return !known.barren;
    known = {.encoding = encoding, .text = std::string(text), .barren = false};
    current_ = &known;
    return true;
  }
  // After it was read.
  void end(bool barren) {
    if (current_ != nullptr) current_->barren = barren;
  }

 private:
  struct Known {
    text::Encoding encoding = text::Encoding::kNone;
    std::string text;
    bool barren = false;
  };
  static constexpr std::size_t kSlots = 64;
  std::array<Known, kSlots> known_;
  Known* current_ = nullptr;
};

}  // namespace plimsoll::detect
