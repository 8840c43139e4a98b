// Examples as the learner reads them.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "classify/train.h"

namespace plimsoll::classify {

// A text's windows, one after another in `grams` and `words`. A run of windows is a range of either.
struct Corpus {
  std::vector<std::uint32_t> keys;    // of the n-grams that take part, by id, ascending
  std::vector<std::uint32_t> counts;  // in how many examples each occurs
  std::vector<std::uint32_t> grams;   // ids, repeated as often as they occur
  std::vector<std::uint16_t> words;   // ids in the word vectors

  struct Window {
    std::size_t grams = 0;   // where it begins
    std::size_t words = 0;
    std::uint32_t keys = 0;  // how many n-grams it has, with those that do not take part
  };
  std::vector<Window> windows;         // and one more that marks the end
  std::vector<std::size_t> first;      // of each example, in `windows`; and one more
};

// `part[i]` says whether example i takes part; others have no windows.
Corpus read_corpus(std::span<const Example> examples, const std::vector<bool>& part,
                   const TrainOptions& options);

}  // namespace plimsoll::classify
