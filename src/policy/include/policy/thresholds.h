// Limits on measured metrics: what the merge gate and the live watch hold numbers against.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace plimsoll::policy {

// `thresholds.<group>.<metric>`. At least one of the limits is set.
struct Threshold {
  std::string name;               // "quality.pass_at_5"
  std::optional<double> minimum;  // below: a violation
  std::optional<double> maximum;  // above: a violation
  std::optional<double> warn_below;
  std::optional<double> warn_above;
  bool required = false;           // absent: a violation
  bool exclusive_minimum = false;  // `operator: ">"`: exactly at the limit is a violation, too
  bool exclusive_maximum = false;
};

enum class Standing { kPass, kWarn, kViolation };

// Exactly at a limit passes, unless the limit is exclusive. NaN violates.
Standing judge(const Threshold& threshold, double value);

}  // namespace plimsoll::policy
