#include <algorithm>
#include <cmath>

#include "model.h"
#include "tagger/training.h"

namespace plimsoll::tagger {
namespace {

double overlap(const NameSpan& a, const NameSpan& b) {
  const std::size_t begin = std::max(a.begin, b.begin);
  const std::size_t end = std::min(a.end, b.end);
  if (end <= begin) return 0;
  const std::size_t all = std::max(a.end, b.end) - std::min(a.begin, b.begin);
  return static_cast<double>(end - begin) / static_cast<double>(all);
}

// Least loss of 1 / (1 + exp(-(a x + b))) over x = logit of the confidence, with a little pull towards a = 1,
// b = 0. Newton's method, whose steps are halved until they help.
void fit(std::span<const Judged> judged, Kind kind, double& a, double& b) {
  std::vector<std::pair<double, bool>> points;
  for (const Judged& j : judged) {
    if (j.kind != kind) continue;
    const double p = std::clamp(static_cast<double>(j.confidence), 1e-4, 1 - 1e-4);
    points.emplace_back(std::log(p / (1 - p)), j.right);
  }
  const auto loss = [&](double slope, double offset) {
    double sum = ((slope - 1) * (slope - 1) + offset * offset) / 2;
    for (const auto& [x, right] : points) {
      const double z = slope * x + offset;
      sum += std::log1p(std::exp(-std::abs(z))) + std::max(right ? -z : z, 0.0);
    }
    return sum;
  };
  for (int iteration = 0; iteration < 30; ++iteration) {
    double ga = a - 1, gb = b, haa = 1, hab = 0, hbb = 1;
    for (const auto& [x, right] : points) {
      const double q = 1 / (1 + std::exp(-(a * x + b)));
      const double error = q - (right ? 1 : 0);
      const double spread = q * (1 - q);
      ga += error * x;
      gb += error;
      haa += spread * x * x;
      hab += spread * x;
      hbb += spread;
    }
    const double det = haa * hbb - hab * hab;
    const double da = (hbb * ga - hab * gb) / det;
    const double db = (haa * gb - hab * ga) / det;
    double step = 1;
    while (step > 1e-4 && loss(a - step * da, b - step * db) > loss(a, b)) step /= 2;
    if (step <= 1e-4) break;
    a -= step * da;
    b -= step * db;
  }
}

double share(std::size_t part, std::size_t of) {
  return of == 0 ? 0 : static_cast<double>(part) / static_cast<double>(of);
}

}  // namespace

double Counts::precision() const {
  return share(found, predicted);
}
double Counts::recall() const {
  return share(found, expected);
}
double Counts::f(double beta) const {
  const double p = precision(), r = recall(), b = beta * beta;
  return p + r == 0 ? 0 : (1 + b) * p * r / (b * p + r);
}
Counts& Counts::operator+=(const Counts& other) {
  found += other.found;
  predicted += other.predicted;
  expected += other.expected;
  return *this;
}

void measure(std::span<const NameSpan> predicted, std::span<const NameSpan> expected, float confidence,
             Figures& figures) {
  Counts& any = figures[kKinds];
  for (const NameSpan& e : expected) {
    ++figures[static_cast<std::size_t>(e.kind)].expected;
    ++any.expected;
  }
  for (const NameSpan& p : predicted) {
    if (p.confidence < confidence) continue;
    Counts& kind = figures[static_cast<std::size_t>(p.kind)];
    ++kind.predicted;
    ++any.predicted;
    bool same = false, other = false;
    for (const NameSpan& e : expected) {
      if (overlap(p, e) <= 0.7) continue;
      (e.kind == p.kind ? same : other) = true;
    }
    kind.found += same;
    any.found += same || other;
  }
}

void judge(std::span<const NameSpan> predicted, std::span<const NameSpan> expected,
           std::vector<Judged>& out) {
  for (const NameSpan& p : predicted)
    out.push_back({.kind = p.kind,
                   .confidence = p.confidence,
                   .right = std::ranges::any_of(expected, [&](const NameSpan& e) {
                     return e.kind == p.kind && overlap(p, e) > 0.5;
                   })});
}

Result<std::string> calibrate(std::string_view bytes, std::span<const Judged> judged) {
  auto model = Model::parse(bytes);
  if (!model) return std::unexpected(std::move(model).error());
  for (std::size_t k = 0; k < kKinds; ++k) {
    double a = 1, b = 0;
    fit(judged, static_cast<Kind>(k), a, b);
    if (std::isfinite(a) && std::isfinite(b) && a > 0)
      model->calibration[k] = {.slope = static_cast<float>(a), .offset = static_cast<float>(b)};
  }
  return model->bytes();
}

}  // namespace plimsoll::tagger
