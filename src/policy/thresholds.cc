#include "policy/thresholds.h"

#include <cmath>

namespace plimsoll::policy {

Standing judge(const Threshold& t, double value) {
  if (std::isnan(value)) return Standing::kViolation;
  if (t.minimum && (value < *t.minimum || (t.exclusive_minimum && value == *t.minimum)))
    return Standing::kViolation;
  if (t.maximum && (value > *t.maximum || (t.exclusive_maximum && value == *t.maximum)))
    return Standing::kViolation;
  if ((t.warn_below && value < *t.warn_below) || (t.warn_above && value > *t.warn_above))
    return Standing::kWarn;
  return Standing::kPass;
}

}  // namespace plimsoll::policy
