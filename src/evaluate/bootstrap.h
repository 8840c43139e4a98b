// How far a figure could have been off: it is worked out again on texts drawn with replacement from the same
// ones, and the middle 95 % of the results is the interval (Efron's percentile bootstrap).
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "evaluate/metrics.h"
#include "evaluate/report.h"

namespace plimsoll::evaluate {

// SplitMix64 (Steele, Lea and Flood 2014): the same numbers on every machine.
class Random {
 public:
  explicit Random(std::uint64_t seed) : state_(seed) {}
  // One stream for each thing that is measured, so that no interval depends on what else is.
  Random(std::uint64_t seed, std::string_view category, std::string_view source);

  std::uint64_t next();
  std::size_t below(std::size_t n);  // uniform; n > 0

 private:
  std::uint64_t state_;
};

// Draws as many positives and as many negatives as there are, each from their own.
class Resampler {
 public:
  explicit Resampler(std::span<const Tie> ties);
  // Valid until the next call.
  std::span<const Tie> draw(Random& random);

 private:
  std::vector<Tie> ties_;
  std::vector<std::uint32_t> positives_, negatives_;  // the tie of each
};

// Collects one figure's values over resamples.
class Spread {
 public:
  void add(std::optional<double> value) {
    if (value) values_.push_back(*value);
  }
  // nullopt when the figure did not exist in most of the `resamples`.
  std::optional<Interval> interval(std::size_t resamples);

 private:
  std::vector<double> values_;
};

}  // namespace plimsoll::evaluate
