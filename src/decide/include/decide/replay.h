// What recorded decisions would have been under another policy, from the facts that their entries hold
// (docs/log_format.md): nothing is inspected again, and no text is needed.
//
// Under the policy that decided, the verdict is the recorded one, but for what no entry can hold: see why_not().
#pragma once

#include <boost/json/object.hpp>
#include <boost/json/value.hpp>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"
#include "base/time.h"
#include "model/verdict.h"
#include "policy/policy.h"

namespace plimsoll::decide {

// Why an entry cannot be replayed; empty where it can.
//   no decision could be made (a fault, a late guard), and no policy changes that
//   it has more findings than are listed, earlier messages were withheld for what is not told apart, or some of it was
//   not inspected
//   a rule of the candidate's could not be evaluated without what is not recorded
struct Replayed {
  std::string_view why_not;
  Action was = Action::kAllow, would_be = Action::kAllow;
  bool review_was = false, review_would_be = false;
  int asl_was = 0, asl_would_be = 0;
  std::vector<std::string> reasons;  // of the candidate's
  std::vector<std::string> rules;    // that would have fired

  bool changed() const {
    return why_not.empty() && (was != would_be || review_was != review_would_be || asl_was != asl_would_be);
  }
};

// kInvalid: no decision's entry.
Result<Replayed> replay(const boost::json::value& entry, const policy::Policy& candidate);

// Over a period. One thread.
class Replay {
 public:
  // Of decisions that occurred (as reported; else: were made) at `from` or later and before `until`.
  explicit Replay(std::shared_ptr<const policy::Policy> candidate, std::optional<Time> from = {},
                  std::optional<Time> until = {})
      : candidate_(std::move(candidate)), from_(from), until_(until) {}

  // Entries of other types and times are passed over; kInvalid for what is no entry.
  Result<void> add(std::uint64_t index, std::string_view entry);

  std::uint64_t decisions() const { return decisions_; }
  std::uint64_t changed() const { return changed_; }

  // {"candidate": version, "policies": {version: decisions}, "decisions", "changed", "not_replayed": {why: n},
  // "actions": [{"from","to","decisions"}], "reviews": {"was","would_be"}, "asl": {"was","would_be"},
  // "tiers": {tier: {"decisions","changed"}}, "rules": [{"id","was","would_be"}], "samples": [at most kSamples of
  // what changed: index, event_id, decision_id, time, tier, was, would_be, reasons], "warnings"}
  boost::json::object report() const;

  static constexpr std::size_t kSamples = 20;

 private:
  std::shared_ptr<const policy::Policy> candidate_;
  std::optional<Time> from_, until_;
  std::uint64_t decisions_ = 0, changed_ = 0;
  std::uint64_t reviews_was_ = 0, reviews_would_be_ = 0, asl_was_ = 0, asl_would_be_ = 0;
  std::map<std::string, std::uint64_t, std::less<>> policies_, not_replayed_;
  std::map<std::pair<Action, Action>, std::uint64_t> actions_;
  std::map<std::string, std::pair<std::uint64_t, std::uint64_t>, std::less<>> tiers_, rules_;
  boost::json::array samples_;
};

}  // namespace plimsoll::decide
