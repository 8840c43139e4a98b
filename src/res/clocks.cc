#include "clocks.h"

#include "base/log.h"

namespace plimsoll::res {
namespace {

constexpr std::size_t kPage = 1'000;
constexpr auto kUntilReady = std::chrono::milliseconds(100);

}  // namespace

Clocks::Clocks(evidence::Index& index, evidence::LogEntries& entries, ledger::Sink& log,
               const std::atomic<bool>& ready, Rules rules, std::chrono::milliseconds interval)
    : index_(index),
      entries_(entries),
      log_(log),
      ready_(ready),
      rules_(std::move(rules)),
      interval_(interval),
      thread_([this] { run(); }) {}

Clocks::~Clocks() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_all();
  thread_.join();
}

std::array<std::uint64_t, evidence::kClockStates> Clocks::counts() const {
  std::array<std::uint64_t, evidence::kClockStates> out{};
  for (std::size_t i = 0; i < out.size(); ++i) out.at(i) = counts_.at(i);
  return out;
}

void Clocks::run() {
  std::unique_lock lock(mutex_);
  while (!stopping_) {
    const bool ready = ready_;
    if (ready) {
      lock.unlock();
      look(std::chrono::system_clock::now());
      lock.lock();
    }
    wake_.wait_for(lock, ready ? interval_ : kUntilReady, [this] { return stopping_; });
  }
}

void Clocks::look(Time now) {
  const auto rules = rules_();
  std::array<std::uint64_t, evidence::kClockStates> counts{};
  evidence::Index::IncidentQuery query;
  query.limit = kPage;
  for (bool more = true; more;) {
    const auto page = index_.incidents(query);
    more = page.more;
    for (const auto& incident : page.incidents) {
      query.after = incident.opened;
      for (const auto& state : evidence::clocks_of(incident, rules, now)) {
        ++counts.at(static_cast<std::size_t>(state.state));
        if (const auto mark = evidence::mark_due(incident, state, now))
          record({incident, state, *mark == evidence::ClockMark::Kind::kOverdue}, now);
      }
    }
    const std::lock_guard lock(mutex_);
    if (stopping_) return;
  }
  for (std::size_t i = 0; i < counts.size(); ++i) counts_.at(i) = counts.at(i);
}

void Clocks::record(const Earned& earned, Time now) {
  const auto opened = entries_.read(earned.incident.opened);
  if (!opened) return log_warn("an incident's clock cannot be recorded", {{"error", opened.error().message}});
  const evidence::ClockDue due{.incident = evidence::id_of(*opened),
                               .clock = earned.state.clock->id,
                               .source = earned.state.clock->source,
                               .due = earned.state.due,
                               .overdue = earned.overdue};
  std::string entry = evidence::to_entry(due, now);
  // The index has it before anybody looks again. The log always answers: with a disk that fails, that it does.
  struct Written {
    std::mutex mutex;
    std::condition_variable wake;
    bool done = false;
  };
  auto written = std::make_shared<Written>();
  const evidence::Stored stored{.event_id = {}, .time = now, .submitter = {}, .content = due};
  auto queued = log_.append(std::move(entry), [this, written, stored](const Result<ledger::Index>& at) {
    if (at) index_.add(*at, {}, stored);
    {
      const std::lock_guard lock(written->mutex);
      written->done = true;
    }
    written->wake.notify_all();
  });
  if (!queued) return log_warn("an incident's clock cannot be recorded", {{"error", queued.error().message}});
  std::unique_lock lock(written->mutex);
  written->wake.wait(lock, [&] { return written->done; });
}

}  // namespace plimsoll::res
