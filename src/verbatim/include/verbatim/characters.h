// What each character counts for when texts are compared for copying.
//
// Letters and digits of all scripts count, in their compatibility form, without case and without marks (NFKD of
// NFKC_Casefold, general categories L and N kept): "Café", "CAFE" + U+0301 and "ｃａｆé" are one word. Apostrophes
// and what a reader does not see (format characters, marks) are passed over; everything else ends a word. Ideographs,
// kana and the letters of scripts written without spaces (Thai, Lao, Khmer, Burmese) are words of one character.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "base/result.h"

namespace plimsoll::verbatim {

// Immutable; one serves all threads.
class Characters {
 public:
  // kInternal when Unicode data is missing from the program. Takes some milliseconds.
  static Result<std::shared_ptr<const Characters>> create();

  static constexpr std::uint32_t kSeparator = 0;  // ends a word
  static constexpr std::uint32_t kSkip = 1;       // as if it were not there
  static constexpr std::uint32_t kSelf = 2;       // part of a word, as it is
  static constexpr std::uint32_t kAlone = 3;      // a word of its own
  // Greater: part of a word, as folded(kind) says.

  std::uint32_t kind(char32_t c) const {
    const std::size_t block = c >> kBlockBits;
    return block < blocks_.size() ? entries_[(std::size_t{blocks_[block]} << kBlockBits) | (c & kMask)]
                                  : beyond(c);
  }
  // ASCII: the kind, or the folded character itself where that is greater than kAlone.
  std::uint8_t ascii(unsigned char c) const { return ascii_[c]; }
  std::span<const char32_t> folded(std::uint32_t kind) const {
    const auto& at = replacements_[kind - kFirst];
    return std::span(text_).subspan(at.begin, at.size);
  }

 private:
  static constexpr unsigned kBlockBits = 7;
  static constexpr char32_t kMask = (1U << kBlockBits) - 1;
  static constexpr std::uint32_t kFirst = 4;
  struct Stretch {
    std::uint32_t begin;
    std::uint32_t size;
  };

  static std::uint32_t beyond(char32_t c) { return c >= 0x20000 && c < 0x40000 ? kAlone : kSeparator; }
  void set(char32_t c, std::uint32_t kind);

  std::array<std::uint8_t, 128> ascii_{};
  std::vector<std::uint16_t> blocks_;
  std::vector<std::uint32_t> entries_;  // block 0 separates
  std::vector<Stretch> replacements_;
  std::vector<char32_t> text_;
};

}  // namespace plimsoll::verbatim
