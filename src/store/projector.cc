#include "store/projector.h"

#include <algorithm>

#include "base/log.h"
#include "ledger/proof.h"

namespace plimsoll::store {
namespace {

using Clock = std::chrono::steady_clock;

std::int64_t now_ms() {
  return std::chrono::duration_cast<std::chrono::milliseconds>(Clock::now().time_since_epoch()).count();
}

Result<Digest> root_of(const ledger::LogReader& log, ledger::Index size) {
  return size == 0 ? ledger::empty_root() : ledger::root_at(log, size);
}

}  // namespace

Result<Position> project_once(Store& store, const ledger::LogReader& log, const Position& from,
                              const ProjectorOptions& options) {
  const auto checkpoint = log.checkpoint();
  Batch batch{.origin = checkpoint.origin, .first = from.next, .next = from.next, .root = {}, .rows = {}};
  const ledger::Index end = std::min(checkpoint.size, from.next + options.max_entries);
  for (std::size_t bytes = 0; batch.next < end && bytes < options.max_bytes;) {
    const auto entries = log.bundle(batch.next);
    if (!entries) return std::unexpected(entries.error());
    for (const auto& entry : *entries) {
      if (batch.next == end) break;
      if (!entry.removed())
        if (auto read = read_entry(entry.index, entry.bytes, batch.rows); !read)
          return std::unexpected(std::move(read).error());
      bytes += entry.bytes.size();
      ++batch.next;
    }
  }
  if (batch.next == batch.first) return from;
  const auto root = root_of(log, batch.next);
  if (!root) return std::unexpected(root.error());
  batch.root = *root;
  if (auto applied = store.apply(batch); !applied) return std::unexpected(std::move(applied).error());
  return Position{.next = batch.next, .root = batch.root};
}

Result<Position> check_identity(Store& store, const ledger::LogReader& log) {
  const auto checkpoint = log.checkpoint();
  auto position = store.position(checkpoint.origin);
  if (!position) return position;
  if (position->next > checkpoint.size)
    return fail(Code::kInvalid, "the store has entries up to " + std::to_string(position->next) +
                                    " of the log " + checkpoint.origin + ", which has only " +
                                    std::to_string(checkpoint.size) +
                                    ": it was made of another copy of it; run plimsoll store rebuild");
  const auto root = root_of(log, position->next);
  if (!root) return std::unexpected(root.error());
  if (*root != position->root)
    return fail(Code::kInvalid, "the first " + std::to_string(position->next) + " entries of the log " +
                                    checkpoint.origin +
                                    " are not those that the store was made of; run plimsoll store rebuild");
  return position;
}

Result<Position> catch_up(Store& store, const ledger::LogReader& log, const ProjectorOptions& options,
                          const std::function<bool(const Position&)>& progress) {
  auto at = check_identity(store, log);
  while (at) {
    auto next = project_once(store, log, *at, options);
    if (!next || next->next == at->next) return next;
    at = next;
    if (progress && !progress(*at)) return at;
  }
  return at;
}

Projector::Projector(Store& store, const ledger::LogReader& log, ProjectorOptions options)
    : store_(store), log_(log), options_(options), complete_at_ms_(now_ms()), thread_([this] { run(); }) {}

Projector::~Projector() {
  {
    const std::scoped_lock lock(mutex_);
    stopping_ = true;
  }
  changed_.notify_all();
  thread_.join();
}

ledger::Index Projector::lag() const {
  const auto size = log_.checkpoint().size;
  const ledger::Index at = position_;
  return size > at ? size - at : 0;
}

std::chrono::milliseconds Projector::behind() const {
  if (lag() == 0) return std::chrono::milliseconds(0);
  return std::chrono::milliseconds(std::max<std::int64_t>(1, now_ms() - complete_at_ms_));
}

std::string Projector::last_error() const {
  const std::scoped_lock lock(mutex_);
  return error_;
}

void Projector::wake() {
  {
    const std::scoped_lock lock(mutex_);
    woken_ = true;
  }
  changed_.notify_all();
}

bool Projector::wait_for(ledger::Index index, std::chrono::milliseconds most) {
  wake();
  std::unique_lock lock(mutex_);
  return changed_.wait_for(lock, most, [&] { return position_ >= index; });
}

Result<bool> Projector::step() {
  if (!known_) {
    auto position = check_identity(store_, log_);
    if (!position) return std::unexpected(std::move(position).error());
    at_ = *position;
    known_ = true;
  }
  const auto next = project_once(store_, log_, at_, options_);
  if (!next) return std::unexpected(next.error());
  const bool moved = next->next != at_.next;
  at_ = *next;
  return moved;
}

void Projector::note_size() {
  constexpr std::size_t kMost = 1'000;  // a store that cannot be reached for long
  if (sizes_.size() < kMost) sizes_.emplace_back(log_.checkpoint().size, now_ms());
}

void Projector::run() {
  auto delay = options_.retry_delay;
  std::unique_lock lock(mutex_);
  while (!stopping_) {
    woken_ = false;
    lock.unlock();
    note_size();
    auto moved = step();
    lock.lock();
    auto pause = options_.interval;
    if (moved) {
      if (!error_.empty()) log_info("the store goes on", {{"position", at_.next}});
      error_.clear();
      failing_ = false;
      position_ = at_.next;
      for (; !sizes_.empty() && sizes_.front().first <= at_.next; sizes_.pop_front())
        complete_at_ms_ = sizes_.front().second;
      delay = options_.retry_delay;
      changed_.notify_all();
      if (*moved && at_.next < log_.checkpoint().size) continue;
    } else {
      ++failures_;
      if (error_ != moved.error().message)
        log_error("the store cannot go on", {{"position", at_.next}, {"error", moved.error().message}});
      error_ = std::move(moved).error().message;
      known_ = false;  // whatever happened to the store: look again where it is
      pause = delay;
      delay = std::min(options_.max_retry_delay, delay * 2);
    }
    const bool failed = !error_.empty();
    failing_ = failed;
    changed_.wait_for(lock, pause, [&] { return stopping_ || (woken_ && !failed); });
  }
}

}  // namespace plimsoll::store
