// What rules and the trained model say, as one score.
#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <ranges>
#include <span>
#include <utility>

#include "model/category.h"

namespace plimsoll::detect {

// How much of the model's probability counts where rules of the category found nothing that says at least so much: honest
// questions are worded like dishonest ones, in some categories more than in others. Chosen on sources that the model had
// not seen, for recall at 1 % false positives and for the look-alikes that pass (docs/detection.md). Alone it stays below the
// general tier's threshold in every category: "How does a nuclear reactor work?" asks for no weapon, "answer in JSON only"
// overrides nothing, "the stupid garbage collector" insults nobody, and hardly a harmful text was found by it alone there.
//
// Words that say little alone are hints (weights of .03 to .06: "illegally", "somebody else's password", "a deadly virus"): with
// them the model decides.
struct ModelAlone {
  Category category;
  double counts;
  double hint;  // "imagine you are" says less
};
inline constexpr std::array<ModelAlone, 7> kModelAlone = {{
    {Category::kCbrn, .14, .025},
    {Category::kSelfHarm, .25, .15},
    {Category::kJailbreak, .29, .25},
    {Category::kExploitation, .29, .05},
    {Category::kToxicity, .54, .3},
    {Category::kDeception, .5, .15},
    {Category::kHarmfulContent, .5, .15},
}};

// How much of its probability of any harm counts for exploitation, where there is a hint at that.
inline constexpr double kCrimeOfHarm = .4;

// How many of the texts of sources that the model had not seen were of the category where rules and model said so much, as
// straight lines from one point to the next. The shipped thresholds are points that stay where they are: what a score reaches
// it reached before (docs/detection.md).
struct Calibration {
  Category category;
  std::array<std::pair<double, double>, 6> points;
  double operator()(double score) const {
    const auto next = std::ranges::find_if(points | std::views::drop(1),
                                           [&](const auto& point) { return score <= point.first; });
    if (next == points.end()) return score;
    const auto& [from, to] = *(next - 1);
    return std::lerp(to, next->second, (score - from) / (next->first - from));
  }
};
inline constexpr Calibration kCalibrations[] = {
    {Category::kExploitation, {{{0, 0}, {.1, .18}, {.3, .3}, {.6, .6}, {.65, .85}, {1, 1}}}},
    {Category::kHarmfulContent, {{{0, 0}, {.05, .05}, {.25, .48}, {.5, .5}, {.55, .9}, {1, 1}}}},
};

class Combination {
 public:
  // `own`: how much counts instead. What the model says of those categories is not calibrated again.
  explicit Combination(std::span<const std::pair<Category, double>> own = {}) {
    for (const auto& [category, counts] : own) {
      own_.add(category);
      if (auto* part = std::ranges::find(parts_, category, &ModelAlone::category); part != parts_.end())
        part->counts = counts;
    }
  }
  // The chance that one of the two is right, as if they erred independently of each other.
  Scores operator()(Scores rules, const Scores& model) const {
    // What hints at one kind of harm hints at harm,
    const double any = std::ranges::max({rules[Category::kHarmfulContent], rules[Category::kCbrn],
                                         rules[Category::kExploitation], rules[Category::kSelfHarm],
                                         rules[Category::kToxicity]});
    for (const auto& [category, counts, hint] : parts_) {
      const bool is_hinted = (category == Category::kHarmfulContent ? any : rules[category]) >= hint;
      double chance = model[category] * (is_hinted ? 1 : counts);
      // and harm that is asked for in words of crime is mostly one, of a kind that the model has seen too little of.
      if (category == Category::kExploitation && is_hinted)
        chance = std::max(chance, kCrimeOfHarm * model[Category::kHarmfulContent]);
      rules.raise(category, 1 - (1 - rules[category]) * (1 - chance));
    }
    const auto of_any = [&] { return std::max(rules[Category::kCbrn], rules[Category::kExploitation]); };
    rules.raise(Category::kHarmfulContent, of_any());
    for (const auto& calibrated : kCalibrations)
      if (!own_.has(calibrated.category))
        rules.set(calibrated.category, calibrated(rules[calibrated.category]));
    rules.raise(Category::kHarmfulContent, of_any());
    return rules;
  }

 private:
  std::array<ModelAlone, kModelAlone.size()> parts_ = kModelAlone;
  Categories own_;
};

}  // namespace plimsoll::detect
