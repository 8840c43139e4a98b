// Where the service's entries are in the log, and what they add up to: all that is kept in memory.
//
// 40 bytes per artifact, at most 12 of the table that finds ids, 48 for a second attestation (a gate run that passed has one); 96 per incident (and what is noted of its clocks); at most 700 per model version
// and 200 per artifact type that was ever named. Everything else is read back from the log. The index is rebuilt from
// the log at start.
#pragma once

#include <array>
#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <shared_mutex>
#include <string>
#include <string_view>
#include <vector>

#include "base/time.h"
#include "evidence/entry.h"
#include "ledger/ledger.h"

namespace plimsoll::evidence {

// What submitted evidence says of one model version: the latest of each measurement, and which entry said so.
struct RiskSnapshot {
  std::string model_version;  // empty: nobody has submitted anything
  Measured values;
  std::array<std::optional<ledger::Index>, kMeasureCount> sources;
  std::string evidence_hash;  // of the latest artifact; empty: there is none
  std::optional<ledger::Index> latest;
  std::uint64_t artifacts = 0;
  Time time;  // of the latest artifact
};

// What the log says of one of an incident's clocks.
struct ClockMark {
  enum class Kind : std::uint8_t { kReported, kApproaching, kOverdue };
  std::string clock;
  Kind kind = Kind::kReported;
  Time time;
  std::string reference;  // kReported
};
inline constexpr std::size_t kMaxMarks = 96;  // of one incident; later ones are not kept

struct IncidentStatus {
  ledger::Index opened = 0;
  std::vector<ledger::Index> changes;
  IncidentState state = IncidentState::kOpen;
  std::uint8_t severity = 4;
  Time aware_at{};                       // as reported; else when it was reported
  std::optional<Time> looked_into_at{};  // when it was first changed
  std::vector<std::string> kinds{};      // of kIncidentKinds
  std::vector<ClockMark> marks{};        // in the order of the log
};

// Thread-safe. Readers look at a few thousand records at a time, so that whoever adds waits for microseconds.
class Index {
 public:
  Index();
  ~Index();
  Index(const Index&) = delete;
  Index& operator=(const Index&) = delete;

  // Adds an entry of the log; in the order of the log.
  void add(ledger::Index at, std::string_view id, const Stored& stored);

  // Notes where the log's entry about an artifact's statement is: the first statement, or the second.
  void attest(ledger::Index artifact, std::size_t statement, ledger::Index at);
  std::optional<ledger::Index> attestation(ledger::Index artifact, std::size_t statement) const;

  // Adds whatever of the service's is in the log. kInvalid where the log is damaged; kNotFound is no error: an empty log.
  Result<void> rebuild(const std::string& log_directory);

  std::uint64_t artifacts() const;
  std::uint64_t incidents() const;

  // Entries that may have this id: 64 bits of it are kept. Read them and compare.
  std::vector<ledger::Index> find_artifact(std::string_view id) const;
  std::vector<ledger::Index> find_incident(std::string_view id) const;

  struct Query {
    std::string type, model;             // empty: any
    std::optional<Time> from, until;     // from <= stored < until
    std::optional<ledger::Index> after;  // go on behind this entry, in the order asked for
    bool newest_first = true;
    std::size_t limit = 100;
  };
  struct Page {
    std::vector<ledger::Index> entries;
    bool more = false;
  };
  Page list(const Query& query) const;

  // Of the model version named; nothing submitted for it is a snapshot without values. Of the one that evidence was last
  // submitted for, when the name is empty.
  RiskSnapshot snapshot(std::string_view model) const;
  // The model versions that evidence was last submitted for, latest first, at most `limit`.
  std::vector<RiskSnapshot> snapshots(std::size_t limit) const;
  std::vector<std::string> types() const;

  struct IncidentQuery {
    std::optional<IncidentState> state;
    std::optional<std::uint8_t> severity;
    std::optional<Time> from, until;
    std::optional<ledger::Index> after;  // newest first
    std::size_t limit = 100;
  };
  struct IncidentPage {
    std::vector<IncidentStatus> incidents;
    bool more = false;
  };
  IncidentPage incidents(const IncidentQuery& query) const;
  std::optional<IncidentStatus> incident(ledger::Index opened) const;
  // Incidents by state and severity (1 to 4, at [severity - 1]).
  std::array<std::array<std::uint64_t, 4>, kIncidentStates> incident_counts() const;

  // Takes the incident's next step for a change that is about to be logged, so that of two at once only one goes on.
  // False: it is not in that state, or another change is under way. Give it back with settle() when the log has refused;
  // add() does so when it has not.
  bool claim(ledger::Index opened, IncidentState from);
  void settle(ledger::Index opened);

 private:
  struct Records;
  mutable std::shared_mutex mutex_;
  std::unique_ptr<Records> records_;
};

}  // namespace plimsoll::evidence
