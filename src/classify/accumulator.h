// Scores windows one after another, and keeps what the text has scored so far.
#pragma once

#include <array>
#include <bitset>
#include <cstdint>
#include <string_view>
#include <vector>

#include "classify/model.h"
#include "kernel.h"
#include "ngrams.h"
#include "parameters.h"

namespace plimsoll::classify {

class Accumulator {
 public:
  void begin();
  // The next window of the text, as windows.h cuts it.
  void add(std::string_view window, const Parameters& p, const Kernel& kernel);
  const Assessment& assessment() const { return best_; }
  std::size_t settled() const { return settled_; }

 private:
  // Sums over a window, or over all windows so far.
  struct Sums {
    std::array<std::int64_t, kLanes> rows{};
    std::int64_t keys = 0;
    std::array<std::int64_t, Parameters::kMaxWidth> vectors{};
  };

  std::size_t keep_first_of_each(std::size_t count);
  void consider(const Sums& sums, Span where, bool alone, bool enough, const Parameters& p);
  void score(const Sums& sums, const Parameters& p, PerHead& logits);

  static constexpr std::size_t kSeenBits = 1U << 16U;
  std::bitset<kSeenBits> seen_;
  WindowKeys keys_;
  std::vector<std::uint16_t> words_;
  std::array<std::int32_t, kLanes> row_sums_{};
  std::array<std::int32_t, Parameters::kMaxWidth> vector_sums_{};
  Sums window_;
  Sums text_;
  std::array<float, Parameters::kMaxHidden> hidden_{};
  Assessment best_;
  std::size_t settled_ = 0;
  std::size_t windows_ = 0;
  std::size_t text_words_ = 0;
};

}  // namespace plimsoll::classify
