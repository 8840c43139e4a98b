#include "lattice.h"

#include <algorithm>
#include <cmath>

namespace plimsoll::tagger {

std::span<const Label> Decoder::decode(std::span<const Scores> scores,
                                       const Transitions<std::int16_t>& transitions) {
  constexpr int kNever = -1'000'000;
  const std::size_t n = scores.size();
  back_.resize(n);
  labels_.resize(n);
  std::array<int, kLabels> best{};
  std::array<int, kLabels> next{};
  for (std::size_t y = 0; y < kLabels; ++y) {
    const auto label = static_cast<Label>(y);
    best[y] = legal(kOutside, label) ? scores[0][y] + transitions[kOutside][y] : kNever;
  }
  for (std::size_t t = 1; t < n; ++t) {
    for (std::size_t y = 0; y < kLabels; ++y) {
      const auto label = static_cast<Label>(y);
      int top = kNever;
      Label from = kOutside;
      if (label == kOutside || begins(label)) {
        for (std::size_t x = 0; x < kLabels; ++x) {
          const int sum = best[x] + transitions[x][y];
          if (sum > top) {
            top = sum;
            from = static_cast<Label>(x);
          }
        }
      } else {
        const std::size_t b = y - 1;
        const int started = best[b] + transitions[b][y];
        const int went_on = best[y] + transitions[y][y];
        top = std::max(started, went_on);
        from = static_cast<Label>(started >= went_on ? b : y);
      }
      next[y] = std::max(top + scores[t][y], kNever);
      back_[t][y] = from;
    }
    best = next;
  }
  auto label = static_cast<Label>(std::ranges::max_element(best) - best.begin());
  for (std::size_t t = n; t-- > 0;) {
    labels_[t] = label;
    label = back_[t][label];
  }
  return labels_;
}

Transitions<float> Lattice::steps_of(const Transitions<float>& transitions) {
  Transitions<float> steps{};
  for (std::size_t x = 0; x < kLabels; ++x)
    for (std::size_t y = 0; y < kLabels; ++y)
      if (legal(static_cast<Label>(x), static_cast<Label>(y))) steps[x][y] = std::exp(transitions[x][y]);
  return steps;
}

bool Lattice::sum(std::span<const Row> unary, const Transitions<float>& steps,
                  std::span<const std::uint16_t> allowed) {
  const std::size_t n = unary.size();
  steps_ = &steps;
  emitted_.resize(n);
  forward_.resize(n);
  backward_.resize(n);
  scale_.resize(n);
  log_sum_ = 0;
  for (std::size_t t = 0; t < n; ++t) {
    const float top = *std::ranges::max_element(unary[t]);
    log_sum_ += top;
    const std::uint16_t set = allowed.empty() ? kAll : allowed[t];
    for (std::size_t y = 0; y < kLabels; ++y)
      emitted_[t][y] = (set >> y & 1U) != 0 ? std::exp(unary[t][y] - top) : 0.0F;
  }
  for (std::size_t t = 0; t < n; ++t) {
    Row& row = forward_[t];
    float total = 0;
    for (std::size_t y = 0; y < kLabels; ++y) {
      float in = (*steps_)[kOutside][y];
      if (t > 0) {
        in = 0;
        for (std::size_t x = 0; x < kLabels; ++x) in += forward_[t - 1][x] * (*steps_)[x][y];
      }
      row[y] = in * emitted_[t][y];
      total += row[y];
    }
    if (!(total > 1e-30F)) return false;
    for (float& v : row) v /= total;
    scale_[t] = total;
    log_sum_ += std::log(total);
  }
  backward_[n - 1].fill(1);
  for (std::size_t t = n - 1; t-- > 0;) {
    for (std::size_t x = 0; x < kLabels; ++x) {
      float out = 0;
      for (std::size_t y = 0; y < kLabels; ++y)
        out += (*steps_)[x][y] * emitted_[t + 1][y] * backward_[t + 1][y];
      backward_[t][x] = out / scale_[t + 1];
    }
  }
  return true;
}

float Lattice::probability(std::size_t begin, std::size_t end, Kind kind) const {
  const Label inside = inside_of(kind);
  Label label = begin_of(kind);
  float p = forward_[begin][label];
  for (std::size_t t = begin + 1; t < end; ++t) {
    p *= (*steps_)[label][inside] * emitted_[t][inside] / scale_[t];
    label = inside;
  }
  if (end == emitted_.size()) return p;
  float rest = 0;
  for (std::size_t y = 0; y < kLabels; ++y)
    if (y != inside) rest += (*steps_)[label][y] * emitted_[end][y] * backward_[end][y];
  return p * rest / scale_[end];
}

}  // namespace plimsoll::tagger
