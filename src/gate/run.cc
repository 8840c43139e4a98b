#include "gate/run.h"

#include <ostream>

#include "base/json.h"
#include "gate/check.h"
#include "policy/policy.h"
#include "policy/shipped.h"

namespace plimsoll::gate {

int run(const GateArgs& args, std::ostream& out, std::ostream& err) {
  constexpr int kPassed = 0, kViolated = 1, kBadInput = 2;
  if (args.format != "text" && args.format != "json") {
    err << "unknown format '" << args.format << "'; expected text or json\n";
    return kBadInput;
  }
  const auto policy = args.policy.empty()
                          ? policy::Policy::parse(policy::shipped_yaml(), std::string(policy::kShippedName))
                          : policy::Policy::load(args.policy);
  if (!policy) {
    for (const auto& problem : policy.error()) err << policy::to_string(problem) << "\n";
    return kBadInput;
  }
  const auto metrics = read_artifacts(args.sources);
  if (!metrics) {
    err << metrics.error().message << "\n";
    return kBadInput;
  }
  const auto report = check((*policy)->thresholds(), *metrics);
  if (!report) {
    err << report.error().message << "\n";
    return kBadInput;
  }
  out << (args.format == "json" ? plimsoll::to_json(to_detailed_json(*report)) + "\n" : to_text(*report));
  return report->status == Status::kFail ? kViolated : kPassed;
}

}  // namespace plimsoll::gate
