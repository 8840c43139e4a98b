// What a decision is made from.
#pragma once

#include <boost/json/fwd.hpp>
#include <span>

#include "base/result.h"
#include "model/accumulated.h"
#include "model/caller.h"
#include "model/conversation.h"
#include "model/finding.h"

namespace plimsoll::policy {

// What a request says about itself: its `context` object. Everything here can raise what the detectors
// found and never lower it.
struct Context {
  Scores scores;  // `jailbreak_score`, `toxicity_score`, … : "<category>_score" for every category,
                  // `verbatim_ratio` (kVerbatim), `harmful_content_score`
  bool contains_pii = false;
  bool contains_secrets = false;
  bool lawful_basis = false;  // `true` or a listed string (is_lawful_basis)
  std::optional<Tier> tier;
  std::string user, org;                     // `user_id`, `org_id`; only trusted as labels
  const boost::json::object* raw = nullptr;  // the object itself, for `context.*` in rules; borrowed
};

// kInvalid with the member's name for a wrong type or range ("context.jailbreak_score: must be a number from
// 0 to 1"). Unknown members are kept in `raw` for rules to read.
Result<Context> read_context(const boost::json::object& context);

// Borrowed for the call of decide().
struct Facts {
  const Conversation& conversation;
  const Inspection& found;  // all segments' findings and the detectors' own scores
  const Caller& caller;
  const Context& context;
  Scores reported;  // an ingested event's risk_scores: the tier table reads them beside the detectors'
  std::span<const Accumulated> accumulated = {};  // what windows of time hold, this message included
};

}  // namespace plimsoll::policy
