// What the watch sees: drift of scores and features, rates, and what was submitted; computed from the store.
#pragma once

#include <boost/json/object.hpp>
#include <map>
#include <string>
#include <vector>

#include "base/result.h"
#include "policy/policy.h"
#include "policy/watch.h"
#include "store/queries.h"
#include "watch/alert.h"
#include "watch/statistics.h"

namespace plimsoll::watch {

// A feature's distribution now against before.
struct DriftRow {
  std::string feature;            // "score.cbrn", "prompt_length", "script", "action", "tier", "surface"
  std::vector<std::string> bins;  // what each is
  std::vector<std::uint64_t> reference, current;
  Psi psi;
};

// A rate that is watched on one side.
struct RateRow {
  std::string rate;  // "block_rate", "refusal_rate", "review_rate", "harmful_rate"
  std::string tier;
  Side side = Side::kRise;
  std::uint64_t reference_counted = 0, reference_events = 0;
  std::uint64_t counted = 0, events = 0;  // since the watch on it began
  double bound = 0;                       // what it is held against: the end of the reference's interval
  double log_e = 0;                       // the e-process now, natural logarithm
  double alpha = 0;                       // its share: it alarms at 1 / (alpha / 2)
  bool alarm = false;
  Time since;  // the hour in which it alarmed
};

// A submitted number against its threshold in the policy.
struct MeasureRow {
  std::string measure, model;  // "safety.harmful_rate", "m-2"
  double value = 0;
  policy::Standing standing = policy::Standing::kPass;
  double limit = 0;
  ledger::Index index = 0;  // of the entry that it is from
  std::uint32_t log = 0;
};

struct Report {
  Time time;
  Time reference_from, current_from;  // of drift: [reference_from, current_from) against [current_from, time)
  Time began;                         // of rates: against the `reference` before it
  policy::WatchSettings settings;
  double warn = 0.1, block = 0.2;  // of the index: the policy's `drift.psi`
  std::vector<DriftRow> drift;
  std::vector<RateRow> rates;
  std::vector<MeasureRow> measures;
  std::vector<store::EvaluationRow> overdue;  // crossings that nobody has decided in time
};

// Some thirty queries. A window of rates begins at a multiple of `window` since 1970, so that everybody who looks sees the
// same, and begins anew after it: that is when a rate that has alarmed is watched again, against what it has become.
Result<Report> look(store::Reader& reader, const policy::Policy& policy, Time now);

// What of it somebody should know, each with an id that is the same within a window.
std::vector<Alert> alerts_of(const Report& report);

boost::json::object to_object(const Report& report);

// Whether an alert is on record, and what is recorded of one.
Result<bool> is_recorded(store::Reader& reader, const Alert& alert);
std::string to_entry(const Alert& alert);

}  // namespace plimsoll::watch
