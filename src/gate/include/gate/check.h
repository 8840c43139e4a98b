// The merge gate: measured metrics against the policy's thresholds.
#pragma once

#include <boost/json/value.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "policy/thresholds.h"

namespace plimsoll::gate {

enum class Status { kPass, kWarn, kFail };
std::string_view to_string(Status status);  // "pass", "warn", "fail"

// The limit that decided, or for a pass the one that was kept.
enum class Limit { kNone, kMissing, kMinimum, kMaximum, kWarnBelow, kWarnAbove };
std::string_view to_string(Limit limit);  // "none", "missing", "min", "max", "warn_below", "warn_above"

// One threshold of the policy and the number it was held against.
struct Row {
  std::string name;             // "fairness.subgroup_delta"
  std::optional<double> value;  // nullopt: not submitted
  policy::Standing standing = policy::Standing::kPass;
  Limit limit = Limit::kNone;
  std::optional<double> bound;  // the limit's number
  bool exclusive = false;       // the bound itself is already beyond
};

struct Report {
  Status status = Status::kPass;
  std::vector<std::string> violations;  // names, in the policy's order
  std::vector<std::string> warnings;
  std::vector<Row> rows;              // every threshold that was required or submitted, in the policy's order
  std::vector<std::string> unjudged;  // metrics that no threshold speaks of
};

// `metrics` is {"quality": {"pass_at_5": 0.84}, …}; literal dotted names ("quality.pass_at_5") are read, too.
// A required metric that is missing is a violation, never a pass. kInvalid, with the metric's name, for
// anything that is not a finite number where one belongs.
Result<Report> check(const std::vector<policy::Threshold>& thresholds, const boost::json::value& metrics);

// Adds the card's fields that the policy requires and no evidence fills, as violations "card.<field>".
void require_card(Report& report, const std::vector<std::string>& missing);

// The answer of POST /ci/check: {"status": …, "violations": […]}.
boost::json::value to_json(const Report& report);

// The same with warnings, unjudged metrics and every row: for --format json and for evidence.
boost::json::value to_detailed_json(const Report& report);

// What a person reads in a terminal or a build log. Ends in a newline.
//
//   ❌ Governance Gate FAILED
//   - fairness.subgroup_delta 0.08 > max 0.05
//   Fix required before merge
std::string to_text(const Report& report);

// "fairness.subgroup_delta 0.08 > max 0.05"
std::string to_text(const Row& row);

}  // namespace plimsoll::gate
