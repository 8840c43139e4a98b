// How much like language a text is: its letters, three at a time, against English words.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace plimsoll::text {

// A letter's number, 1 to 26 whatever its case; 0 for all other bytes.
constexpr std::uint8_t letter_of(char c) {
  const auto low = static_cast<unsigned char>(static_cast<unsigned char>(c) | 0x20U);
  return low >= 'a' && low <= 'z' && static_cast<unsigned char>(c) < 0x80
             ? static_cast<std::uint8_t>(low - 'a' + 1)
             : std::uint8_t{0};
}

// Whether a third of the bytes are letters, or beyond ASCII.
bool is_third_letters(std::string_view text);

class Language {
 public:
  static const Language& english();

  // Half bits that letter `c` costs after `a` and `b`.
  unsigned cost(unsigned a, unsigned b, unsigned c) const {
    return costs_[a << 10U | b << 5U | c] - kRareBit + kRare;
  }
  // Of three letters, five bits each: has kRareBit where they hardly occur in a row. Each of about ten thousand triples of
  // plain English does not.
  std::uint8_t raised(unsigned triple) const { return costs_[triple]; }
  static constexpr unsigned kRareBit = 32;

  // What a word costs, both edges included, when `letter(i)` is its i-th.
  template <class F>
  unsigned word(std::size_t size, F letter) const {
    unsigned a = 0, b = 0, total = 0;
    for (std::size_t i = 0; i < size; ++i) {
      const unsigned c = letter(i);
      total += cost(a, b, c);
      a = b;
      b = c;
    }
    return total + cost(a, b, 0);
  }
  unsigned word(std::string_view text) const {
    return word(text.size(), [&](std::size_t i) { return letter_of(text[i]); });
  }

  // The same, and whether three letters in it hardly ever stand so.
  struct Reading {
    unsigned cost = 0;
    bool rare = false;
  };
  Reading read(std::string_view text) const {
    unsigned triple = 0, total = 0, any = 0;
    const auto take = [&](unsigned letter) {
      triple = (triple << 5U | letter) & 0x7FFFU;
      total += costs_[triple];
      any |= costs_[triple];
    };
    for (const char c : text) take(letter_of(c));
    take(0);
    return {.cost = total - lowered(text.size()), .rare = (any & kRareBit) != 0};
  }
  // The cost of N readings of a word at once, of which `letter(k, i)` is the i-th letter of the k-th: none waits for
  // another. Adds to `totals`.
  template <std::size_t N, class F>
  void words(std::size_t size, F letter, std::array<unsigned, N>& totals) const {
    std::array<unsigned, N> triple{};
    for (std::size_t i = 0; i < size; ++i)
      for (std::size_t k = 0; k < N; ++k) {
        triple[k] = (triple[k] << 5U | letter(k, i)) & 0x7FFFU;
        totals[k] += costs_[triple[k]];
      }
    for (std::size_t k = 0; k < N; ++k) totals[k] += costs_[triple[k] << 5U & 0x7FFFU] - lowered(size);
  }

  // Whether a text reads like a message: mostly letters and blanks, in words that English could have.
  bool is_message(std::string_view text) const;
  // The same, less strict: no line noise. Keys and addresses pass.
  static bool is_plain(std::string_view text);

  static constexpr unsigned kRare = 20;
  // A word that costs more a letter is none of English, or a rare name.
  static constexpr unsigned kPoorPerLetter = 9;

 private:
  Language();
  // How much more the letters of a word and its end cost as they are kept.
  static constexpr unsigned lowered(std::size_t size) {
    return static_cast<unsigned>(size + 1) * (kRareBit - kRare);
  }

  std::array<std::uint8_t, 32 * 32 * 32> costs_{};  // raised, so that a rare one has kRareBit
};

}  // namespace plimsoll::text
