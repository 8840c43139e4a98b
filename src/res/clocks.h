// Looks at the clocks of incidents, and records what is due: an entry `clock_due` once for each clock at three quarters
// of its time, and once when it is over.
#pragma once

#include <array>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

#include "evidence/clock.h"
#include "evidence/log_entries.h"
#include "ledger/ledger.h"

namespace plimsoll::res {

// A thread of its own.
class Clocks {
 public:
  using Rules = std::function<std::vector<IncidentClock>()>;
  // All outlive it. Looks at nothing before `ready`, when the index has what the log had at the start.
  Clocks(evidence::Index& index, evidence::LogEntries& entries, ledger::Sink& log,
         const std::atomic<bool>& ready, Rules rules,
         std::chrono::milliseconds interval = std::chrono::minutes(1));
  ~Clocks();
  Clocks(const Clocks&) = delete;
  Clocks& operator=(const Clocks&) = delete;

  // Clocks by ClockState::State at the last look. Lock-free.
  std::array<std::uint64_t, evidence::kClockStates> counts() const;

 private:
  void run();
  void look(Time now);
  // Incidents that have earned a mark, and which.
  struct Earned {
    evidence::IncidentStatus incident;
    evidence::ClockState state;
    bool overdue = false;
  };
  void record(const Earned& earned, Time now);

  evidence::Index& index_;
  evidence::LogEntries& entries_;
  ledger::Sink& log_;
  const std::atomic<bool>& ready_;
  const Rules rules_;
  const std::chrono::milliseconds interval_;
  std::array<std::atomic<std::uint64_t>, evidence::kClockStates> counts_{};
  std::mutex mutex_;
  std::condition_variable wake_;
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace plimsoll::res
