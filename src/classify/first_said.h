// Which n-grams of a window, and of a text, are said for the first time: what is repeated counts once.
#pragma once

#include <bitset>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace plimsoll::classify {

// What sort() works with, from window to window.
struct SaidInWindow {
  static constexpr std::size_t kBits = 1U << 15U;
  std::bitset<kBits> keys;
  std::vector<std::uint32_t> again;  // of the last call: the keys new to the window but not to the text,
  std::size_t again_count = 0;       // and how many
};

// Tells keys apart by their low bits: of two alike there, the second counts as said before. That is one key in fifty
// of the longest window; and a text says nothing new once it has said more than a hundred thousand different ones.
class FirstSaid {
 public:
  void begin_text() { in_text_.reset(); }

  // Of a window's `count` keys: those new to the text stay, at the front; those new to the window alone go to
  // `window.again`. Returns how many stay.
  std::size_t sort(std::vector<std::uint32_t>& keys, std::size_t count, SaidInWindow& window) {
    window.keys.reset();
    if (window.again.size() < keys.size()) window.again.resize(keys.size());
    std::size_t fresh = 0, again = 0;
    for (std::size_t i = 0; i < count; ++i) {
      const std::uint32_t key = keys[i];
      auto in_window = window.keys[key & (SaidInWindow::kBits - 1)];
      auto in_text = in_text_[key & (kTextBits - 1)];
      const bool first = !in_window;
      const bool first_in_text = !in_text;
      keys[fresh] = key;
      window.again[again] = key;
      fresh += first && first_in_text ? 1U : 0U;
      again += first && !first_in_text ? 1U : 0U;
      in_window = true;
      in_text = true;
    }
    window.again_count = again;
    return fresh;
  }

 private:
  static constexpr std::size_t kTextBits = 1U << 17U;
  std::bitset<kTextBits> in_text_;
};

}  // namespace plimsoll::classify
