// What requests are decided by, as one: a policy and the detector that it asks for.
#pragma once

#include <memory>

#include "detect/detector.h"
#include "policy/policy.h"

namespace plimsoll::decide {

struct Governance {
  std::shared_ptr<const policy::Policy> policy;
  std::shared_ptr<const detect::Detector> detector;
};

}  // namespace plimsoll::decide
