// What rules and the trained model say, as one score.
#pragma once

#include <algorithm>
#include <utility>

#include "model/category.h"

namespace plimsoll::detect {

// How much of the model's probability counts where rules of the category found nothing that says more than kHint: honest
// questions are worded like dishonest ones, in some categories more than in others. Chosen on sources that the model had
// not seen, for recall at 1 % false positives and for the look-alikes that pass (docs/detection.md). Alone, toxicity stays
// below the general tier's threshold ("the garbage collector is stupid" insults nobody), and any harm below every threshold.
inline constexpr std::pair<Category, double> kModelAlone[] = {
    {Category::kCbrn, .5},           {Category::kSelfHarm, .5}, {Category::kJailbreak, .36},
    {Category::kExploitation, .44},  {Category::kToxicity, .5}, {Category::kDeception, .5},
    {Category::kHarmfulContent, .5},
};
inline constexpr double kHint = .15;  // "imagine you are" says less

// The chance that one of the two is right, as if they erred independently of each other.
inline Scores combine(Scores rules, const Scores& model) {
  for (const auto& [category, alone] : kModelAlone) {
    const double chance = model[category] * (rules[category] >= kHint ? 1 : alone);
    rules.raise(category, 1 - (1 - rules[category]) * (1 - chance));
  }
  rules.raise(Category::kHarmfulContent, std::max(rules[Category::kCbrn], rules[Category::kExploitation]));
  return rules;
}

}  // namespace plimsoll::detect
