// Logistic curves through scores.
#pragma once

#include <span>

#include "parameters.h"

namespace plimsoll::classify {

struct Scored {
  double logit = 0;
  bool positive = false;
  double weight = 1;
};

// The curve of greatest likelihood (Platt 1999, with his smoothed targets), each class weighted so that
// positives make up `base_rate` of the whole. Needs both classes.
Calibration fit_calibration(std::span<const Scored> scored, double base_rate);

}  // namespace plimsoll::classify
