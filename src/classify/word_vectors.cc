#include "word_vectors.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "exact.h"

namespace plimsoll::classify {
namespace {

constexpr std::size_t kMore = 8;   // columns beyond those that are wanted: they make the others exact
constexpr double kSharpest = 2.5;  // the largest coordinate over that which 127 stands for

// A sparse matrix, row after row.
struct Sparse {
  std::vector<std::size_t> first = {0};  // of each row; and one more
  std::vector<std::uint32_t> column;
  std::vector<float> value;
  std::size_t rows() const { return first.size() - 1; }
};

// A matrix of `width` columns, row after row.
struct Dense {
  Dense(std::size_t rows, std::size_t width) : width(width), cells(rows * width) {}
  float* row(std::size_t i) { return cells.data() + i * width; }
  const float* row(std::size_t i) const { return cells.data() + i * width; }
  std::size_t rows() const { return cells.size() / width; }

  std::size_t width;
  std::vector<float> cells;
};

struct Place {
  std::uint32_t line;
  std::uint32_t at;
};

Sparse mutual_information(std::span<const std::vector<std::uint32_t>> lines, std::size_t words,
                          std::size_t reach) {
  // Where each word stands, and how much stands near it.
  std::vector<std::vector<Place>> places(words);
  std::vector<double> near(words);
  for (std::uint32_t l = 0; l < lines.size(); ++l)
    for (std::uint32_t i = 0; i < lines[l].size(); ++i) {
      if (lines[l][i] == kNoWord) continue;
      places[lines[l][i]].push_back({l, i});
      for (std::size_t d = 1; d <= reach && i + d < lines[l].size(); ++d) {
        if (lines[l][i + d] == kNoWord) continue;
        near[lines[l][i]] += 1.0 / static_cast<double>(d);
        near[lines[l][i + d]] += 1.0 / static_cast<double>(d);
      }
    }
  std::vector<double> share(words);
  for (std::size_t w = 0; w < words; ++w) share[w] = near[w] > 0 ? power_of(near[w], 0.75) : 1;
  const double all = std::accumulate(share.begin(), share.end(), 0.0);

  Sparse m;
  std::vector<double> beside(words);
  std::vector<std::uint32_t> seen;
  for (std::size_t w = 0; w < words; ++w) {
    seen.clear();
    const auto meet = [&](std::uint32_t other, std::size_t distance) {
      if (other == kNoWord) return;
      if (beside[other] == 0) seen.push_back(other);
      beside[other] += 1.0 / static_cast<double>(distance);
    };
    for (const auto& [l, i] : places[w]) {
      const auto& line = lines[l];
      for (std::size_t d = 1; d <= reach; ++d) {
        if (d <= i) meet(line[i - d], d);
        if (i + d < line.size()) meet(line[i + d], d);
      }
    }
    std::ranges::sort(seen);
    for (const std::uint32_t other : seen) {
      const double ratio = beside[other] * all / (near[w] * share[other]);
      beside[other] = 0;
      if (ratio <= 1) continue;
      m.column.push_back(other);
      m.value.push_back(static_cast<float>(ln_of(ratio)));
    }
    m.first.push_back(m.column.size());
  }
  return m;
}

Dense times(const Sparse& m, const Dense& x) {
  Dense y(m.rows(), x.width);
  for (std::size_t i = 0; i < m.rows(); ++i) {
    float* const out = y.row(i);
    for (std::size_t k = m.first[i]; k < m.first[i + 1]; ++k) {
      const float* const in = x.row(m.column[k]);
      for (std::size_t j = 0; j < x.width; ++j) out[j] += m.value[k] * in[j];
    }
  }
  return y;
}

Dense transposed_times(const Sparse& m, const Dense& x) {
  Dense y(m.rows(), x.width);
  for (std::size_t i = 0; i < m.rows(); ++i) {
    const float* const in = x.row(i);
    for (std::size_t k = m.first[i]; k < m.first[i + 1]; ++k) {
      float* const out = y.row(m.column[k]);
      for (std::size_t j = 0; j < x.width; ++j) out[j] += m.value[k] * in[j];
    }
  }
  return y;
}

// x^T x.
std::vector<double> squares(const Dense& x) {
  std::vector<double> g(x.width * x.width);
  for (std::size_t i = 0; i < x.rows(); ++i) {
    const float* const row = x.row(i);
    for (std::size_t a = 0; a < x.width; ++a)
      for (std::size_t b = 0; b < x.width; ++b)
        g[a * x.width + b] += static_cast<double>(row[a]) * static_cast<double>(row[b]);
  }
  return g;
}

// Makes the columns orthonormal; a column that depends on those before it becomes 0.
void orthonormalize(Dense& x) {
  const std::size_t n = x.width;
  for (int pass = 0; pass < 2; ++pass) {  // twice is enough for single precision
    const auto g = squares(x);
    // x = q r with r the Cholesky factor of x^T x.
    std::vector<double> r(n * n), inverse(n * n);
    for (std::size_t a = 0; a < n; ++a) {
      double d = g[a * n + a];
      for (std::size_t k = 0; k < a; ++k) d -= r[k * n + a] * r[k * n + a];
      const bool fine = d > 1e-12 * (g[a * n + a] + 1e-30);
      r[a * n + a] = fine ? std::sqrt(d) : 0;
      for (std::size_t b = a + 1; b < n && fine; ++b) {
        double s = g[a * n + b];
        for (std::size_t k = 0; k < a; ++k) s -= r[k * n + a] * r[k * n + b];
        r[a * n + b] = s / r[a * n + a];
      }
    }
    for (std::size_t b = 0; b < n; ++b) {
      if (r[b * n + b] == 0) continue;
      inverse[b * n + b] = 1 / r[b * n + b];
      for (std::size_t a = b; a-- > 0;) {
        if (r[a * n + a] == 0) continue;
        double s = 0;
        for (std::size_t k = a + 1; k <= b; ++k) s += r[a * n + k] * inverse[k * n + b];
        inverse[a * n + b] = -s / r[a * n + a];
      }
    }
    std::vector<double> out(n);
    for (std::size_t i = 0; i < x.rows(); ++i) {
      float* const row = x.row(i);
      std::ranges::fill(out, 0.0);
      for (std::size_t a = 0; a < n; ++a)
        for (std::size_t b = a; b < n; ++b) out[b] += static_cast<double>(row[a]) * inverse[a * n + b];
      for (std::size_t b = 0; b < n; ++b) row[b] = static_cast<float>(out[b]);
    }
  }
}

// Eigenvectors of a symmetric matrix, as columns, the largest eigenvalue first (Jacobi's method).
struct Eigen {
  std::vector<double> values;
  std::vector<double> vectors;  // n x n
};
Eigen eigen(std::vector<double> a, std::size_t n) {
  std::vector<double> v(n * n);
  for (std::size_t i = 0; i < n; ++i) v[i * n + i] = 1;
  for (int sweep = 0; sweep < 30; ++sweep) {
    double off = 0, on = 0;
    for (std::size_t i = 0; i < n; ++i)
      for (std::size_t j = 0; j < n; ++j) (i == j ? on : off) += a[i * n + j] * a[i * n + j];
    if (off <= 1e-22 * on) break;
    for (std::size_t p = 0; p < n; ++p)
      for (std::size_t q = p + 1; q < n; ++q) {
        if (a[p * n + q] == 0) continue;
        const double theta = (a[q * n + q] - a[p * n + p]) / (2 * a[p * n + q]);
        const double t = (theta >= 0 ? 1 : -1) / (std::abs(theta) + std::sqrt(theta * theta + 1));
        const double c = 1 / std::sqrt(t * t + 1);
        const double s = t * c;
        const auto turn = [c, s](double& x, double& y) {
          const double old = x;
          x = c * old - s * y;
          y = s * old + c * y;
        };
        for (std::size_t k = 0; k < n; ++k) turn(a[k * n + p], a[k * n + q]);
        for (std::size_t k = 0; k < n; ++k) turn(a[p * n + k], a[q * n + k]);
        for (std::size_t k = 0; k < n; ++k) turn(v[k * n + p], v[k * n + q]);
      }
  }
  std::vector<std::size_t> order(n);
  std::iota(order.begin(), order.end(), 0U);
  std::ranges::sort(order, [&](std::size_t x, std::size_t y) {
    return a[x * n + x] != a[y * n + y] ? a[x * n + x] > a[y * n + y] : x < y;
  });
  Eigen sorted{std::vector<double>(n), std::vector<double>(n * n)};
  for (std::size_t j = 0; j < n; ++j) {
    sorted.values[j] = a[order[j] * n + order[j]];
    for (std::size_t k = 0; k < n; ++k) sorted.vectors[k * n + j] = v[k * n + order[j]];
  }
  return sorted;
}

}  // namespace

std::vector<std::int8_t> learn_vectors(std::span<const std::vector<std::uint32_t>> lines, std::size_t words,
                                       const VectorOptions& options) {
  const Sparse m = mutual_information(lines, words, options.reach);
  const std::size_t n = options.width + kMore;

  Dense q(words, n);
  Random random(options.seed);
  for (float& cell : q.cells) cell = static_cast<float>(random.uniform() + random.uniform() - 1);
  q = times(m, q);
  orthonormalize(q);
  for (unsigned round = 0; round < options.rounds; ++round) {
    Dense z = transposed_times(m, q);
    orthonormalize(z);
    q = times(m, z);
    orthonormalize(q);
  }
  const Eigen e = eigen(squares(transposed_times(m, q)), n);  // of squared singular values

  std::vector<double> count(words);
  double all = 0;
  for (const auto& line : lines)
    for (const std::uint32_t word : line)
      if (word != kNoWord) count[word] += 1, all += 1;
  Dense x(words, options.width);
  float largest = 0;
  for (std::size_t i = 0; i < words; ++i) {
    std::vector<double> out(options.width);
    for (std::size_t a = 0; a < n; ++a)
      for (std::size_t j = 0; j < options.width; ++j)
        out[j] += static_cast<double>(q.row(i)[a]) * e.vectors[a * n + j];
    double length = 0;
    for (std::size_t j = 0; j < options.width; ++j) {
      out[j] *= std::sqrt(std::sqrt(std::max(e.values[j], 0.0)));
      length += out[j] * out[j];
    }
    if (length <= 0) continue;
    const double scale = options.frequent / (options.frequent + count[i] / all) / std::sqrt(length);
    for (std::size_t j = 0; j < options.width; ++j) {
      x.row(i)[j] = static_cast<float>(out[j] * scale);
      largest = std::max(largest, std::abs(x.row(i)[j]));
    }
  }
  std::vector<std::int8_t> vectors(x.cells.size());
  const double unit = largest > 0 ? 127 * kSharpest / static_cast<double>(largest) : 0;
  for (std::size_t k = 0; k < vectors.size(); ++k)
    vectors[k] = static_cast<std::int8_t>(
        std::clamp(std::lround(static_cast<double>(x.cells[k]) * unit), -127L, 127L));
  return vectors;
}

}  // namespace plimsoll::classify
