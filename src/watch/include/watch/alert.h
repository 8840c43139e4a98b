// Something that somebody should know of.
#pragma once

#include <functional>
#include <string>

#include "base/time.h"

namespace plimsoll::watch {

struct Alert {
  std::string id;       // the same whoever finds it: recorded once
  std::string kind;     // "drift", "rate_rise", "rate_fall", "measure", "capability_crossed",
                        // "capability_overdue"
  std::string subject;  // "score.cbrn", "block_rate.general", "safety.harmful_rate m-2", …
  std::string metric;  // what of it was measured: "script", "block_rate", "safety.harmful_rate", "biological"
  std::string severity = "warning";  // or "error", "critical"
  double value = 0, limit = 0;
  std::string text;  // for people
  Time time;         // when it was found
};

// Called once the alert is on record, on whatever thread found it; must be short and not throw.
using OnAlert = std::function<void(const Alert&)>;

}  // namespace plimsoll::watch
