// Arithmetic that gives the same bits on every processor.
#pragma once

#include <cstdint>
#include <utility>
#include <vector>

namespace plimsoll::classify {

// exp(x) for |x| <= 700, from + and * alone.
inline double exp_of(double x) {
  constexpr double kLog2 = 0.693147180559945309417;
  const double scaled = x / kLog2;
  const auto k = static_cast<std::int64_t>(scaled + (scaled < 0 ? -0.5 : 0.5));
  const double r = x - static_cast<double>(k) * kLog2;
  double sum = 1;
  for (int i = 12; i > 0; --i) sum = 1 + sum * r / i;
  double power = 1;
  for (std::int64_t i = 0; i < (k < 0 ? -k : k); ++i) power *= k < 0 ? 0.5 : 2;
  return sum * power;
}

// ln(x) for x > 0 of ordinary size.
inline double ln_of(double x) {
  double log = 0;
  for (; x > 1.5; x *= 0.5) log += 0.693147180559945309417;
  for (; x < 0.75; x *= 2) log -= 0.693147180559945309417;
  const double t = (x - 1) / (x + 1);
  double sum = 0;
  for (int i = 41; i > 0; i -= 2) sum = sum * t * t + 1.0 / i;
  return log + 2 * t * sum;
}
inline double power_of(double x, double y) {
  return exp_of(y * ln_of(x));
}

inline double sigmoid(double x) {
  const double z = x < -30 ? -30 : x > 30 ? 30 : x;
  return 1 / (1 + exp_of(-z));
}

// SplitMix64 (Steele, Lea, Flood 2014).
class Random {
 public:
  explicit Random(std::uint64_t seed) : state_(seed) {}
  std::uint64_t next() {
    std::uint64_t z = state_ += 0x9E3779B97F4A7C15U;
    z = (z ^ (z >> 30U)) * 0xBF58476D1CE4E5B9U;
    z = (z ^ (z >> 27U)) * 0x94D049BB133111EBU;
    return z ^ (z >> 31U);
  }
  std::uint64_t below(std::uint64_t n) { return next() % n; }
  double uniform() { return static_cast<double>(next() >> 11U) * 0x1p-53; }  // [0, 1)
  template <class T>
  void shuffle(std::vector<T>& v) {
    for (std::size_t i = v.size(); i > 1; --i) std::swap(v[i - 1], v[below(i)]);
  }

 private:
  std::uint64_t state_;
};

}  // namespace plimsoll::classify
