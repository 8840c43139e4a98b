// The trained numbers and their file, docs/names_format.md.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "label.h"
#include "lattice.h"
#include "word_features.h"

namespace plimsoll::tagger {

// Turns a probability of the model into one that holds: 1 / (1 + exp(-(slope * logit + offset))), after Platt.
struct Calibration {
  float slope = 1;
  float offset = 0;
  float operator()(float probability) const;
};

struct Model {
  float scale = 1;  // a weight is its int8 times this
  Transitions<std::int16_t> transitions{};
  std::vector<std::array<std::int8_t, 16>> weights;  // kBuckets rows; labels, then zeros
  std::array<Calibration, kKinds> calibration;
  std::array<std::vector<std::uint64_t>, 3> usages;  // hashes of words by Usage, less kUnknown; each sorted

  std::string bytes() const;
  static Result<Model> parse(std::string_view bytes);
};

}  // namespace plimsoll::tagger
