// What rules and the trained model say, as one score.
#pragma once

#include "model/category.h"

namespace plimsoll::detect {

// The model knows wording, and counts by itself where that holds on sources it has not seen (models/MODEL_CARD.md). For
// the other categories honest questions are worded alike: there it only adds to what a rule has found. Any harm is no
// category of its own: it has no threshold at which harmless texts pass.
inline Scores combine(Scores rules, const Scores& model) {
  for (const auto c : {Category::kJailbreak, Category::kSelfHarm, Category::kToxicity})
    rules.raise(c, model[c]);
  for (const auto c : {Category::kCbrn, Category::kExploitation, Category::kDeception})
    if (rules[c] > 0) rules.raise(c, model[c]);
  return rules;
}

}  // namespace plimsoll::detect
