#include "event_ids.h"

#include <utility>

namespace plimsoll::control {
namespace {

// Keys are the beginnings of hashes, so their low bits are as good as any. 0 is taken for "free".
std::int64_t stored(std::int64_t key) {
  return key == 0 ? 1 : key;
}

std::size_t first_slot(std::int64_t key, std::size_t slots) {
  return static_cast<std::size_t>(static_cast<std::uint64_t>(key)) & (slots - 1);
}

}  // namespace

bool EventIds::contains(std::int64_t key) const {
  for (auto at = first_slot(key, slots_.size()); slots_[at] != 0; at = (at + 1) & (slots_.size() - 1))
    if (slots_[at] == key) return true;
  return false;
}

void EventIds::insert(std::int64_t key) {
  if ((count_ + 1) * 4 > slots_.size() * 3) {
    const auto old = std::exchange(slots_, std::vector<std::int64_t>(slots_.size() * 2));
    count_ = 0;
    for (const auto one : old)
      if (one != 0) insert(one);
  }
  auto at = first_slot(key, slots_.size());
  for (; slots_[at] != 0; at = (at + 1) & (slots_.size() - 1))
    if (slots_[at] == key) return;
  slots_[at] = key;
  ++count_;
}

EventIds::Claim EventIds::claim(std::int64_t key) {
  key = stored(key);
  const std::lock_guard lock(mutex_);
  if (contains(key)) return Claim::kKnown;
  return in_flight_.insert(key).second ? Claim::kNew : Claim::kInFlight;
}

void EventIds::settle(std::int64_t key, bool logged) {
  key = stored(key);
  const std::lock_guard lock(mutex_);
  in_flight_.erase(key);
  if (logged) insert(key);
}

void EventIds::add(std::int64_t key) {
  const std::lock_guard lock(mutex_);
  insert(stored(key));
}

std::size_t EventIds::size() const {
  const std::lock_guard lock(mutex_);
  return count_;
}

}  // namespace plimsoll::control
