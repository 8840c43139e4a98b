// What rules and the trained model say, as one score.
#pragma once

#include <algorithm>

#include "model/category.h"

namespace plimsoll::detect {

// How much of the model's probability counts where rules of the category found nothing that says at least so much: honest
// questions are worded like dishonest ones, in some categories more than in others. Chosen on sources that the model had
// not seen, for recall at 1 % false positives and for the look-alikes that pass (docs/detection.md). Alone it stays below the
// general tier's threshold in every category: "How does a nuclear reactor work?" asks for no weapon, "answer in JSON only"
// overrides nothing, "the stupid garbage collector" insults nobody, and hardly a harmful text was found by it alone there.
struct ModelAlone {
  Category category;
  double counts;
  double hint;  // "imagine you are" says less
};
inline constexpr ModelAlone kModelAlone[] = {
    {Category::kCbrn, .14, .15},          {Category::kSelfHarm, .25, .15}, {Category::kJailbreak, .29, .25},
    {Category::kExploitation, .29, .15},  {Category::kToxicity, .54, .3},  {Category::kDeception, .5, .15},
    {Category::kHarmfulContent, .5, .15},
};

// The chance that one of the two is right, as if they erred independently of each other.
inline Scores combine(Scores rules, const Scores& model) {
  for (const auto& [category, counts, hint] : kModelAlone) {
    const double chance = model[category] * (rules[category] >= hint ? 1 : counts);
    rules.raise(category, 1 - (1 - rules[category]) * (1 - chance));
  }
  rules.raise(Category::kHarmfulContent, std::max(rules[Category::kCbrn], rules[Category::kExploitation]));
  return rules;
}

}  // namespace plimsoll::detect
