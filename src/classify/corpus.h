// Examples as the learner reads them.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "classify/train.h"

namespace plimsoll::classify {

// A text's windows, one after another in `grams` and `words`. A run of windows is a range of either.
struct Corpus {
  struct Window {
    std::size_t grams = 0;  // where it begins: first the n-grams that are new to the text,
    std::size_t again = 0;  // then those that it repeats
    std::size_t words = 0;
    std::uint32_t fresh = 0;  // how many n-grams are new to the text, with those that do not take part
    std::uint32_t keys = 0;   // and how many it has
  };
  std::vector<std::uint32_t> keys;       // of the n-grams, by id
  std::vector<std::uint32_t> counts;     // in how many examples each occurs; of a selection alone
  std::vector<std::uint32_t> grams;      // ids
  std::vector<std::uint32_t> words;      // numbers, in their order
  std::vector<std::uint32_t> word_keys;  // of the numbered words
  std::vector<std::int8_t> vectors;      // of a selection: words x width; empty: no words
  std::vector<Window> windows;           // and one more that marks the end
  std::vector<std::size_t> first;        // of each example, in `windows`; and one more
};

// Every example, with every n-gram.
Corpus read_corpus(std::span<const Example> examples);

// Those examples of `all` that take part, with the n-grams and the words that occur often enough among them, and
// vectors learned from them; the others have no windows. `part` has an item for each example.
Corpus select(const Corpus& all, std::span<const Example> examples, const std::vector<bool>& part,
              const TrainOptions& options);

}  // namespace plimsoll::classify
