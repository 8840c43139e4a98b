// The statistics of the watch. Pure; formulas and where they come from stand at each.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

namespace plimsoll::watch {

// Clopper and Pearson's interval for a share, from quantiles of the beta distribution: it holds the true share in at least
// `confidence` of all cases, whatever the share is. [0, 1] where n is 0; successes <= n.
std::pair<double, double> clopper_pearson(std::uint64_t successes, std::uint64_t n, double confidence = 0.95);

// ---- Drift -----------------------------------------------------------------------------------------------------

enum class Drift : std::uint8_t { kInsufficient, kStable, kModerate, kDrifted };
std::string_view to_string(Drift drift);  // "insufficient", "stable", "moderate", "drifted"

// What a share of nothing counts as.
inline constexpr double kEpsilon = 1e-4;

// The population stability index, sum of (q - p) ln(q / p) over bins, and what it is worth.
struct Psi {
  double value = 0;
  // Its 95 % quantile where nothing has drifted: (1/N + 1/M) times that of chi-squared with bins - 1 degrees of freedom
  // (Yurdakul 2018). An index below it shows nothing.
  double noise = 0;
  std::size_t bins = 0;  // in which either has something
  std::uint64_t n_reference = 0, n_current = 0;
  Drift drift = Drift::kInsufficient;
};
// Counts by bin, of the same bins. `warn` and `block`: from where on it is moderate, and drifted. Insufficient where the
// noise alone would reach `block`, so that too few never look like drift.
Psi psi(std::span<const std::uint64_t> reference, std::span<const std::uint64_t> current, double warn,
        double block);

// ---- Rates -----------------------------------------------------------------------------------------------------

enum class Side : std::uint8_t { kRise, kFall };
std::string_view to_string(Side side);  // "rise", "fall"

// Whether a rate has left what it was, watched for as long as one likes: an e-process. Under the hypothesis that the rate
// is at most `bound` (kRise; at least, kFall) its value is a non-negative supermartingale that begins at 1, so that the
// chance of it ever reaching 1/alpha is at most alpha, however often one looks (Ville's inequality). It is the mean of
// likelihood ratios against a grid of rates beyond the bound.
class RateTest {
 public:
  // 0 < bound < 1 in kRise; in kFall, too.
  RateTest(double bound, Side side);

  // More events, and how many of them counted. In any portions.
  void add(std::uint64_t counted, std::uint64_t events);

  double log_value() const;  // natural; of the mean
  // Whether it has ever reached 1/alpha.
  bool reached(double alpha) const;
  double bound() const { return bound_; }

 private:
  static constexpr std::size_t kGrid = 12;
  double bound_;
  std::array<double, kGrid> counted_{}, rest_{};  // log ratio of an event that counts, that does not
  std::array<double, kGrid> logs_{};
  double most_ = 0;  // log_value() at its highest
};

// What a rate is held against: the end of the interval of what it was in the reference. At confidence 1 - alpha a bound on
// that side alone.
double reference_bound(std::uint64_t counted, std::uint64_t events, Side side, double alpha);

}  // namespace plimsoll::watch
