// What the store keeps of an entry of the log: the entry read as rows.
//
// Pure: the same entry gives the same rows whenever it is read, so that a store can be built again from the log.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/time.h"
#include "ledger/ledger.h"
#include "model/accumulated.h"
#include "model/action.h"
#include "model/category.h"

namespace plimsoll::store {

// A decision.
struct EventRow {
  std::uint32_t log = 0;  // whose entry it is, as logs() numbers them; read back only
  ledger::Index index = 0;
  std::string event_id;  // the decision's own id where the entry names no event
  std::string decision_id, request_id;
  Time occurred;  // as the client states; when it was decided where it states nothing. Milliseconds
  Time time;      // when it was decided
  std::string surface;
  std::string direction;  // "prompt", "output", "exchange" (a prompt and its answer together)
  std::string tier;       // "general", …; "untiered"
  std::string org;
  std::string user, session;  // pseudonyms; empty: not known
  std::string model;
  bool stream = false;
  bool authenticated = false;
  bool lawful_basis = false;
  Action action = Action::kAllow;
  int asl_level = 0;
  bool review = false;
  std::optional<Time> review_due;  // where there is a review
  std::string policy, detectors;   // versions
  Scores scores;                   // to four places
  std::vector<std::string> rules;  // that fired, in order; those of ASL triggers begin with kAslRulePrefix
  std::vector<std::string> reasons;
  std::vector<std::string> tags;
  std::vector<std::string> entities;  // of the findings, each once, in order of appearance
  std::uint64_t findings = 0;
  std::uint64_t micros = 0;
  std::uint64_t bytes = 0;  // of the texts that the entry lists
  std::string script;       // of a prompt; may be empty
  std::string content;      // where the texts are kept: the entry's "content" as JSON; empty: nowhere
  std::string
      accumulated;  // what windows of time held: the entry's "accumulated" as JSON; empty: nothing. See accumulated_of()

  bool operator==(const EventRow&) const = default;
};
inline constexpr std::string_view kAslRulePrefix = "asl_triggers.";

// What windows of time held when an event was decided.
struct AccumulatedRow {
  std::string id;
  Accumulated values;  // without the id

  Accumulated fact() const {  // as decisions take it; points into this
    Accumulated out = values;
    out.id = id;
    return out;
  }
};
// Of EventRow::accumulated; elements that make no sense are left out.
std::vector<AccumulatedRow> read_accumulated(std::string_view json);

// Any other entry.
struct ActRow {
  std::uint32_t log = 0;  // read back only
  ledger::Index index = 0;
  std::string type;          // the entry's "type", or its "kind" where it has none
  std::optional<Time> time;  // statements about artifacts have none
  std::string actor;         // who did it: "actor", else the submitter's user or organisation; may be empty
  std::string subject;  // what it is about: event, incident or erasure id, model version, …; may be empty
  std::string body;     // the entry

  bool operator==(const ActRow&) const = default;
};

// What a person did about an event that waits for review. Also an ActRow.
struct ReviewStep {
  enum class Kind : std::uint8_t { kAssigned, kDecided };
  Kind kind = Kind::kAssigned;
  ledger::Index index = 0;
  std::string event_id;
  Time time;
  std::string actor;
  std::string assignee;            // kAssigned; empty: given back
  std::string decision;            // kDecided: "allow", "block", "redact"
  std::string seconded_by, notes;  // kDecided
  std::string category;            // kDecided, with a changed threshold
  std::optional<double> old_threshold, new_threshold;
};

// What a model was found to be able to do: a capability evaluation (docs/watch.md). Also an ActRow.
struct EvaluationRow {
  std::uint32_t log = 0;  // read back only
  ledger::Index index = 0;
  std::string evaluation_id;
  Time time;   // when it was recorded
  Time as_of;  // when it was true
  std::string model, threat;
  std::string framework, version, threshold_id;  // what it is held against: "rsp", "2.2", "CBRN-3"
  double score = 0, low = 0, high = 0;           // and its interval: 0 to 1, four places
  std::optional<double> threshold;               // of the score
  std::uint64_t n = 0;                           // trials; 0: not stated
  std::string method, evaluator;
  std::string status;          // "ruled_out", "cannot_rule_out", "ruled_in"
  bool crossed = false;        // it counts as crossed: all but the first
  std::optional<Time> due;     // where crossed: by when somebody decides
  std::string decision_maker;  // where crossed: who that is

  bool operator==(const EvaluationRow&) const = default;
};

// That entries are no longer kept (ledger/retention.h), nor what was read of them. Also an ActRow.
struct PruneStep {
  ledger::Index index = 0;
  ledger::Index below = 0;  // of the entries with a smaller index,
  struct Type {
    std::string type;  // those of these types
    Time before;       // whose time is earlier
  };
  std::vector<Type> types;
};

struct Rows {
  std::vector<EventRow> events;
  std::vector<ActRow> acts;
  std::vector<ReviewStep> reviews;
  std::vector<EvaluationRow> evaluations;
  std::vector<PruneStep> prunes;
};

// Adds what an entry (docs/log_format.md) says. kInvalid, naming the index and what is wrong and quoting nothing, for
// what is no JSON object or lacks what its type must have; then nothing was added. Entries of unknown types are acts.
Result<void> read_entry(ledger::Index index, std::string_view entry, Rows& rows);

// The score from which a category counts as detected: the lowest that the contract's tables name for it, 0.5 where
// they name none. Fixed, so that counts of different times can be compared whatever the policy was.
double detected_at(Category category);

// Of a review: 10,000 for each ASL level, and the highest score's ten-thousandths.
std::int64_t review_priority(const EventRow& event);

// 64 bits by which an event is found: the beginning of SHA-256(event_id). Compare the ids as well.
std::int64_t event_key(std::string_view event_id);

}  // namespace plimsoll::store
