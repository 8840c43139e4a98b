#include "writer.h"

#include <algorithm>
#include <utility>

#include "base/log.h"

namespace plimsoll::ledger {

Ledger::Writer::Writer(const Options& options, Journal journal, OnDisk on_disk)
    : options_(options),
      on_disk_(std::move(on_disk)),
      journal_(std::move(journal)),
      size_(journal_.size()),
      syncs_(journal_.syncs()),
      thread_([this] { run(); }) {}

Ledger::Writer::~Writer() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_one();
  thread_.join();
}

Result<void> Ledger::Writer::append(std::string entry, Done done) {
  if (entry.empty()) return fail(Code::kInvalid, "an entry must not be empty");
  if (entry.size() > kMaxEntryBytes) return fail(Code::kTooLarge, "an entry may have 65535 bytes");
  const auto size = entry.size();
  const char* refusal = nullptr;
  bool wake = false;
  {
    const std::lock_guard lock(mutex_);
    if (!writable_.load(std::memory_order_relaxed)) {
      refusal = "the log cannot write at the moment";
    } else if (held_entries_ == options_.max_queued_entries ||
               held_bytes_ + size > options_.max_queued_bytes) {
      refusal = "the queue of the log is full";
    } else {
      const bool urgent = done != nullptr || held_entries_ > options_.max_queued_entries / 8 ||
                          held_bytes_ > options_.max_queued_bytes / 8;
      queue_.emplace_back(std::move(entry), std::move(done));
      ++held_entries_;
      held_bytes_ += size;
      wake = std::exchange(asleep_, false) || (urgent && !urgent_);
      urgent_ = urgent_ || urgent;
    }
  }
  if (refusal) return fail(Code::kUnavailable, refusal);
  if (wake) wake_.notify_one();
  return {};
}

Ledger::Stats Ledger::Writer::stats() const {
  const auto get = [](const auto& number) { return number.load(std::memory_order_relaxed); };
  return {
      get(entries_), get(bytes_), get(batches_), get(syncs_), get(failures_), get(held_entries_), 0, 0, 0};
}

void Ledger::Writer::run() {
  Batch batch;
  while (take(batch)) {
    const auto written = write(batch);
    if (!written && !outlast(batch, written.error())) return;
  }
}

bool Ledger::Writer::take(Batch& batch) {
  std::unique_lock lock(mutex_);
  if (queue_.empty() && !stopping_) {
    asleep_ = true;
    wake_.wait(lock, [this] { return stopping_ || !queue_.empty(); });
    asleep_ = false;
  }
  if (!urgent_ && !stopping_) wake_.wait_for(lock, options_.gather, [this] { return stopping_ || urgent_; });
  urgent_ = false;
  if (options_.batch_delay.count() > 0)
    wake_.wait_for(lock, options_.batch_delay, [this] { return stopping_; });
  queue_.swap(batch);
  return !batch.empty();
}

Result<void> Ledger::Writer::write(Batch& batch) {
  std::size_t written = 0;
  Result<void> result;
  if (begin_segment_.exchange(false, std::memory_order_acq_rel)) result = journal_.rotate();
  while (result && written < batch.size()) {
    auto end = written;
    while (end < batch.size() && journal_.add(batch[end].entry)) ++end;
    if (end == written) {
      result = journal_.rotate();
    } else {
      const auto first = journal_.size();
      auto placed = journal_.commit();
      if (!placed) {
        result = std::unexpected(std::move(placed).error());
      } else {
        on_disk_(*std::move(placed));
        acknowledge(std::span(batch).subspan(written, end - written), first);
        written = end;
      }
    }
    syncs_.store(journal_.syncs(), std::memory_order_relaxed);
  }
  batch.erase(batch.begin(), batch.begin() + static_cast<std::ptrdiff_t>(written));
  return result;
}

void Ledger::Writer::acknowledge(std::span<Item> items, Index first) {
  std::size_t bytes = 0;
  for (const auto& item : items) bytes += item.entry.size();
  size_.store(first + items.size(), std::memory_order_release);
  entries_.fetch_add(items.size(), std::memory_order_relaxed);
  bytes_.fetch_add(bytes, std::memory_order_relaxed);
  batches_.fetch_add(1, std::memory_order_relaxed);
  forget(items);
  for (auto& item : items) {
    if (item.done) item.done(first);
    ++first;
  }
}

bool Ledger::Writer::outlast(Batch& batch, const Error& error) {
  suspend(batch, error);
  for (bool last = false; !last;) {
    last = pause();
    if (retry(batch)) {
      log_info("ledger: writing again", {{"entries", size()}});
      return true;
    }
  }
  log_error("ledger: stopped, and some entries that nobody waited for are lost", {{"entries", batch.size()}});
  forget(batch);
  return false;
}

void Ledger::Writer::suspend(Batch& batch, const Error& error) {
  failures_.fetch_add(1, std::memory_order_relaxed);
  {
    const std::lock_guard lock(mutex_);
    writable_.store(false, std::memory_order_release);
    std::ranges::move(queue_, std::back_inserter(batch));
    queue_.clear();
  }
  log_error("ledger: cannot write; refusing entries until it can",
            {{"error", error.message}, {"entries", size()}});

  Batch waited_for;
  Batch kept;
  for (auto& item : batch) (item.done ? waited_for : kept).push_back(std::move(item));
  batch = std::move(kept);
  forget(waited_for);
  for (auto& item : waited_for) item.done(fail(Code::kUnavailable, "not recorded: " + error.message));
}

Result<void> Ledger::Writer::retry(Batch& batch) {
  auto result = journal_.rotate();
  if (result) result = write(batch);
  if (!result) {
    failures_.fetch_add(1, std::memory_order_relaxed);
    return result;
  }
  const std::lock_guard lock(mutex_);
  writable_.store(true, std::memory_order_release);
  return {};
}

bool Ledger::Writer::pause() {
  std::unique_lock lock(mutex_);
  return wake_.wait_for(lock, options_.retry_delay, [this] { return stopping_; });
}

void Ledger::Writer::forget(std::span<const Item> items) {
  const std::lock_guard lock(mutex_);
  held_entries_ -= items.size();
  for (const auto& item : items) held_bytes_ -= item.entry.size();
}

}  // namespace plimsoll::ledger
