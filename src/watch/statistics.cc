#include "watch/statistics.h"

#include <algorithm>
#include <boost/math/distributions/beta.hpp>
#include <boost/math/distributions/chi_squared.hpp>
#include <cmath>
#include <limits>
#include <numbers>

namespace plimsoll::watch {
namespace {

constexpr std::array<std::string_view, 4> kDrifts = {"insufficient", "stable", "moderate", "drifted"};

double beta_quantile(double a, double b, double p) {
  return boost::math::quantile(boost::math::beta_distribution<double>(a, b), p);
}

double lower_bound(std::uint64_t counted, std::uint64_t n, double alpha) {
  if (counted == 0) return 0;
  return beta_quantile(static_cast<double>(counted), static_cast<double>(n - counted) + 1, alpha);
}

double upper_bound(std::uint64_t counted, std::uint64_t n, double alpha) {
  if (counted >= n) return 1;
  return beta_quantile(static_cast<double>(counted) + 1, static_cast<double>(n - counted), 1 - alpha);
}

// log(sum of exp(x) / n), without overflow.
double log_mean_exp(std::span<const double> logs) {
  const double most = *std::ranges::max_element(logs);
  if (!std::isfinite(most)) return most;
  double sum = 0;
  for (const double x : logs) sum += std::exp(x - most);
  return most + std::log(sum / static_cast<double>(logs.size()));
}

}  // namespace

std::pair<double, double> clopper_pearson(std::uint64_t successes, std::uint64_t n, double confidence) {
  if (n == 0) return {0, 1};
  const double alpha = (1 - confidence) / 2;
  return {lower_bound(successes, n, alpha), upper_bound(successes, n, alpha)};
}

std::string_view to_string(Drift drift) {
  return kDrifts.at(static_cast<std::size_t>(drift));
}

Psi psi(std::span<const std::uint64_t> reference, std::span<const std::uint64_t> current, double warn,
        double block) {
  Psi out;
  for (const auto n : reference) out.n_reference += n;
  for (const auto n : current) out.n_current += n;
  if (out.n_reference == 0 || out.n_current == 0) return out;
  const auto share = [](std::uint64_t n, std::uint64_t all) {
    return std::max(static_cast<double>(n) / static_cast<double>(all), kEpsilon);
  };
  for (std::size_t i = 0; i < std::min(reference.size(), current.size()); ++i) {
    if (reference[i] == 0 && current[i] == 0) continue;
    ++out.bins;
    const double p = share(reference[i], out.n_reference), q = share(current[i], out.n_current);
    out.value += (q - p) * std::log(q / p);
  }
  const double both = 1 / static_cast<double>(out.n_reference) + 1 / static_cast<double>(out.n_current);
  // With one bin nothing can drift; that there is only one is a finding, and certain enough with few.
  const auto freedom = static_cast<double>(std::max<std::size_t>(out.bins, 2) - 1);
  out.noise = both * boost::math::quantile(boost::math::chi_squared_distribution<double>(freedom), 0.95);
  out.drift = out.noise >= block                        ? Drift::kInsufficient
              : out.value >= std::max(block, out.noise) ? Drift::kDrifted
              : out.value >= std::max(warn, out.noise)  ? Drift::kModerate
                                                        : Drift::kStable;
  return out;
}

std::string_view to_string(Side side) {
  return side == Side::kRise ? "rise" : "fall";
}

// Rates beyond the bound, nearer ones closer together: b + (1 - b) 2^-i for a rise, b (1 - 2^-i) … for a fall.
RateTest::RateTest(double bound, Side side) : bound_(std::clamp(bound, 1e-9, 1 - 1e-9)) {
  for (std::size_t i = 0; i < kGrid; ++i) {
    // Odds beyond the bound's by these factors.
    const double factor = std::exp(std::numbers::ln2 * (static_cast<double>(i) + 1) / 2);
    const double odds = bound_ / (1 - bound_) * (side == Side::kRise ? factor : 1 / factor);
    const double rate = odds / (1 + odds);
    counted_.at(i) = std::log(rate / bound_);
    rest_.at(i) = std::log((1 - rate) / (1 - bound_));
  }
}

void RateTest::add(std::uint64_t counted, std::uint64_t events) {
  const auto yes = static_cast<double>(counted), no = static_cast<double>(events - counted);
  for (std::size_t i = 0; i < kGrid; ++i) logs_.at(i) += yes * counted_.at(i) + no * rest_.at(i);
  most_ = std::max(most_, log_value());
}

double RateTest::log_value() const {
  return log_mean_exp(logs_);
}

bool RateTest::reached(double alpha) const {
  return most_ >= -std::log(alpha);
}

double reference_bound(std::uint64_t counted, std::uint64_t events, Side side, double alpha) {
  if (events == 0) return side == Side::kRise ? 1 : 0;
  return side == Side::kRise ? upper_bound(counted, events, alpha) : lower_bound(counted, events, alpha);
}

}  // namespace plimsoll::watch
