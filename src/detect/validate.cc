#include "validate.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <string>

#include "base/hash.h"

namespace plimsoll::detect {
namespace {

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}
bool is_lower(char c) {
  return c >= 'a' && c <= 'z';
}
bool is_upper(char c) {
  return c >= 'A' && c <= 'Z';
}
bool is_alpha(char c) {
  return is_lower(c) || is_upper(c);
}
char upper(char c) {
  return is_lower(c) ? static_cast<char>(c - 32) : c;
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
    if (i % 2 == 1) d = d > 4 ? 2 * d - 9 : 2 * d;
    sum += d;
  }
  return sum % 10 == 0;
}

bool within(unsigned n, unsigned from, unsigned to) {
  return n >= from && n <= to;
}

// Length of an IBAN by country, ISO 13616 registry.
unsigned iban_length(char a, char b) {
  struct Country {
    char code[3];
    std::uint8_t length;
  };
  static constexpr Country kCountries[] = {
      {"AD", 24}, {"AE", 23}, {"AL", 28}, {"AT", 20}, {"AZ", 28}, {"BA", 20}, {"BE", 16}, {"BG", 22},
      {"BH", 22}, {"BI", 27}, {"BR", 29}, {"BY", 28}, {"CH", 21}, {"CR", 22}, {"CY", 28}, {"CZ", 24},
      {"DE", 22}, {"DJ", 27}, {"DK", 18}, {"DO", 28}, {"EE", 20}, {"EG", 29}, {"ES", 24}, {"FI", 18},
      {"FK", 18}, {"FO", 18}, {"FR", 27}, {"GB", 22}, {"GE", 22}, {"GI", 23}, {"GL", 18}, {"GR", 27},
      {"GT", 28}, {"HR", 21}, {"HU", 28}, {"IE", 22}, {"IL", 23}, {"IQ", 23}, {"IS", 26}, {"IT", 27},
      {"JO", 30}, {"KW", 30}, {"KZ", 20}, {"LB", 28}, {"LC", 32}, {"LI", 21}, {"LT", 20}, {"LU", 20},
      {"LV", 21}, {"LY", 25}, {"MC", 27}, {"MD", 24}, {"ME", 22}, {"MK", 19}, {"MN", 20}, {"MR", 27},
      {"MT", 31}, {"MU", 30}, {"NI", 28}, {"NL", 18}, {"NO", 15}, {"OM", 23}, {"PK", 24}, {"PL", 28},
      {"PS", 29}, {"PT", 25}, {"QA", 29}, {"RO", 24}, {"RS", 22}, {"RU", 33}, {"SA", 24}, {"SC", 31},
      {"SD", 18}, {"SE", 24}, {"SI", 19}, {"SK", 24}, {"SM", 27}, {"SO", 23}, {"ST", 25}, {"SV", 28},
      {"TL", 23}, {"TN", 24}, {"TR", 26}, {"UA", 29}, {"VA", 22}, {"VG", 24}, {"XK", 20}};
  for (const auto& country : kCountries)
    if (country.code[0] == a && country.code[1] == b) return country.length;
  return 0;
}

}  // namespace

bool is_card_number(std::string_view text) {
  const Digits d(text);
  if (d.size < 12 || d.all_alike() || !luhn(d)) return false;
  const auto one = d.number(0, 1), two = d.number(0, 2), three = d.number(0, 3), four = d.number(0, 4);
  const bool maestro = two == 50 || within(two, 56, 58) || two == 67 || four == 6304;
  switch (d.size) {
    case 13:
      return one == 4;
    case 14:
      return within(three, 300, 305) || two == 36 || two == 38 || two == 39;
    case 15:
      return two == 34 || two == 37 || four == 2131 || four == 1800;
    case 16:
      return one == 4 || within(two, 51, 55) || within(four, 2221, 2720) || four == 6011 || two == 65 ||
             within(three, 644, 649) || within(four, 3528, 3589) || two == 62 || two == 60 ||
             within(four, 2200, 2204) || maestro;
    case 12:
    case 17:
    case 18:
      return maestro;
    case 19:
      return one == 4 || two == 62 || two == 65 || four == 6011 || maestro;
    default:
      return false;
  }
}

bool is_iban(std::string_view text) {
  std::array<char, 34> iban{};
  std::size_t size = 0;
  for (const char c : text) {
    if (c == ' ') continue;
    if (size == iban.size()) return false;
    iban[size++] = upper(c);
  }
  if (size < 15 || iban_length(iban[0], iban[1]) != size || std::ranges::count_if(iban, is_digit) < 6)
    return false;
  unsigned rest = 0;
  for (std::size_t i = 0; i < size; ++i) {
    const char c = iban[(i + 4) % size];
    if (is_digit(c))
      rest = (rest * 10 + static_cast<unsigned>(c - '0')) % 97;
    else if (is_upper(c))
      rest = (rest * 100 + static_cast<unsigned>(c - 'A') + 10) % 97;
    else
      return false;
  }
  return rest == 1;
}

bool is_us_ssn(std::string_view text) {
  const Digits d(text);
  return d.size == 9 && d.number(0, 3) != 0 && d.number(0, 3) != 666 && d.number(0, 3) < 900 &&
         d.number(3, 2) != 0 && d.number(5, 4) != 0 && !d.all_alike();
}

bool is_us_itin(std::string_view text) {
  const Digits d(text);
  const auto group = d.number(3, 2);
  return d.size == 9 && d.at[0] == 9 &&
         (within(group, 50, 65) || within(group, 70, 88) || within(group, 90, 92) || within(group, 94, 99));
}

bool is_ipv4(std::string_view text) {
  unsigned bytes[4] = {}, part = 0, digits = 0;
  for (const char c : text) {
    if (c == '.') {
      if (digits == 0 || ++part > 3) return false;
      digits = 0;
    } else {
      if (digits > 0 && bytes[part] == 0) return false;  // 01
      bytes[part] = bytes[part] * 10 + static_cast<unsigned>(c - '0');
      if (++digits > 3 || bytes[part] > 255) return false;
    }
  }
  // Neither "this host" nor a netmask, and four tiny numbers are a version or a section.
  if (part != 3 || digits == 0 || bytes[0] == 0 || bytes[0] == 255 || bytes[0] == 127) return false;
  return bytes[0] > 9 || bytes[1] > 9 || bytes[2] > 9 || bytes[3] > 9 ||
         (bytes[0] == bytes[3] && bytes[0] == bytes[1]);
}

bool is_ipv6(std::string_view text) {
  unsigned groups = 0, hex = 0, digits = 0;
  bool gap = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == ':') {
      if (i + 1 < text.size() && text[i + 1] == ':') {
        if (gap) return false;
        gap = true;
        ++i;
      }
      groups += hex > 0 ? 1 : 0;
      hex = 0;
    } else if (++hex > 4) {
      return false;
    } else if (is_digit(text[i])) {
      ++digits;
    }
  }
  groups += hex > 0 ? 1 : 0;
  return (gap ? groups < 8 && groups >= 3 : groups == 8) && digits >= 2;
}

bool is_mac_address(std::string_view text) {
  const char separator = text[2];
  bool zeros = true;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (i % 3 == 2 && text[i] != separator) return false;
    if (i % 3 != 2 && text[i] != '0') zeros = false;
  }
  return !zeros;
}

bool is_phone(std::string_view text) {
  const Digits d(text);
  if (d.size < 7 || d.size > 15 || d.all_alike()) return false;
  // Dates and years: 2019-2020, 2023-01-31.
  const auto year = d.number(0, 4);
  return !(d.size == 8 && within(year, 1900, 2099) && text[4] != ' ' && !is_digit(text[4]));
}

bool is_national_phone(std::string_view text) {
  const Digits d(text);
  return d.size >= 9 && d.size <= 11 && d.at[1] != 0 && !d.all_alike();
}

bool is_bitcoin_address(std::string_view text) {
  static constexpr std::string_view kAlphabet = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz";
  std::array<std::uint8_t, 25> bytes{};
  for (const char c : text) {
    const auto value = kAlphabet.find(c);
    if (value == std::string_view::npos) return false;
    auto carry = static_cast<unsigned>(value);
    for (auto byte = bytes.rbegin(); byte != bytes.rend(); ++byte) {
      carry += 58U * *byte;
      *byte = static_cast<std::uint8_t>(carry & 0xFFU);
      carry >>= 8U;
    }
    if (carry != 0) return false;
  }
  const std::string_view payload(reinterpret_cast<const char*>(bytes.data()), 21);
  const auto once = sha256(payload);
  const auto twice = sha256(bytes_of(once));
  return std::equal(bytes.begin() + 21, bytes.end(), twice.begin());
}

bool is_date(std::string_view text) {
  const Digits d(text);
  if (std::ranges::any_of(text, is_alpha)) return d.size >= 5;
  if (d.size < 4 || d.size > 8) return false;
  const auto separated = std::ranges::count_if(text, [](char c) { return !is_digit(c); });
  return separated == 2;
}

bool is_aba_routing(std::string_view text) {
  const Digits d(text);
  if (d.size != 9 || d.all_alike()) return false;
  const unsigned sum = 3U * (d.at[0] + d.at[3] + d.at[6]) + 7U * (d.at[1] + d.at[4] + d.at[7]) +
                       1U * (d.at[2] + d.at[5] + d.at[8]);
  return sum % 10 == 0;
}

bool is_nhs_number(std::string_view text) {
  const Digits d(text);
  if (d.size != 10 || d.all_alike()) return false;
  unsigned sum = 0;
  for (unsigned i = 0; i < 9; ++i) sum += d.at[i] * (10 - i);
  const unsigned check = (11 - sum % 11) % 11;
  return check == d.at[9];
}

bool has_digits(std::string_view text) {
  return std::ranges::count_if(text, is_digit) >= 4;
}

double entropy(std::string_view text) {
  std::array<unsigned, 256> counts{};
  for (const char c : text) ++counts[static_cast<unsigned char>(c)];
  double bits = 0;
  const auto size = static_cast<double>(text.size());
  for (const auto n : counts)
    if (n > 0) bits -= n / size * std::log2(n / size);
  return bits;
}

bool is_varied(std::string_view text) {
  return entropy(text) >= 2.6;
}

bool looks_random(std::string_view text) {
  const auto digits = std::ranges::count_if(text, is_digit);
  const bool lower = std::ranges::any_of(text, is_lower), capital = std::ranges::any_of(text, is_upper);
  if (digits == 0 && !(lower && capital && text.size() >= 20)) return false;
  return entropy(text) >= (text.size() < 24 ? 3.0 : 3.4);
}

bool looks_like_password(std::string_view text) {
  static constexpr std::string_view kNot[] = {
      "password", "passwd",   "example", "changeme", "undefined", "none",     "null",   "string",
      "required", "optional", "secret",  "your",     "process.",  "os.",      "getenv", "environ",
      "xxxx",     "****",     "config",  "request",  "token",     "function", "input",  "argv",
      "self.",    "this.",    "<",       "${",       "{{",        "%("};
  std::string lower(text);
  std::ranges::transform(lower, lower.begin(),
                         [](char c) { return is_upper(c) ? static_cast<char>(c + 32) : c; });
  for (const auto word : kNot)
    if (lower.contains(word)) return false;
  const auto classes = int{std::ranges::any_of(text, is_lower)} + int{std::ranges::any_of(text, is_upper)} +
                       int{std::ranges::any_of(text, is_digit)} +
                       int{std::ranges::any_of(text, [](char c) { return !is_alpha(c) && !is_digit(c); })};
  return classes >= 2 && std::ranges::any_of(text, [](char c) { return !is_alpha(c); }) &&
         entropy(text) >= 2.5;
}

bool is_random_hex(std::string_view text) {
  return std::ranges::any_of(text, is_digit) && std::ranges::any_of(text, is_alpha) && entropy(text) >= 3.0;
}

bool is_jwt_head(std::string_view text) {
  return text.starts_with("eyJ") && entropy(text) >= 3.0;
}

}  // namespace plimsoll::detect
