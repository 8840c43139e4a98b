#include "event_ids.h"

#include <utility>

namespace plimsoll::control {
namespace {

// 0 is taken for "free".
std::int64_t stored(std::int64_t key) {
  return key == 0 ? 1 : key;
}

// Whatever the key is, its high bits are as good as any then.
std::uint64_t mixed(std::int64_t key) {
  return static_cast<std::uint64_t>(key) * 0x9e37'79b9'7f4a'7c15U;
}

}  // namespace

std::size_t EventIds::Part::find(std::int64_t key) const {
  // The bits that did not choose the part, as a share of the slots.
  const std::uint64_t rest = mixed(key) << kPartBits;
  const unsigned __int128 share = rest;
  auto at = static_cast<std::size_t>(share * slots.size() >> 64U);
  while (slots[at] != 0 && slots[at] != key) at = at + 1 == slots.size() ? 0 : at + 1;
  return at;
}

bool EventIds::Part::contains(std::int64_t key) const {
  return slots[find(key)] != 0;
}

void EventIds::Part::insert(std::int64_t key) {
  if ((count + 1) * 5 > slots.size() * 4) {  // from four fifths on, the ways grow long
    const auto old = std::exchange(slots, std::vector<std::int64_t>(slots.size() + slots.size() / 4));
    for (const auto one : old)
      if (one != 0) slots[find(one)] = one;
  }
  auto& slot = slots[find(key)];
  if (slot == key) return;
  slot = key;
  ++count;
}

EventIds::Part& EventIds::part_of(std::int64_t key) {
  return parts_[mixed(key) >> (64U - kPartBits)];
}

EventIds::Claim EventIds::claim(std::int64_t key) {
  key = stored(key);
  const std::lock_guard lock(mutex_);
  if (part_of(key).contains(key)) return Claim::kKnown;
  return in_flight_.insert(key).second ? Claim::kNew : Claim::kInFlight;
}

void EventIds::settle(std::int64_t key, bool logged) {
  key = stored(key);
  const std::lock_guard lock(mutex_);
  in_flight_.erase(key);
  if (logged) part_of(key).insert(key);
}

void EventIds::add(std::int64_t key) {
  const std::lock_guard lock(mutex_);
  key = stored(key);
  part_of(key).insert(key);
}

std::size_t EventIds::size() const {
  const std::lock_guard lock(mutex_);
  std::size_t count = 0;
  for (const auto& part : parts_) count += part.count;
  return count;
}

}  // namespace plimsoll::control
