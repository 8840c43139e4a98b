// Text as words, numbers and marks.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace plimsoll::tagger {

enum class Shape : std::uint8_t {
  kLower,     // word
  kTitle,     // Word
  kInitial,   // W
  kCaps,      // WORD
  kCamel,     // WordWord, McDonald
  kCamelLow,  // wordWord, iPhone
  kUncased,   // a word of a script without case
  kDigits1,   // 7 … in steps of one digit
  kDigits2,
  kDigits3,
  kDigits4,
  kDigits5,
  kDigits6,   // and longer, and numbers with "." or "," in them
  kMixedCap,  // B12, SW1A
  kMixedLow,  // 12b, 3rd
  kMark,      // one character that is none of these, or several of the same
  kOpaque,    // an address of a page or mailbox, an identifier: never part of a name
};

enum class Gap : std::uint8_t { kNone, kSpace, kNewline };

struct Token {
  std::uint32_t begin = 0;  // bytes of the text
  std::uint32_t end = 0;
  std::uint64_t hash = 0;    // of the folded form
  std::uint32_t folded = 0;  // where the folded form begins in the tokenizer's buffer
  std::uint8_t folded_size = 0;
  Shape shape = Shape::kMark;
  Gap gap = Gap::kNone;  // what stands before it
  char mark = 0;         // of a kMark: the character if it is ASCII, else 'u'

  bool number() const { return shape >= Shape::kDigits1 && shape <= Shape::kDigits6; }
  bool word() const {
    return shape <= Shape::kUncased || shape == Shape::kMixedCap || shape == Shape::kMixedLow;
  }
  bool capital() const {
    return (shape >= Shape::kTitle && shape <= Shape::kCamel) || shape == Shape::kMixedCap;
  }
};

// FNV-1a, finished so that all bits depend on all bytes. hash_of("new york") is that of two words; see
// hash_pair.
std::uint64_t hash_of(std::string_view folded);
std::uint64_t hash_pair(std::uint64_t first, std::uint64_t second);

// The folded form of a word.
std::string fold_all(std::string_view text);

// No token is longer, whatever the text.
inline constexpr std::size_t kMaxTokenBytes = 300;
// Words and marks are no longer than this; a longer one is opaque, or several.
inline constexpr std::size_t kMaxWordBytes = 60;

// The token at `at`, where text has no white space. Appends its folded form to `folded`. What it is depends
// on nothing beyond the white space that follows it, nor on more than kMaxTokenBytes.
Token token_at(std::string_view text, std::size_t at, std::string& folded);

}  // namespace plimsoll::tagger
