#include "language.h"

#include <algorithm>

#include "letter_triples.h"

namespace plimsoll::text {

Language::Language() {
  costs_.fill(kRareBit - kRare);
  const char* entry = kLetterTriples;
  for (unsigned a = 0; a < 27; ++a)
    for (unsigned b = 0; b < 27; ++b)
      for (unsigned c = 0; c < 27; ++c)
        costs_[a << 10U | b << 5U | c] = static_cast<std::uint8_t>(*entry++ - 'A' + kRareBit - kRare);
  // What a word begins with does not depend on the one before it, so that texts can be read without a pause.
  for (unsigned a = 1; a < 27; ++a)
    for (unsigned c = 0; c < 27; ++c) costs_[a << 10U | c] = costs_[c];
  for (unsigned a = 0; a < 27; ++a) costs_[a << 10U] = kRareBit - kRare;
}

bool is_third_letters(std::string_view text) {
  const auto letters = std::ranges::count_if(
      text, [](char c) { return letter_of(c) != 0 || static_cast<unsigned char>(c) >= 0x80; });
  return 3 * static_cast<std::size_t>(letters) >= text.size();
}

const Language& Language::english() {
  static const Language language;
  return language;
}

bool Language::is_plain(std::string_view text) {
  std::size_t usual = 0;
  for (const char c : text) {
    const bool digit = c >= '0' && c <= '9';
    usual += letter_of(c) != 0 || digit || c == ' ' || static_cast<unsigned char>(c) >= 0x80 ? 1U : 0U;
  }
  return usual * 4 >= text.size() * 3;
}

bool Language::is_message(std::string_view text) const {
  std::size_t letters = 0, words = 0, foreign = 0, blanks = 0;
  unsigned total = 0;
  for (std::size_t i = 0; i < text.size();) {
    std::size_t end = i;
    while (end < text.size() && letter_of(text[end]) != 0) ++end;
    if (end == i) {
      foreign += static_cast<unsigned char>(text[i]) >= 0x80 ? 1U : 0U;
      blanks += text[i] == ' ' || text[i] == '\n' ? 1U : 0U;
      ++i;
      continue;
    }
    total += word(text.substr(i, end - i));
    letters += end - i;
    ++words;
    i = end;
  }
  if (foreign * 2 > text.size()) return true;  // another script: nothing is known of it
  if ((letters + blanks) * 4 < text.size() * 3 || letters < 6) return false;
  return total <= kPoorPerLetter * (letters + words);
}

}  // namespace plimsoll::text
