// Which n-grams of a window, and of a text, are said for the first time: what is repeated counts once.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace plimsoll::classify {

// What sort() works with, from window to window.
struct SaidInWindow {
  static constexpr std::size_t kBits = 1U << 14U;
  std::array<std::uint32_t, kBits / 32> keys{};
  std::vector<std::uint32_t> again;  // of the last call: the keys new to the window but not to the text,
  std::size_t again_count = 0;       // and how many
};

// Tells keys apart by their low bits: of two alike there, the second counts as said before. That is one key in fifty
// of the longest window; and a text says nothing new once it has said more than a hundred thousand different ones.
class FirstSaid {
 public:
  void begin_text() { in_text_.fill(0); }

  // Of a window's `count` keys: those new to the text stay, at the front; those new to the window alone go to
  // `window.again`. Returns how many stay.
  // `fetch(key)` is called for each: what is done with a key later may be begun early.
  template <class F>
  std::size_t sort(std::vector<std::uint32_t>& keys, std::size_t count, SaidInWindow& window, F fetch) {
    window.keys.fill(0);
    if (window.again.size() < keys.size()) window.again.resize(keys.size());
    std::size_t fresh = 0, again = 0;
    std::uint32_t* const all = keys.data();
    std::uint32_t* const others = window.again.data();
    for (std::size_t i = 0; i < count; ++i) {
      const std::uint32_t key = all[i];
      fetch(key);
      auto& in_window = window.keys[key % SaidInWindow::kBits / 32];
      auto& in_text = in_text_[key % kTextBits / 32];
      const std::uint32_t bit = 1U << (key % 32);
      const std::uint32_t new_to_window = ~in_window & bit, new_to_both = new_to_window & ~in_text;
      in_window |= bit;
      in_text |= bit;
      all[fresh] = key;
      others[again] = key;
      fresh += new_to_both != 0 ? 1U : 0U;
      again += new_to_both != new_to_window ? 1U : 0U;
    }
    window.again_count = again;
    return fresh;
  }

 private:
  static constexpr std::size_t kTextBits = 1U << 16U;
  std::array<std::uint32_t, kTextBits / 32> in_text_{};
};

}  // namespace plimsoll::classify
