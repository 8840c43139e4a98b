#include "evidence/log_entries.h"

#include <algorithm>
#include <numeric>
#include <utility>

namespace plimsoll::evidence {
namespace {

// Reading on is cheaper than opening a segment again, up to about so many entries.
constexpr ledger::Index kReadOn = 65'536;

}  // namespace

LogEntries::LogEntries(std::string directory, std::size_t kept_bytes, const ledger::LogReader* published)
    : directory_(std::move(directory)), kept_bytes_(kept_bytes), published_(published) {}

void LogEntries::keep(ledger::Index at, std::string entry) {
  const std::lock_guard lock(kept_mutex_);
  if (where_.contains(at)) return;
  bytes_ += entry.size();
  recent_.emplace_front(at, std::move(entry));
  where_[at] = recent_.begin();
  while (bytes_ > kept_bytes_ && !recent_.empty()) {
    bytes_ -= recent_.back().second.size();
    where_.erase(recent_.back().first);
    recent_.pop_back();
  }
}

std::optional<std::string> LogEntries::kept(ledger::Index at) {
  const std::lock_guard lock(kept_mutex_);
  const auto found = where_.find(at);
  if (found == where_.end()) return std::nullopt;
  recent_.splice(recent_.begin(), recent_, found->second);
  return found->second->second;
}

Result<std::string> LogEntries::read_from_disk(ledger::Index at) {
  if (!reader_ || next_ > at || at - next_ > kReadOn) {
    auto reader = ledger::Reader::open(directory_, at);
    if (!reader) return std::unexpected(std::move(reader).error());
    reader_.emplace(*std::move(reader));
  }
  for (int tries = 0; tries < 2; ++tries) {
    for (;;) {
      auto entry = reader_->next();
      if (!entry) {
        reader_.reset();
        return std::unexpected(std::move(entry).error());
      }
      if (!*entry) break;
      next_ = (*entry)->index + 1;
      if ((*entry)->index == at && (*entry)->removed())
        return fail(Code::kNotFound,
                    "entry " + std::to_string(at) + " was removed: its time to be kept is over");
      if ((*entry)->index == at) return std::move((*entry)->bytes);
    }
    // The reader's snapshot ends here; the log may have gone on since.
    auto reader = ledger::Reader::open(directory_, at);
    if (!reader) return std::unexpected(std::move(reader).error());
    reader_.emplace(*std::move(reader));
  }
  reader_.reset();
  return fail(Code::kNotFound, directory_ + ": the log has no entry " + std::to_string(at));
}

Result<std::string> LogEntries::read(ledger::Index at) {
  if (auto entry = kept(at)) return *std::move(entry);
  if (published_ != nullptr) {
    auto entry = published_->entry(at);
    if (entry) {
      keep(at, entry->bytes);
      return std::move(entry->bytes);
    }
    if (entry.error().code != Code::kNotFound) return std::unexpected(std::move(entry).error());
  }
  const std::lock_guard lock(reading_);
  auto entry = read_from_disk(at);
  if (entry) keep(at, *entry);
  return entry;
}

Result<std::vector<std::string>> LogEntries::read(const std::vector<ledger::Index>& wanted) {
  std::vector<std::string> out(wanted.size());
  std::vector<std::size_t> order(wanted.size());
  std::iota(order.begin(), order.end(), 0U);
  std::ranges::sort(order, {}, [&](std::size_t i) { return wanted[i]; });
  for (const std::size_t i : order) {
    auto entry = read(wanted[i]);
    if (!entry && entry.error().code == Code::kNotFound) continue;
    if (!entry) return std::unexpected(std::move(entry).error());
    out[i] = *std::move(entry);
  }
  return out;
}

}  // namespace plimsoll::evidence
