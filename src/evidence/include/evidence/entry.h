// What the service writes into the log, and reads back from it.
//
// An entry is canonical JSON (RFC 8785). Its id is the RFC 6962 leaf hash, SHA-256(0x00 || entry), in hex: who has
// an entry can check its id, and an inclusion proof of the id is a proof of the entry. `event_id` is random, so that
// two identical submissions are two entries.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/time.h"
#include "evidence/submission.h"

namespace plimsoll::evidence {

// Who submitted: the organisation as its token says, the user as a pseudonym (docs/log_format.md).
struct Submitter {
  bool authenticated = false;
  std::string org;
  std::string user;  // pseudonym; empty: not known
};

// A domain that nobody owns; operators set their own.
inline constexpr std::string_view kPlaceholderBase = "https://plimsoll.example";

std::string id_of(std::string_view entry);
bool is_id(std::string_view text);  // 64 lower-case hex digits

// An artifact as it stands in the log: {"artifact_type", "attestation_base", "content_ref", "event_id", "evidence_hash",
// "model_version", "submitted", "submitter", "time", "type": "evidence", "v": 1}. `submitted` is Submission::text.
struct Artifact {
  std::string artifact_type, model_version, content_ref, evidence_hash;
  std::string submitted;
  std::string attestation_base;  // the URI below which our own predicates are, at the time
};

// kTooLarge when the entry would not fit into the log.
std::expected<std::string, Problem> to_entry(const Submission& submission, const Submitter& submitter,
                                             const std::string& event_id, Time time,
                                             std::string_view attestation_base = kPlaceholderBase);

// An incident's states, in order; each is left for the next one only.
enum class IncidentState : std::uint8_t { kOpen, kInvestigating, kMitigated, kResolved };
inline constexpr std::size_t kIncidentStates = 4;
std::string_view to_string(IncidentState state);  // "OPEN", …
std::optional<IncidentState> parse_incident_state(std::string_view text);

struct IncidentReport {
  std::uint8_t severity = 4;      // 1, the gravest, to 4
  std::string description;        // 1 to 8,192 bytes
  std::vector<std::string> refs;  // at most 64 of 512 bytes each: decision, event and evidence ids, URIs
  std::vector<std::string> kinds = {};  // of kIncidentKinds, each once: which clocks it starts
  std::optional<Time> aware_at = {};    // when somebody was first aware of it
};
struct IncidentChange {
  std::string incident;  // id
  IncidentState from = IncidentState::kOpen, to = IncidentState::kInvestigating;
  std::string note;  // at most 8,192 bytes
  std::vector<std::string> refs;
};
// That a report was made which a clock waits for, to whom its clause names.
struct IncidentReported {
  std::string incident;   // id
  std::string clock;      // id
  std::string reference;  // 1 to 512 bytes: the authority's file number, say
};
// That a clock has run for three quarters of its time, or is over.
struct ClockDue {
  std::string incident;  // id
  std::string clock;     // id
  std::string source;    // the clause
  Time due;
  bool overdue = false;
};
std::expected<IncidentReport, Problem> read_incident(std::string_view body);
// {"reported": the clock's id, "reference"}; the incident is left to the caller. nullopt where there is no "reported".
std::optional<std::expected<IncidentReported, Problem>> read_incident_reported(std::string_view body);
// {"status", "note"?, "refs"?}; incident and from are left to the caller.
std::expected<IncidentChange, Problem> read_incident_change(std::string_view body);

std::string to_entry(const IncidentReport& report, const Submitter& submitter, const std::string& event_id,
                     Time time);
std::string to_entry(const IncidentReported& reported, const Submitter& submitter,
                     const std::string& event_id, Time time);
std::string to_entry(const ClockDue& due, Time time);
std::string to_entry(const IncidentChange& change, const Submitter& submitter, const std::string& event_id,
                     Time time);

// An entry of one of these kinds, read back. nullopt for entries of other kinds, and for what is none.
struct Stored {
  std::string event_id;
  Time time;
  Submitter submitter;
  std::variant<Artifact, IncidentReport, IncidentChange, IncidentReported, ClockDue> content;
};
std::optional<Stored> read_entry(std::string_view entry);

}  // namespace plimsoll::evidence
