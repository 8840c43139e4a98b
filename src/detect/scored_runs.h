// What the model made of short texts that were hidden in another: in long ones the same comes again and again.
#pragma once

#include <array>
#include <functional>
#include <string>
#include <string_view>

#include "model/category.h"

namespace plimsoll::detect {

// Of one model. One thread at a time; at most 64 KB of text.
class ScoredRuns {
 public:
  // The scores of `text`, which `score(text)` gives when they are not known.
  template <class F>
  Scores of(std::string_view text, F score) {
    constexpr std::size_t kLongest = 1024;
    if (text.size() > kLongest) return score(text);
    auto& known = known_[std::hash<std::string_view>()(text) % kSlots];
    if (!known.filled || known.text != text) {
      known.scores = score(text);
      known.text = text;
      known.filled = true;
    }
    return known.scores;
  }

 private:
  struct Known {
    bool filled = false;
    std::string text;
    Scores scores;
  };
  static constexpr std::size_t kSlots = 64;
  std::array<Known, kSlots> known_;
};

}  // namespace plimsoll::detect
