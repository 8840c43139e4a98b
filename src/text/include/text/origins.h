// Where each byte of a text comes from, in an original of less than 4 GiB.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace plimsoll::text {

// [begin, end) of the original.
struct Origin {
  std::uint32_t begin;
  std::uint32_t end;
};

// Most texts differ from their originals in few places: what stands as it stood there takes eight bytes for each block of
// bytes, which the processor has at hand, and all else eight for each byte.
class Origins {
 public:
  Origin operator[](std::size_t i) const {
    const auto& block = blocks_[i / kBlock];
    const auto at = static_cast<std::uint32_t>(i % kBlock);
    if (block.same) return {block.first + at, block.first + at + 1};
    return details_[block.first + at];
  }
  std::size_t size() const { return size_; }

  void clear();
  // So many, each told by next().
  template <class F>
  void append_each(std::size_t count, F next);
  void push_back(Origin origin) {
    append_each(1, [&] { return origin; });
  }
  void append(std::size_t count, Origin origin) {
    append_each(count, [&] { return origin; });
  }
  // So many bytes that come from as many, from `begin` on.
  void append_same(std::size_t count, std::uint32_t begin);
  void append(const Origins& from, std::size_t begin, std::size_t end);

 private:
  static constexpr std::size_t kBlock = 64;
  struct Block {
    std::uint32_t first;  // where its first byte comes from; or else where its details are
    bool same;
  };
  void begin_block();
  void end_block();

  std::vector<Block> blocks_;
  std::vector<Origin> details_;  // always of the last block, unless it is full
  std::size_t size_ = 0;
};

template <class F>
void Origins::append_each(std::size_t count, F next) {
  while (count > 0) {
    const auto at = size_ % kBlock;
    if (at == 0) begin_block();
    const auto some = std::min(count, kBlock - at);
    auto* const to = details_.data() + blocks_.back().first + at;
    for (std::size_t i = 0; i < some; ++i) to[i] = next();
    count -= some;
    size_ += some;
    if (size_ % kBlock == 0) end_block();
  }
}

}  // namespace plimsoll::text
