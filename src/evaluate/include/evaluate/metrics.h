// Figures of a classifier, from its scores and the truth.
//
// Everything here works on ties: texts of one score are one step, so that no figure depends on the order of
// texts that the classifier does not tell apart. Counts are doubles because a resample's may be anything.
// nullopt where a figure does not exist: no positives, no negatives, nothing predicted.
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <vector>

namespace plimsoll::evaluate {

struct Sample {
  double score = 0;  // in [0, 1]
  bool positive = false;
};

// All samples of one score.
struct Tie {
  double score = 0;
  double positives = 0;
  double negatives = 0;
};

// By score, highest first.
std::vector<Tie> tie(std::vector<Sample> samples);

double positives(std::span<const Tie> ties);
double negatives(std::span<const Tie> ties);

// The probability that a positive scores above a negative, a tie counting half (Mann and Whitney).
std::optional<double> auroc(std::span<const Tie> ties);

// Area under the precision-recall curve as average precision: the sum over ties of precision times the recall
// gained, without interpolation (Davis and Goadrich 2006 on why not).
std::optional<double> auprc(std::span<const Tie> ties);

// The score that at most a share `rate` of the negatives is above, and the next lower score is not: texts
// that score above it are the ones found. nullopt when even one of the negatives is more than that share.
std::optional<double> score_at_false_positive_rate(std::span<const Tie> ties, double rate);
// The share of positives that score above `score`.
std::optional<double> recall_above(std::span<const Tie> ties, double score);
// Both: the highest recall at a false-positive rate of at most `rate`.
std::optional<double> recall_at_false_positive_rate(std::span<const Tie> ties, double rate);

struct Confusion {
  double true_positives = 0;
  double false_positives = 0;
  double false_negatives = 0;
  double true_negatives = 0;
  friend bool operator==(const Confusion&, const Confusion&) = default;

  std::optional<double> precision() const;
  std::optional<double> recall() const;
  std::optional<double> false_positive_rate() const;
  // Recall counts `beta` times as much as precision (van Rijsbergen 1979). nullopt without positives; 0 when
  // none is found.
  std::optional<double> f(double beta) const;
};

// Found: what scores at least `threshold`, as a policy compares.
Confusion confusion_at(std::span<const Tie> ties, double threshold);

// Expected calibration error (Naeini et al. 2015): the mean over texts of |mean score - share of positives|
// of their bin; kCalibrationBins bins of equal width, a score on an edge belonging to the bin above it.
inline constexpr std::size_t kCalibrationBins = 15;
std::optional<double> calibration_error(std::span<const Tie> ties);

// The value that a share `q` of the values lies below, interpolated linearly between neighbours (type 7 of
// Hyndman and Fan 1996). nullopt for no values. Sorts.
std::optional<double> quantile(std::vector<double>& values, double q);

}  // namespace plimsoll::evaluate
