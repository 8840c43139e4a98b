// The decision.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "model/action.h"
#include "model/category.h"

namespace plimsoll {

// A rule (or tier threshold, or ASL trigger) that fired or failed. `id` points into the policy.
struct RuleHit {
  std::string_view id;
  Action action = Action::kAllow;
  bool shadow = false;  // evaluated and recorded, without effect
  bool failed = false;  // its condition could not be evaluated
};

struct Verdict {
  Action action = Action::kAllow;    // the strictest that fired
  Actions fired;                     // all that fired: a redaction does not cancel safe mode
  std::vector<std::string> reasons;  // of every rule that fired, in rule order; never user text
  std::vector<RuleHit> rules;        // fired, shadow and failed ones, in rule order
  Categories redact;                 // whose findings to replace when `fired` has kRedact
  int asl_level = 0;                 // 0, 3 or 4
  bool review = false;               // a person must look
  bool care = false;                 // refuse with the policy's care message and crisis resources

  bool allowed() const { return allows(action); }
};

}  // namespace plimsoll
