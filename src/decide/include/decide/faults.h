// Failures on request, so that what the gateway does about the real ones can be watched. For tests and drills:
// nothing here makes a decision laxer than the policy allows.
#pragma once

#include <cstdint>
#include <string_view>

#include "base/result.h"

namespace plimsoll::decide {

enum class Fault : std::uint8_t {
  kDetectorThrows,  // "detector-throws"
  kDetectorLate,    // "detector-late": misses its deadline
  kPolicyThrows,    // "policy-throws"
  kPolicyMissing,   // "policy-missing"
  kLogRefuses,      // "log-refuses"
  kLogSilent,       // "log-silent": never confirms
};

class Faults {
 public:
  bool has(Fault fault) const { return (bits_ & 1U << static_cast<unsigned>(fault)) != 0; }
  bool any() const { return bits_ != 0; }
  void add(Fault fault) { bits_ |= 1U << static_cast<unsigned>(fault); }

 private:
  std::uint32_t bits_ = 0;
};

// Names with commas between them; kInvalid lists the known ones.
Result<Faults> parse_faults(std::string_view names);

}  // namespace plimsoll::decide
