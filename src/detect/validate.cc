#include "validate.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <string>

namespace plimsoll::detect {
namespace {

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

// The digits of a text, for numbers that people write with separators.
struct Digits {
  std::array<std::uint8_t, 40> at{};
  std::size_t size = 0;

  explicit Digits(std::string_view text) {
    for (const char c : text)
      if (is_digit(c) && size < at.size()) at[size++] = static_cast<std::uint8_t>(c - '0');
  }
  unsigned number(std::size_t from, std::size_t count) const {
    unsigned n = 0;
    for (std::size_t i = from; i < from + count && i < size; ++i) n = n * 10 + at[i];
    return n;
  }
  bool all_alike() const {
    return std::all_of(at.begin(), at.begin() + static_cast<std::ptrdiff_t>(size),
                       [&](auto d) { return d == at[0]; });
  }
};

bool luhn(const Digits& digits) {
  unsigned sum = 0;
  for (std::size_t i = 0; i < digits.size; ++i) {
    unsigned d = digits.at[digits.size - 1 - i];
    if (i % 2 == 1 && (d *= 2) > 9) d -= 9;
    sum += d;
  }
  return sum % 10 == 0;
}

}  // namespace

bool is_card_number(std::string_view text) {
  const Digits d(text);
  if (!luhn(d) || d.all_alike()) return false;
  const auto one = d.number(0, 1), two = d.number(0, 2), three = d.number(0, 3), four = d.number(0, 4);
  const auto within = [](unsigned n, unsigned from, unsigned to) { return n >= from && n <= to; };
  switch (d.size) {
    case 13:
      return one == 4;
    case 14:
      return within(three, 300, 305) || two == 36 || two == 38 || two == 39;
    case 15:
      return two == 34 || two == 37;
    case 16:
      return one == 4 || within(two, 51, 55) || within(four, 2221, 2720) || four == 6011 || two == 65 ||
             within(three, 644, 649) || within(four, 3528, 3589) || two == 62 || two == 60 || four == 2200;
    case 12:
    case 17:
    case 18:
      return two == 50 || within(two, 56, 58) || two == 67 || (two == 62 && d.size > 16);
    case 19:
      return one == 4 || two == 62 || two == 50 || within(two, 56, 58) || two == 67 || four == 6011;
    default:
      return false;
  }
}

}  // namespace plimsoll::detect
