#include "text/origins.h"

namespace plimsoll::text {

void Origins::clear() {
  blocks_.clear();
  details_.clear();
  size_ = 0;
}

void Origins::begin_block() {
  blocks_.push_back({.first = static_cast<std::uint32_t>(details_.size()), .same = false});
  details_.resize(details_.size() + kBlock);
}

// A full block whose bytes all come from one each, in a row, needs no details.
void Origins::end_block() {
  auto& block = blocks_.back();
  const auto* const all = details_.data() + block.first;
  const auto begin = all->begin;
  std::uint32_t others = 0;
  for (std::uint32_t i = 0; i < kBlock; ++i)
    others |= (all[i].begin - begin - i) | (all[i].end - begin - i - 1);
  if (others != 0) return;
  details_.resize(block.first);
  block = {.first = begin, .same = true};
}

void Origins::append_same(std::size_t count, std::uint32_t begin) {
  while (count > 0) {
    if (size_ % kBlock == 0 && count >= kBlock) {
      blocks_.push_back({.first = begin, .same = true});
      size_ += kBlock;
      begin += kBlock;
      count -= kBlock;
      continue;
    }
    const auto some = std::min(count, kBlock - size_ % kBlock);
    append_each(some, [&] {
      const auto at = begin++;
      return Origin{at, at + 1};
    });
    count -= some;
  }
}

void Origins::append(const Origins& from, std::size_t begin, std::size_t end) {
  while (begin < end) {
    const auto& block = from.blocks_[begin / kBlock];
    const auto at = static_cast<std::uint32_t>(begin % kBlock);
    // As many blocks as go on from each other.
    auto until = std::min(end, begin - at + kBlock);
    if (block.same) {
      while (until < end) {
        const auto& next = from.blocks_[until / kBlock];
        if (!next.same || next.first != block.first + static_cast<std::uint32_t>(until - (begin - at))) break;
        until = std::min(end, until + kBlock);
      }
      append_same(until - begin, block.first + at);
    } else {
      append_each(until - begin,
                  [next = from.details_.data() + block.first + at]() mutable { return *next++; });
    }
    begin = until;
  }
}

}  // namespace plimsoll::text
