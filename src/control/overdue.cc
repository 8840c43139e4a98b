#include "overdue.h"

#include "base/json.h"
#include "base/log.h"

namespace plimsoll::control {
namespace {

// Until the entry is surely in the store, whoever's it is.
constexpr auto kHold = std::chrono::minutes(10);
constexpr auto kUntilReady = std::chrono::milliseconds(100);
constexpr std::size_t kMostAtOnce = 1'000;

}  // namespace

std::string overdue_entry(const store::ReviewItem& item, Time now) {
  json::object out{
      {"action", to_string(item.action)}, {"asl", item.asl_level}, {"due", to_rfc3339_ms(item.due)}};
  out["event_id"] = item.event_id;
  out["priority"] = item.priority;
  out["category"] = item.category ? json::value(to_string(*item.category)) : json::value(nullptr);
  out["score"] = item.score;
  out["state"] = store::to_string(item.state);
  out["surface"] = item.surface;
  out["tier"] = item.tier;
  out["time"] = to_rfc3339_ms(now);
  out["type"] = "review_overdue";
  out["v"] = 1;
  return to_canonical_json(out);
}

Overdue::Overdue(store::Store& store, ledger::Sink& log, const std::atomic<bool>& ready, std::string instance,
                 std::chrono::milliseconds interval)
    : store_(store),
      log_(log),
      ready_(ready),
      instance_(std::move(instance)),
      interval_(interval),
      thread_([this] { run(); }) {}

Overdue::~Overdue() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  stop_.notify_all();
  thread_.join();
}

void Overdue::run() {
  std::unique_lock lock(mutex_);
  while (!stopping_) {
    const bool ready = ready_;
    if (ready) {
      lock.unlock();
      if (const auto looked = look(std::chrono::system_clock::now()); !looked)
        log_warn("overdue reviews cannot be looked for", {{"error", looked.error().message}});
      lock.lock();
    }
    stop_.wait_for(lock, ready ? interval_ : kUntilReady, [this] { return stopping_; });
  }
}

Result<void> Overdue::look(Time now) {
  auto reader = store_.reader();
  if (!reader) return std::unexpected(std::move(reader).error());
  const auto queue = store::review_queue(**reader, {.limit = 1}, now);
  if (!queue) return std::unexpected(queue.error());
  count_ = queue->overdue;
  if (queue->overdue == 0) return {};
  const auto items = store::unrecorded_overdue_reviews(**reader, now, kMostAtOnce);
  if (!items) return std::unexpected(items.error());
  // Another name at each look: what was claimed and is on its way to the store is not recorded again.
  const std::string actor = instance_ + "/" + std::to_string(++looks_);
  for (const auto& item : *items) {
    {
      const std::lock_guard lock(mutex_);
      if (stopping_) return {};
    }
    const auto mine = store_.claim_review("review_overdue " + item.event_id, actor, kHold);
    if (!mine) return std::unexpected(mine.error());
    if (!*mine) continue;
    if (auto queued = log_.append(overdue_entry(item, now)); !queued) return queued;
  }
  return {};
}

}  // namespace plimsoll::control
