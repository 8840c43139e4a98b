// Scores windows one after another, and keeps what the text has scored so far.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>
#include <vector>

#include "classify/model.h"
#include "first_said.h"
#include "kernel.h"
#include "ngrams.h"
#include "parameters.h"
#include "repeats.h"

namespace plimsoll::classify {

// Sums over a window, or over all windows so far.
struct Sums {
  std::array<std::int64_t, kLanes> rows{};
  std::int64_t keys = 0;
  std::vector<std::int64_t> vectors;  // as wide as the model's
};

// What the work on one window takes; many texts in turns share it.
struct Workspace {
  SaidInWindow said;
  WindowKeys keys;
  std::vector<std::uint16_t> words;  // numbers of those that the model knows
  std::array<std::int32_t, kLanes> fresh{}, repeated{};
  std::array<std::int32_t, Parameters::kMaxWidth> vector_sums{};
  std::array<float, Parameters::kMaxHidden> hidden{};
  Sums window;
  Repeats repeats;
};

class Accumulator {
 public:
  void begin();
  // The next window of the text, as windows.h cuts it. One that says nothing does not count.
  void add(std::string_view window, const Parameters& p, const Kernel& kernel, Workspace& work);
  // The next window, when it is not to count. Where so much is not that it is more than half of a text, the rest is
  // judged as a window is.
  void skip(std::size_t size);
  // After the last window: the text as a whole counts.
  void end(const Parameters& p, const Kernel& kernel, Workspace& work);
  Assessment assessment(const Parameters& p) const;
  std::size_t settled() const { return settled_; }

 private:
  // What a window that counts adds, the n-grams aside.
  void extend(std::size_t words, const std::int32_t* vectors, const Parameters& p, const Kernel& kernel,
              Workspace& work);
  bool is_part() const { return skipped_ * 2 > settled_; }
  void consider(const Sums& sums, std::size_t words, bool alone, const Parameters& p, const Kernel& kernel,
                Workspace& work);

  std::uint64_t number_ = 0;  // of the text
  FirstSaid first_said_;
  Sums text_;
  PerHead best_{};         // logits
  PerHead best_enough_{};  // of what has enough words
  std::size_t settled_ = 0;
  std::size_t windows_ = 0;
  std::size_t text_words_ = 0;
  bool text_is_considered_ = false;
  std::size_t skipped_ = 0;  // bytes of windows that do not count
};

}  // namespace plimsoll::classify
