// Texts as a reader would see them, with every byte mapped back to where it came from.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "text/origins.h"

namespace plimsoll::text {

// A transformed copy of a text. Byte i of `text` came from original bytes [begin_of(i), end_of(i)), so a
// match [a, b) in the view covers what its bytes came from and all between: removing that range, cover(a, b),
// removes the match, whatever disguised it. An identical view borrows the original; any other owns its bytes.
class View {
 public:
  std::string_view text() const { return identical_ ? original_ : std::string_view(owned_); }
  bool identical() const { return identical_; }  // the view is the original itself, byte for byte
  std::size_t begin_of(std::size_t i) const { return identical_ ? i : origin_[i].begin; }
  std::size_t end_of(std::size_t i) const { return identical_ ? i + 1 : origin_[i].end; }

  // What comes later in the view comes from no earlier in the original. Not so in text that was written backwards.
  bool ordered() const { return ordered_; }
  // The range [first, second) of the original that [a, b) of the view comes from; a < b.
  std::pair<std::size_t, std::size_t> cover(std::size_t a, std::size_t b) const {
    if (ordered_) return {begin_of(a), end_of(b - 1)};
    std::pair<std::size_t, std::size_t> range{begin_of(a), end_of(a)};
    for (std::size_t i = a + 1; i < b; ++i)
      range = {std::min(range.first, begin_of(i)), std::max(range.second, end_of(i))};
    return range;
  }
  // Where it differs from the view that it was made from, in order, as [begin, end) of its own bytes: where something
  // was dropped, the byte that follows. Of what was made from no other, nothing.
  struct Change {
    std::uint32_t begin;
    std::uint32_t end;
  };
  std::span<const Change> changes() const { return changes_; }
  // The text that the offsets are into.
  std::string_view source() const { return original_; }

 private:
  friend class Normalizer;
  friend class ViewBuilder;
  friend class Rewriting;
  std::string_view original_;
  std::string owned_;
  Origins origin_;
  std::vector<Change> changes_;
  bool identical_ = true;
  bool ordered_ = true;
};

}  // namespace plimsoll::text
