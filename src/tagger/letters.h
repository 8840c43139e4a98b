// Characters as the tagger sees them: their kind, and the plain letter they stand for.
#pragma once

#include <array>
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

inline constexpr std::array<LetterKind, 128> kAsciiKinds = [] {
  using enum LetterKind;
  std::array<LetterKind, 128> kinds{};
  kinds.fill(kOther);
  for (char c = 'a'; c <= 'z'; ++c) kinds[static_cast<unsigned char>(c)] = kLower;
  for (char c = 'A'; c <= 'Z'; ++c) kinds[static_cast<unsigned char>(c)] = kUpper;
  for (char c = '0'; c <= '9'; ++c) kinds[static_cast<unsigned char>(c)] = kDigit;
  for (const char c : {' ', '\t', '\r', '\v', '\f'}) kinds[static_cast<unsigned char>(c)] = kSpace;
  kinds['\n'] = kNewline;
  return kinds;
}();

Letter long_letter_at(std::string_view text, std::size_t at);

// The character at `at`, which is within `text`. A byte that is no UTF-8 is a kOther of one byte.
inline Letter letter_at(std::string_view text, std::size_t at) {
  const auto lead = static_cast<unsigned char>(text[at]);
  if (lead >= 0x80) return long_letter_at(text, at);
  return {.code = lead, .size = 1, .kind = kAsciiKinds[lead]};
}

// Lower case without accents: "É" and "e" give "e", "ß" gives "ss". Latin, Greek and Cyrillic; others stay.
// Writes at most 4 bytes, returns how many.
std::size_t fold(char32_t code, char* out);

}  // namespace plimsoll::tagger
