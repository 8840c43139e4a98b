// The digits of a text, for numbers that people write with separators.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <string_view>

namespace plimsoll::detect {

constexpr bool is_digit(char c) {
  return c >= '0' && c <= '9';
}
constexpr bool is_lower(char c) {
  return c >= 'a' && c <= 'z';
}
constexpr bool is_upper(char c) {
  return c >= 'A' && c <= 'Z';
}
constexpr bool is_alpha(char c) {
  return is_lower(c) || is_upper(c);
}
constexpr char upper(char c) {
  return is_lower(c) ? static_cast<char>(c - 32) : c;
}
constexpr bool within(unsigned n, unsigned from, unsigned to) {
  return n >= from && n <= to;
}

struct Digits {
  std::array<std::uint8_t, 40> at{};
  std::size_t size = 0;  // of a longer text only the first 40 count

  explicit Digits(std::string_view text) {
    for (const char c : text)
      if (is_digit(c) && size < at.size()) at[size++] = static_cast<std::uint8_t>(c - '0');
  }
  // As a decimal number; at most nine digits.
  unsigned number(std::size_t from, std::size_t count) const {
    unsigned n = 0;
    for (std::size_t i = from; i < from + count && i < size; ++i) n = n * 10 + at[i];
    return n;
  }
  bool all_alike() const {
    return std::all_of(at.begin(), at.begin() + static_cast<std::ptrdiff_t>(size),
                       [&](auto d) { return d == at[0]; });
  }
  // The sum of digit times weight, for as many as there are weights.
  unsigned sum(std::initializer_list<unsigned> weights) const {
    unsigned total = 0;
    std::size_t i = 0;
    for (const auto w : weights) total += w * at[i++];
    return total;
  }
  // ISO/IEC 7812's check over digits [from, from + count).
  bool luhn(std::size_t from, std::size_t count) const {
    unsigned total = 0;
    for (std::size_t i = 0; i < count; ++i) {
      unsigned d = at[from + count - 1 - i];
      if (i % 2 == 1) d = d > 4 ? 2 * d - 9 : 2 * d;
      total += d;
    }
    return total % 10 == 0;
  }
  bool luhn() const { return luhn(0, size); }
};

// Whether there can be such a day; a year of two digits (0 to 99) is any.
constexpr bool is_day(unsigned year, unsigned month, unsigned day) {
  constexpr std::array<unsigned, 12> kDays = {31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  return month >= 1 && month <= 12 && day >= 1 && day <= kDays[month - 1] &&
         (year < 100 || (year >= 1800 && year <= 2099));
}

}  // namespace plimsoll::detect
