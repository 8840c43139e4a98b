// Models without training, for tests and fuzzers.
#pragma once

#include <memory>

#include "model.h"
#include "random.h"
#include "tagger/tagger.h"

namespace plimsoll::tagger {

// Weights drawn at random: names everywhere and none of them sensible, which is what mechanics are tested with.
inline std::string random_model(std::uint64_t seed = 7) {
  Random random(seed);
  Model model;
  model.scale = 4.0F / 127;
  model.weights.resize(kBuckets);
  for (auto& row : model.weights) {
    row.fill(0);
    for (std::size_t y = 0; y < kLabels; ++y)
      row[y] = static_cast<std::int8_t>(static_cast<int>(random.below(61)) - 30);
  }
  for (auto& row : model.transitions)
    for (auto& w : row) w = static_cast<std::int16_t>(static_cast<int>(random.below(41)) - 20);
  return model.bytes();
}

inline const Tagger& random_tagger() {
  static const auto tagger = Tagger::create(random_model()).value();
  return *tagger;
}

}  // namespace plimsoll::tagger
