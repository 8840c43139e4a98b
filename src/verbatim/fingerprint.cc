#include "verbatim/fingerprint.h"

namespace plimsoll::verbatim {

Roller::Roller(std::uint32_t gram) : gram_(gram) {
  for (std::uint32_t i = 1; i < gram; ++i) power_ *= kBase;
}

void Winnower::push(std::uint64_t hash, std::vector<Fingerprint>& out) {
  const auto window = ring_.size();
  ring_[count_ % window] = hash;
  const auto at = count_++;
  if (at == 0) {
    least_ = 0;
  } else if (at - least_ >= window) {  // the least one has left: look again, the last of equals first
    least_ = at;
    for (auto i = at; i-- > at + 1 - window;)
      if (ring_[i % window] < ring_[least_ % window]) least_ = i;
  } else if (hash < ring_[least_ % window]) {
    least_ = at;
  }
  if (count_ >= window) keep(out);
}

void Winnower::finish(std::vector<Fingerprint>& out) {
  if (count_ > 0 && count_ < ring_.size()) keep(out);
}

void Winnower::keep(std::vector<Fingerprint>& out) {
  if (kept_ == least_) return;
  kept_ = least_;
  out.push_back({.hash = ring_[least_ % ring_.size()], .word = least_});
}

}  // namespace plimsoll::verbatim
