// How an incident's clocks stand.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "evidence/index.h"
#include "model/incident_clock.h"

namespace plimsoll::evidence {

struct ClockState {
  const IncidentClock* clock = nullptr;
  Time due;
  enum class State : std::uint8_t { kRunning, kOverdue, kMet } state = State::kRunning;
  std::optional<Time> met_at;  // kMet; may be later than `due`
  std::string reference;       // of the report that met it
};
inline constexpr std::size_t kClockStates = 3;
std::string_view to_string(ClockState::State state);  // "running", "overdue", "met"

// Those that apply to it, the first due first. They start when somebody was aware of the incident, as its report says,
// else when it was reported. `clocks` outlives what is returned.
std::vector<ClockState> clocks_of(const IncidentStatus& incident, std::span<const IncidentClock> clocks,
                                  Time now);

// The mark that an incident's clock has earned by now and the log does not have: kApproaching after three quarters of
// its time, kOverdue when it is over. nullopt: none.
std::optional<ClockMark::Kind> mark_due(const IncidentStatus& incident, const ClockState& state, Time now);

}  // namespace plimsoll::evidence
