#include "evidence/clock.h"

#include <algorithm>

namespace plimsoll::evidence {
namespace {

bool applies(const IncidentClock& clock, const IncidentStatus& incident) {
  return std::ranges::any_of(clock.kinds, [&](const std::string& kind) {
    return kind == kAnyIncident || std::ranges::find(incident.kinds, kind) != incident.kinds.end();
  });
}

const ClockMark* find_mark(const IncidentStatus& incident, const std::string& clock, ClockMark::Kind kind) {
  const auto found = std::ranges::find_if(
      incident.marks, [&](const ClockMark& m) { return m.kind == kind && m.clock == clock; });
  return found == incident.marks.end() ? nullptr : &*found;
}

}  // namespace

std::string_view to_string(ClockState::State state) {
  return state == ClockState::State::kRunning   ? "running"
         : state == ClockState::State::kOverdue ? "overdue"
                                                : "met";
}

std::vector<ClockState> clocks_of(const IncidentStatus& incident, std::span<const IncidentClock> clocks,
                                  Time now) {
  std::vector<ClockState> out;
  for (const auto& clock : clocks) {
    if (!applies(clock, incident)) continue;
    ClockState state{.clock = &clock, .due = incident.aware_at + clock.within, .met_at = {}, .reference = {}};
    if (clock.met_by == IncidentClock::MetBy::kReview) {
      state.met_at = incident.looked_into_at;
    } else if (const auto* mark = find_mark(incident, clock.id, ClockMark::Kind::kReported)) {
      state.met_at = mark->time;
      state.reference = mark->reference;
    }
    state.state = state.met_at      ? ClockState::State::kMet
                  : now > state.due ? ClockState::State::kOverdue
                                    : ClockState::State::kRunning;
    out.push_back(std::move(state));
  }
  std::ranges::sort(out, [](const ClockState& a, const ClockState& b) {
    return a.due != b.due ? a.due < b.due : a.clock->id < b.clock->id;
  });
  return out;
}

std::optional<ClockMark::Kind> mark_due(const IncidentStatus& incident, const ClockState& state, Time now) {
  using Kind = ClockMark::Kind;
  if (state.state == ClockState::State::kMet ||
      find_mark(incident, state.clock->id, Kind::kOverdue) != nullptr)
    return std::nullopt;
  if (state.state == ClockState::State::kOverdue) return Kind::kOverdue;
  const bool late = now >= state.due - state.clock->within / 4;
  if (!late || find_mark(incident, state.clock->id, Kind::kApproaching) != nullptr) return std::nullopt;
  return Kind::kApproaching;
}

}  // namespace plimsoll::evidence
