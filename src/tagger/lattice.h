// Inference over a run of words: the best labels, and how probable they are.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "label.h"

namespace plimsoll::tagger {

// Sums of int8 weights, padded to a vector register.
using Scores = std::array<std::int16_t, 16>;

// The labels whose scores and transitions add up highest (Viterbi); a run begins after "outside". Ties go to
// the lower label.
class Decoder {
 public:
  std::span<const Label> decode(std::span<const Scores> scores, const Transitions<std::int16_t>& transitions);

 private:
  std::vector<std::array<Label, 16>> back_;
  std::vector<Label> labels_;
};

// Sums over all legal labellings (forward-backward), each weighted by exp of its score. `allowed` narrows each
// word's labels to a set of bits.
class Lattice {
 public:
  using Row = std::array<float, kLabels>;
  static constexpr std::uint16_t kAll = (1U << kLabels) - 1;

  // exp of the transitions; 0 for those that are not legal.
  static Transitions<float> steps_of(const Transitions<float>& transitions);

  // `steps` as steps_of() gives them; kept by reference until the next sum. `allowed` is empty (all) or one entry a word. False when nothing is left.
  bool sum(std::span<const Row> unary, const Transitions<float>& steps,
           std::span<const std::uint16_t> allowed);

  double log_sum() const { return log_sum_; }
  float probability(std::size_t word, Label label) const {
    return forward_[word][label] * backward_[word][label];
  }
  // That word - 1 has `before` and `word` has `label`; word > 0.
  float probability(std::size_t word, Label before, Label label) const {
    return forward_[word - 1][before] * (*steps_)[before][label] * emitted_[word][label] *
           backward_[word][label] / scale_[word];
  }
  // That words [begin, end) are one name of this kind, no longer and no shorter.
  float probability(std::size_t begin, std::size_t end, Kind kind) const;

 private:
  const Transitions<float>* steps_ = nullptr;
  std::vector<Row> emitted_, forward_, backward_;
  std::vector<float> scale_;
  double log_sum_ = 0;
};

}  // namespace plimsoll::tagger
