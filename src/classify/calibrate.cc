#include <algorithm>
#include <cmath>

#include "calibration.h"
#include "classify/train.h"
#include "exact.h"

namespace plimsoll::classify {
namespace {

constexpr std::size_t kLeast = 20;  // of either class, to fit a curve

struct Share {
  std::size_t positives = 0;
  std::size_t negatives = 0;
};

}  // namespace

Calibration fit_calibration(std::span<const Scored> scored, double base_rate) {
  double positives = 0;
  double negatives = 0;
  for (const auto& s : scored) (s.positive ? positives : negatives) += s.weight;
  const double total = positives + negatives;
  const double of_positive = base_rate * total / positives;
  const double of_negative = (1 - base_rate) * total / negatives;
  const auto n = static_cast<double>(std::ranges::count(scored, true, &Scored::positive));
  const double high = (n + 1) / (n + 2);
  const double low = 1 / (static_cast<double>(scored.size()) - n + 2);

  Calibration c{1, ln_of(base_rate / (1 - base_rate)), base_rate};
  const auto loss = [&](const Calibration& at) {
    double sum = 0;
    for (const auto& s : scored) {
      const double p = sigmoid(at.slope * s.logit + at.offset);
      const double t = s.positive ? high : low;
      sum -= s.weight * (s.positive ? of_positive : of_negative) * (t * ln_of(p) + (1 - t) * ln_of(1 - p));
    }
    return sum;
  };
  double current = loss(c);
  for (int round = 0; round < 100; ++round) {  // Newton's method with a backtracking step
    double gs = 0, go = 0, hss = 1e-9, hso = 0, hoo = 1e-9;
    for (const auto& s : scored) {
      const double p = sigmoid(c.slope * s.logit + c.offset);
      const double w = s.weight * (s.positive ? of_positive : of_negative);
      const double miss = w * (p - (s.positive ? high : low));
      const double curve = w * p * (1 - p);
      gs += miss * s.logit;
      go += miss;
      hss += curve * s.logit * s.logit;
      hso += curve * s.logit;
      hoo += curve;
    }
    const double det = hss * hoo - hso * hso;
    if (!(det > 0)) break;
    const double ds = (hoo * gs - hso * go) / det;
    const double d0 = (hss * go - hso * gs) / det;
    bool better = false;
    for (double part = 1; part > 1e-6 && !better; part /= 2) {
      const Calibration next{std::max(c.slope - part * ds, 1e-3), c.offset - part * d0, base_rate};
      const double after = loss(next);
      better = after < current - 1e-12 * std::abs(current);
      if (better) c = next, current = after;
    }
    if (!better) break;
  }
  return c;
}

Result<Recalibrated> recalibrate(const Model& model, std::span<const Example> examples) {
  Parameters p = model.parameters();
  std::array<std::vector<Scored>, kHeadCount> scored;
  std::array<Share, kHeadCount> share{};
  Scratch scratch;
  for (const auto& example : examples) {
    if (!example.labelled()) continue;
    const Assessment a = model.assess(example.text, scratch);
    for (std::size_t h = 0; h < kHeadCount; ++h) {
      if (example.labels[h] == Label::kUnknown) continue;
      const bool positive = example.labels[h] == Label::kPositive;
      scored[h].push_back({a.logits[h], positive, example.weight});
      ++(positive ? share[h].positives : share[h].negatives);
    }
  }
  std::vector<Category> heads;
  for (std::size_t h = 0; h < kHeadCount; ++h) {
    if (share[h].positives < kLeast || share[h].negatives < kLeast) continue;
    const auto n = static_cast<double>(share[h].positives);
    p.calibration[h] = fit_calibration(scored[h], n / (n + static_cast<double>(share[h].negatives)));
    heads.push_back(kHeads[h]);
  }
  if (heads.empty())
    return fail(Code::kInvalid, "no category has " + std::to_string(kLeast) + " positive and " +
                                    std::to_string(kLeast) + " negative examples");
  return Recalibrated{Model(std::move(p)), std::move(heads)};
}

}  // namespace plimsoll::classify
