// Where each byte of a text comes from, in an original of less than 4 GiB.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>
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
  void push_back(Origin origin);
  void append(std::size_t count, Origin origin);
  // So many bytes that come from as many, from `begin` on.
  void append_same(std::size_t count, std::uint32_t begin);
  void append(std::span<const Origin> origins);
  void append(const Origins& from, std::size_t begin, std::size_t end);

 private:
  static constexpr std::size_t kBlock = 64;
  struct Block {
    std::uint32_t first;  // where its first byte comes from; or else where its details are
    bool same;
  };
  // Room for some of so many bytes, within a block.
  std::span<Origin> room(std::size_t count);
  void filled();

  std::vector<Block> blocks_;
  std::vector<Origin> details_;  // always of the last block, unless it is full
  std::size_t size_ = 0;
};

}  // namespace plimsoll::text
