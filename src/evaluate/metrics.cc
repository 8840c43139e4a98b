#include "evaluate/metrics.h"

#include <algorithm>
#include <array>
#include <cmath>

namespace plimsoll::evaluate {
namespace {

std::optional<double> ratio(double part, double whole) {
  return whole > 0 ? std::optional(part / whole) : std::nullopt;
}

}  // namespace

std::vector<Tie> tie(std::vector<Sample> samples) {
  std::ranges::sort(samples, std::greater{}, &Sample::score);
  std::vector<Tie> ties;
  for (const auto& sample : samples) {
    if (ties.empty() || ties.back().score != sample.score) ties.push_back({.score = sample.score});
    (sample.positive ? ties.back().positives : ties.back().negatives) += 1;
  }
  return ties;
}

double positives(std::span<const Tie> ties) {
  double sum = 0;
  for (const auto& t : ties) sum += t.positives;
  return sum;
}

double negatives(std::span<const Tie> ties) {
  double sum = 0;
  for (const auto& t : ties) sum += t.negatives;
  return sum;
}

std::optional<double> auroc(std::span<const Tie> ties) {
  double above = 0, won = 0, all_negatives = 0;
  for (const auto& t : ties) {
    won += t.negatives * (above + t.positives / 2);
    above += t.positives;
    all_negatives += t.negatives;
  }
  return ratio(won, above * all_negatives);
}

std::optional<double> auprc(std::span<const Tie> ties) {
  double found = 0, taken = 0, sum = 0;
  for (const auto& t : ties) {
    found += t.positives;
    taken += t.positives + t.negatives;
    if (t.positives > 0) sum += t.positives * found / taken;
  }
  return taken > found ? ratio(sum, found) : std::nullopt;
}

std::optional<double> score_at_false_positive_rate(std::span<const Tie> ties, double rate) {
  // The small addition makes a tenth of ten one, whatever the rounding.
  const double allowed = std::floor(rate * negatives(ties) + 1e-9);
  if (allowed < 1) return std::nullopt;
  double above = 0;
  for (const auto& t : ties) {
    above += t.negatives;
    if (above > allowed) return t.score;
  }
  return -1;  // all of them may be above
}

std::optional<double> recall_above(std::span<const Tie> ties, double score) {
  double found = 0, all = 0;
  for (const auto& t : ties) {
    if (t.score > score) found += t.positives;
    all += t.positives;
  }
  return ratio(found, all);
}

std::optional<double> recall_at_false_positive_rate(std::span<const Tie> ties, double rate) {
  const auto score = score_at_false_positive_rate(ties, rate);
  return score ? recall_above(ties, *score) : std::nullopt;
}

std::optional<double> Confusion::precision() const {
  return ratio(true_positives, true_positives + false_positives);
}
std::optional<double> Confusion::recall() const {
  return ratio(true_positives, true_positives + false_negatives);
}
std::optional<double> Confusion::false_positive_rate() const {
  return ratio(false_positives, false_positives + true_negatives);
}
std::optional<double> Confusion::f(double beta) const {
  if (true_positives + false_negatives <= 0) return std::nullopt;
  const double b = beta * beta;
  return (1 + b) * true_positives / ((1 + b) * true_positives + b * false_negatives + false_positives);
}

Confusion confusion_at(std::span<const Tie> ties, double threshold) {
  Confusion c;
  for (const auto& t : ties) {
    const bool found = t.score >= threshold;
    (found ? c.true_positives : c.false_negatives) += t.positives;
    (found ? c.false_positives : c.true_negatives) += t.negatives;
  }
  return c;
}

std::optional<double> calibration_error(std::span<const Tie> ties) {
  struct Bin {
    double score = 0, positives = 0;
  };
  std::array<Bin, kCalibrationBins> bins{};
  double all = 0;
  for (const auto& t : ties) {
    const auto at = static_cast<std::size_t>(std::clamp(t.score, 0.0, 1.0) * kCalibrationBins);
    auto& bin = bins[std::min(at, kCalibrationBins - 1)];
    const double n = t.positives + t.negatives;
    bin.score += t.score * n;
    bin.positives += t.positives;
    all += n;
  }
  double off = 0;
  for (const auto& bin : bins) off += std::abs(bin.score - bin.positives);
  return ratio(off, all);
}

std::optional<double> quantile(std::vector<double>& values, double q) {
  if (values.empty()) return std::nullopt;
  std::ranges::sort(values);
  const double at = q * static_cast<double>(values.size() - 1);
  const auto below = static_cast<std::size_t>(at);
  const auto above = std::min(below + 1, values.size() - 1);
  return values[below] + (at - static_cast<double>(below)) * (values[above] - values[below]);
}

}  // namespace plimsoll::evaluate
