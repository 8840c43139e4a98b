// Characters as the tagger sees them: their kind, and the plain letter they stand for.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace plimsoll::tagger {

enum class LetterKind : std::uint8_t { kLower, kUpper, kUncased, kDigit, kMark, kSpace, kNewline, kOther };

struct Letter {
  char32_t code = 0;
  std::uint8_t size = 1;  // bytes
  LetterKind kind = LetterKind::kOther;

  bool cased() const { return kind == LetterKind::kLower || kind == LetterKind::kUpper; }
  bool letter() const { return cased() || kind == LetterKind::kUncased; }
  bool alnum() const { return letter() || kind == LetterKind::kDigit; }
  bool space() const { return kind == LetterKind::kSpace || kind == LetterKind::kNewline; }
};

// The character at `at`, which is within `text`. A byte that is no UTF-8 is a kOther of one byte.
Letter letter_at(std::string_view text, std::size_t at);

// Lower case without accents: "É" and "e" give "e", "ß" gives "ss". Latin, Greek and Cyrillic; others stay.
// Writes at most 4 bytes, returns how many.
std::size_t fold(char32_t code, char* out);

}  // namespace plimsoll::tagger
