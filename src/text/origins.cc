#include "text/origins.h"

namespace plimsoll::text {

void Origins::clear() {
  blocks_.clear();
  details_.clear();
  size_ = 0;
}

std::span<Origin> Origins::room(std::size_t count) {
  if (size_ % kBlock == 0) {
    blocks_.push_back({.first = static_cast<std::uint32_t>(details_.size()), .same = false});
    details_.resize(details_.size() + kBlock);
  }
  const auto at = size_ % kBlock;
  return std::span(details_).subspan(blocks_.back().first + at, std::min(count, kBlock - at));
}

// A full block whose bytes all come from one each, in a row, needs no details.
void Origins::filled() {
  auto& block = blocks_.back();
  const auto all = std::span(details_).subspan(block.first, kBlock);
  const auto begin = all.front().begin;
  std::uint32_t others = 0;
  for (std::uint32_t i = 0; i < kBlock; ++i)
    others |= (all[i].begin - begin - i) | (all[i].end - begin - i - 1);
  if (others != 0) return;
  details_.resize(block.first);
  block = {.first = begin, .same = true};
}

void Origins::push_back(Origin origin) {
  room(1).front() = origin;
  if (++size_ % kBlock == 0) filled();
}

void Origins::append(std::size_t count, Origin origin) {
  for (; count > 0; --count) push_back(origin);
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
    const auto some = room(count);
    for (auto& origin : some) origin = {begin, begin + 1}, ++begin;
    count -= some.size();
    size_ += some.size();
    if (size_ % kBlock == 0) filled();
  }
}

void Origins::append(std::span<const Origin> origins) {
  while (!origins.empty()) {
    const auto some = room(origins.size());
    std::ranges::copy(origins.first(some.size()), some.begin());
    origins = origins.subspan(some.size());
    size_ += some.size();
    if (size_ % kBlock == 0) filled();
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
      append(std::span(from.details_).subspan(block.first + at, until - begin));
    }
    begin = until;
  }
}

}  // namespace plimsoll::text
