// Inspect, then decide: the one place where facts become a verdict on the request path.
#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "decide/copying.h"
#include "decide/faults.h"
#include "detect/detector.h"
#include "model/event.h"
#include "policy/policy.h"

namespace plimsoll::decide {

using PolicyPtr = std::shared_ptr<const policy::Policy>;

// An earlier message of a chat that would be refused if it were asked now. It is withheld from the model, so that
// one bad turn is no reason to refuse all that follow.
struct PastRefusal {
  std::uint32_t segment = 0;
  Inspection found;
};

struct Judgement {
  std::string id = {};  // of the decision
  PolicyPtr policy;     // what decided; null when none is loaded
  CorpusPtr corpus;     // what an answer was compared with; its findings point into it
  Verdict verdict;
  Inspection found;               // in what is judged now
  std::vector<PastRefusal> past;  // in what is withheld; the verdict then has kRedact
  bool out_of_scope = false;      // some of what came before has not been inspected: `inspection.scope`
  std::vector<OpinionRecord> opinions;
  std::vector<const policy::SecondOpinion*> unanswered;  // asked in vain
  bool inspected = true;                                 // all of it, in time
  Scores scores;                                         // detected and claimed
  std::vector<Scores> judged;                            // Event::judged
  Categories claimed;                                    // Event::claimed
  Scores latest;  // detected in what is new: an answer, or a prompt's latest turn without the system's texts
  std::vector<Accumulated> accumulated;  // by decide::accumulate()
  std::chrono::nanoseconds inspecting{0};
  std::chrono::nanoseconds deciding{0};
  std::optional<std::uint64_t> entry = {};  // where in the log it stands, where the reply waited for that

  std::string_view policy_version() const { return policy ? std::string_view(policy->version()) : "none"; }
};

// Never throws. When no decision can be made the verdict is kErrorBlock (invariant 4), unless the policy
// names the conversation's surface among its fail-open routes; then it allows, and says so in its reasons and
// rules. An inspection that fails or is late is such a case, too, unless the policy has it fail open: then
// what was found is decided on, and the record says that it is not all.
//
// A prompt's earlier messages (before latest_turn(), not the system's) that would be refused for themselves are
// withheld from the model rather than refused with all that follows, unless the policy wants them judged.
//
// `reported`: an ingested event's risk_scores, which the tier table reads beside the detectors'.
//
// An answer is compared with the works of `corpus`, if there is one: its verbatim score is that of the text of which
// the greatest share is copied.
Judgement judge(PolicyPtr policy, const detect::Detector& detector, detect::Scratch& scratch,
                const Conversation& conversation, const Caller& caller, const policy::Context& context,
                Faults faults = {}, CorpusPtr corpus = nullptr, const Scores& reported = {});

// What is recorded of scores and claims, from what was found and what is said.
void note_scores(Judgement& judgement, const policy::Context& context, const Scores& reported = {});

// Makes the verdict again from what has become of the findings and scores.
void decide_again(Judgement& judgement, const Conversation& conversation, const Caller& caller,
                  const policy::Context& context, Faults faults = {});

// The rule id under which an inspection that failed or came late is recorded (`inspection.on_error`).
inline constexpr std::string_view kInspectionFailed = "inspection";
// The rule id under which earlier messages are withheld (`inspection.history`).
inline constexpr std::string_view kHistory = "history";

// The verdict for a decision that could not be made, or not be kept.
Verdict no_decision(const policy::Policy* policy, std::string_view surface, std::string_view why);

// What is recorded of it; points into all of them but the key.
Event to_event(const Judgement& judgement, const Conversation& conversation, const Caller& caller,
               std::string_view request_id, std::string_view detector_revision,
               std::string_view commitment_key);

}  // namespace plimsoll::decide
