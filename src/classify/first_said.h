// Which n-grams of a window, and of a text, are said for the first time: what is repeated counts once.
#pragma once

#include <bitset>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace plimsoll::classify {

// Tells keys apart by their low bits: of two alike there, the second counts as said before. That is one key in fifty
// of the longest window; and a text says nothing new once it has said more than a hundred thousand different ones.
class FirstSaid {
 public:
  void begin_text() { in_text_.reset(); }

  // Of a window's `count` keys: those new to the text stay, at the front; those new to the window alone go to `again`.
  // Returns how many stay.
  std::size_t sort(std::vector<std::uint32_t>& keys, std::size_t count, std::vector<std::uint32_t>& again) {
    in_window_.reset();
    if (again.size() < keys.size()) again.resize(keys.size());
    std::size_t fresh = 0;
    again_ = 0;
    for (std::size_t i = 0; i < count; ++i) {
      const std::uint32_t key = keys[i];
      auto window = in_window_[key & (kWindowBits - 1)];
      auto text = in_text_[key & (kTextBits - 1)];
      const bool first = !window;
      const bool first_in_text = !text;
      keys[fresh] = key;
      again[again_] = key;
      fresh += first && first_in_text ? 1U : 0U;
      again_ += first && !first_in_text ? 1U : 0U;
      window = true;
      text = true;
    }
    return fresh;
  }
  std::size_t again() const { return again_; }  // how many the last call put there

 private:
  static constexpr std::size_t kWindowBits = 1U << 15U;
  static constexpr std::size_t kTextBits = 1U << 17U;
  std::bitset<kWindowBits> in_window_;
  std::bitset<kTextBits> in_text_;
  std::size_t again_ = 0;
};

}  // namespace plimsoll::classify
