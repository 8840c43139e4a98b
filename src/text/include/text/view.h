// Texts as a reader would see them, with every byte mapped back to where it came from.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace plimsoll::text {

// A transformed copy of a text. Byte i of `text` came from original bytes [begin_of(i), end_of(i)), so a
// match [a, b) in the view covers [begin_of(a), end_of(b - 1)) of the original: removing that range removes
// the match, whatever disguised it. An identical view borrows the original; any other owns its bytes.
class View {
 public:
  std::string_view text() const { return identical_ ? original_ : std::string_view(owned_); }
  bool identical() const { return identical_; }  // the view is the original itself, byte for byte
  std::size_t begin_of(std::size_t i) const { return identical_ ? i : origin_[i].begin; }
  std::size_t end_of(std::size_t i) const { return identical_ ? i + 1 : origin_[i].end; }

 private:
  friend class Normalizer;
  struct Origin {
    std::uint32_t begin;
    std::uint32_t end;
  };
  std::string_view original_;
  std::string owned_;
  std::vector<Origin> origin_;
  bool identical_ = true;
};

}  // namespace plimsoll::text
