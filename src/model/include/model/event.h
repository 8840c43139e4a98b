// What is recorded of a decision.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/hash.h"
#include "base/time.h"
#include "model/accumulated.h"
#include "model/caller.h"
#include "model/conversation.h"
#include "model/finding.h"
#include "model/verdict.h"

namespace plimsoll {

// A text as the log knows it.
struct SegmentRecord {
  Role role = Role::kUser;
  SegmentKind kind = SegmentKind::kText;
  std::string pointer;
  std::uint64_t bytes = 0;
  Digest commitment{};
};

// Where the texts are kept, beside the log (docs/log_format.md).
struct ContentRecord {
  std::string_view kept;  // "full", "redacted"
  struct Part {
    std::uint64_t file = 0, offset = 0;
  };
  std::vector<Part> parts;  // at most kMaxParts
  bool complete = true;     // all of it; else it was longer than what is kept, or the disk did not take it
  static constexpr std::size_t kMaxParts = 128;
};

// What another model was asked about a text, and said.
struct OpinionRecord {
  std::string guard;
  std::string_view
      outcome;  // "answered", "late", "unavailable", "unreadable", "busy", "resting", "too_long",
                // "unknown"
  std::uint64_t micros = 0;
  Scores scores;
};

// The views point into what was decided and into what decided it, which outlive the event.
struct Event {
  std::string_view decision_id;
  std::string_view request_id;
  Time time;
  std::string_view policy_version;
  std::string_view detector_revision;
  std::string_view corpus_revision;  // of the works an answer was compared with; empty: none
  Caller caller;
  Verdict verdict;
  Scores scores;  // as decided on: detected and claimed
  // As tier thresholds and triggers read them: what callers claim is left out. Of an exchange, the prompt's and the answer's.
  std::vector<Scores> judged;
  Categories claimed;  // kPii and kSecret, where the caller says that they are there
  std::vector<Finding> findings;
  std::vector<OpinionRecord> opinions;
  std::vector<Accumulated> accumulated;  // what windows of time held, this decision included
  std::uint64_t micros = 0;              // time taken to inspect and decide
  Direction direction = Direction::kPrompt;
  std::string_view surface;
  std::string model;
  bool stream = false;
  std::string_view
      script;  // a prompt's writing system (base/script.h), as far as it is new; empty: not known
  std::vector<SegmentRecord> segments;
  std::size_t segments_total = 0;
  std::string_view instance;  // of the process that decided,
  std::uint64_t seq = 0;      // and which of its decisions this is, from 1: one that is missing shows
  std::optional<ContentRecord> content;  // none: the policy keeps no text
  std::optional<Time> review_due;        // where the verdict wants a person

  // Of traffic that is reported rather than passed through; an event has an id then.
  std::string_view event_id;
  bool exchange = false;         // a prompt and its answer in one; else `direction`
  std::optional<Time> occurred;  // as reported
  std::string_view session;      // recorded as a pseudonym
  std::span<const std::string> tags;
  std::string_view reporter;  // who reported it: a pseudonym or the id of a key; empty: not known
};

// Commits to texts without keeping them: HMAC-SHA-256(key, decision id LF segment index LF text). Who holds
// the key and a text can show that it is the one that was inspected; the log alone lets nobody guess.
class Commitment {
 public:
  Commitment(std::string_view key, std::string_view decision_id, std::size_t segment);
  void update(std::string_view text) { hmac_.update(text); }
  Digest finish() { return hmac_.finish(); }

 private:
  HmacSha256 hmac_;
};

// The records of a conversation's first segments (as many as an entry lists).
std::vector<SegmentRecord> record_segments(const Conversation& conversation, std::string_view key,
                                           std::string_view decision_id);

// How a user or a session stands in the log: HMAC-SHA-256(key, kind LF name), hex. `kind`: "user", "session".
std::string pseudonym(std::string_view key, std::string_view kind, std::string_view name);

// The log entry of a decision: canonical JSON (RFC 8785), at most kMaxEntryBytes, shape in
// docs/log_format.md. The user's id appears as a commitment under `key`. Long lists are cut and their true
// counts given.
std::string to_log_entry(const Event& event, std::string_view key);

inline constexpr std::size_t kMaxEntryBytes = 65'535;
inline constexpr std::size_t kMaxListed = 64;  // segments, findings and rules per entry

}  // namespace plimsoll
