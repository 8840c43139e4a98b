#include "validate.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/hash.h"
#include "digits.h"
#include "national_ids.h"

namespace plimsoll::detect {
namespace {

bool is_word(char c) {
  return is_digit(c) || is_alpha(c) || c == '_';
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

constexpr std::string_view kBase58 = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz";

// The bytes of base58check, without the checksum; nullopt when that is wrong, or there are more than 40.
std::optional<std::vector<std::uint8_t>> from_base58check(std::string_view text) {
  std::array<std::uint8_t, 40> bytes{};
  std::size_t size = 0;  // used, at the end
  for (const char c : text) {
    const auto value = kBase58.find(c);
    if (value == std::string_view::npos) return std::nullopt;
    auto carry = static_cast<unsigned>(value);
    std::size_t i = 0;
    for (auto byte = bytes.rbegin(); byte != bytes.rend() && (carry != 0 || i < size); ++byte, ++i) {
      carry += 58U * *byte;
      *byte = static_cast<std::uint8_t>(carry & 0xFFU);
      carry >>= 8U;
    }
    if (carry != 0) return std::nullopt;
    size = i;
  }
  for (std::size_t i = 0; i < text.size() && text[i] == '1'; ++i) ++size;  // each stands for a zero
  if (size < 5 || size > bytes.size()) return std::nullopt;
  std::vector<std::uint8_t> payload(bytes.end() - static_cast<std::ptrdiff_t>(size), bytes.end() - 4);
  const auto once = sha256(std::string_view(reinterpret_cast<const char*>(payload.data()), payload.size()));
  const auto twice = sha256(bytes_of(once));
  if (!std::equal(bytes.end() - 4, bytes.end(), twice.begin())) return std::nullopt;
  return payload;
}

// Keccak-256, of at most 135 bytes, as Ethereum has it: before the standard added its own padding.
std::array<std::uint8_t, 32> keccak256(std::string_view text) {
  constexpr std::uint64_t kRound[24] = {
      0x0000000000000001, 0x0000000000008082, 0x800000000000808A, 0x8000000080008000, 0x000000000000808B,
      0x0000000080000001, 0x8000000080008081, 0x8000000000008009, 0x000000000000008A, 0x0000000000000088,
      0x0000000080008009, 0x000000008000000A, 0x000000008000808B, 0x800000000000008B, 0x8000000000008089,
      0x8000000000008003, 0x8000000000008002, 0x8000000000000080, 0x000000000000800A, 0x800000008000000A,
      0x8000000080008081, 0x8000000000008080, 0x0000000080000001, 0x8000000080008008};
  constexpr int kTurn[24] = {1,  3,  6,  10, 15, 21, 28, 36, 45, 55, 2,  14,
                             27, 41, 56, 8,  25, 43, 62, 18, 39, 61, 20, 44};
  constexpr std::size_t kLane[24] = {10, 7,  11, 17, 18, 3, 5,  16, 8,  21, 24, 4,
                                     15, 23, 19, 13, 12, 2, 20, 14, 22, 9,  6,  1};
  const auto rotated = [](std::uint64_t x, int n) { return (x << n) | (x >> (64 - n)); };
  constexpr std::size_t kRate = 136;
  std::array<std::uint64_t, 25> a{};
  const auto absorb = [&](std::size_t i, std::uint8_t byte) {
    a[i / 8] ^= std::uint64_t{byte} << (8 * (i % 8));
  };
  for (std::size_t i = 0; i < text.size(); ++i) absorb(i, static_cast<std::uint8_t>(text[i]));
  absorb(text.size(), 0x01);
  absorb(kRate - 1, 0x80);
  for (const auto constant : kRound) {
    std::array<std::uint64_t, 5> c{};
    for (std::size_t x = 0; x < 5; ++x) c[x] = a[x] ^ a[x + 5] ^ a[x + 10] ^ a[x + 15] ^ a[x + 20];
    for (std::size_t i = 0; i < 25; ++i) a[i] ^= c[(i + 4) % 5] ^ rotated(c[(i + 1) % 5], 1);
    auto last = a[1];
    for (std::size_t i = 0; i < 24; ++i) {
      const auto next = a[kLane[i]];
      a[kLane[i]] = rotated(last, kTurn[i]);
      last = next;
    }
    for (std::size_t y = 0; y < 25; y += 5) {
      const std::array<std::uint64_t, 5> row = {a[y], a[y + 1], a[y + 2], a[y + 3], a[y + 4]};
      for (std::size_t x = 0; x < 5; ++x) a[y + x] = row[x] ^ (~row[(x + 1) % 5] & row[(x + 2) % 5]);
    }
    a[0] ^= constant;
  }
  std::array<std::uint8_t, 32> out{};
  for (std::size_t i = 0; i < out.size(); ++i) out[i] = static_cast<std::uint8_t>(a[i / 8] >> (8 * (i % 8)));
  return out;
}

// The number of a month by the first three letters of its name in English, or 0.
unsigned month_of(std::string_view text) {
  constexpr std::string_view kMonths = "janfebmaraprmayjunjulaugsepoctnovdec";
  for (std::size_t i = 0; i + 3 <= text.size(); ++i) {
    std::string three;
    for (const char c : text.substr(i, 3)) three += is_upper(c) ? static_cast<char>(c + 32) : c;
    for (std::size_t m = 0; m < 12; ++m)
      if (kMonths.substr(m * 3, 3) == three) return static_cast<unsigned>(m + 1);
  }
  return 0;
}

// The numbers in a text, at most four.
std::vector<unsigned> numbers_in(std::string_view text) {
  std::vector<unsigned> all;
  for (std::size_t i = 0; i < text.size() && all.size() < 4;) {
    if (!is_digit(text[i])) {
      ++i;
      continue;
    }
    unsigned n = 0;
    for (; i < text.size() && is_digit(text[i]); ++i)
      n = std::min(n * 10 + static_cast<unsigned>(text[i] - '0'), 100'000U);
    all.push_back(n);
  }
  return all;
}

// Of a year in two digits or four.
bool is_birth_year(unsigned year) {
  return year < 100 || within(year, 1880, 2030);
}

}  // namespace

bool is_card_number(std::string_view text) {
  const Digits d(text);
  // In one piece, in fours, or as American Express and Diners group theirs.
  std::string groups;
  std::size_t group = 0;
  for (const char c : text) {
    if (is_digit(c)) {
      ++group;
      continue;
    }
    groups += static_cast<char>('0' + std::min<std::size_t>(group, 9));
    group = 0;
  }
  groups += static_cast<char>('0' + std::min<std::size_t>(group, 9));
  if (groups.size() > 1 && groups != "4444" && groups != "44443" && groups != "465" && groups != "464" &&
      groups != "4443")
    return false;
  if (d.size < 12 || d.all_alike() || !d.luhn()) return false;
  const auto one = d.number(0, 1), two = d.number(0, 2), three = d.number(0, 3), four = d.number(0, 4);
  const bool maestro = two == 50 || within(two, 56, 58) || two == 67 || four == 6304;
  switch (d.size) {
    case 13:
      return one == 4 && !is_za_id(text);
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
  std::uint64_t rest = 0;
  constexpr std::uint64_t kMuch = UINT64_MAX / 1000;
  for (std::size_t i = 0, at = 4; i < size; ++i, at = at + 1 == size ? 0 : at + 1) {
    const char c = iban[at];
    if (is_digit(c))
      rest = rest * 10 + static_cast<unsigned>(c - '0');
    else if (is_upper(c))
      rest = rest * 100 + static_cast<unsigned>(c - 'A') + 10;
    else
      return false;
    if (rest > kMuch) rest %= 97;
  }
  return rest % 97 == 1;
}

bool is_bic(std::string_view text) {
  const char a = upper(text[4]), b = upper(text[5]);
  constexpr std::string_view kOthers =
      "US CA AU NZ JP CN HK SG IN ZA MX KR TH MY ID PH VN TW AR CL CO PE UY NG KE GH MA BD LK RU ";
  const std::string country = {a, b, ' '};
  // The seventh is never a letter O or the digit 0; a word of English is rarely followed by a country.
  return (iban_length(a, b) != 0 || kOthers.contains(country)) && text[6] != 'O' && text[6] != '0';
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
  // Neither "this host", the host itself, a netmask, nor multicast. (Four tiny numbers, a version or a section, do
  // not come here.)
  return part == 3 && digits > 0 && bytes[0] != 0 && bytes[0] != 127 && bytes[0] < 224;
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
  if (text.size() > 17) return false;
  bool zeros = true, ones = true;
  const char separator = text[text[2] == ':' || text[2] == '-' ? 2 : 4];
  for (const char c : text) {
    if (c == ':' || c == '-' || c == '.') {
      if (c != separator) return false;
      continue;
    }
    zeros &= c == '0';
    ones &= c == 'f' || c == 'F';
  }
  return !zeros && !ones;
}

bool is_email(std::string_view text) {
  const auto at = text.rfind('@');
  const auto local = text.substr(0, at), domain = text.substr(at + 1);
  if (local.starts_with('.') || local.ends_with('.') || local.contains("..") || domain.starts_with('-') ||
      domain.contains("-.") || domain.contains(".-"))
    return false;
  std::string last;
  for (const char c : domain.substr(domain.rfind('.') + 1))
    last += is_upper(c) ? static_cast<char>(c + 32) : c;
  for (const auto* const file :
       {"png", "jpg", "jpeg", "gif", "svg", "webp", "js", "css", "mjs", "json", "html", "php"})
    if (last == file) return false;  // image@2x.png
  return std::ranges::any_of(local,
                             [](char c) { return is_word(c) || static_cast<unsigned char>(c) >= 0x80; });
}

bool is_date(std::string_view text) {
  const auto numbers = numbers_in(text);
  if (std::ranges::any_of(text, is_alpha)) {
    if (numbers.size() != 2 || month_of(text) == 0) return numbers.size() >= 2 && month_of(text) == 0;
    return is_day(99, month_of(text), numbers[0]) && is_birth_year(numbers[1]);
  }
  if (numbers.size() != 3) return numbers.size() == 2 && numbers[0] <= 31 && within(numbers[1], 1880, 2030);
  const auto [a, b, c] = std::array{numbers[0], numbers[1], numbers[2]};
  if (a > 31) return is_birth_year(a) && is_day(99, b, c);
  return is_birth_year(c) && (is_day(99, a, b) || is_day(99, b, a));
}

bool is_date_and_time(std::string_view text) {
  // What is behind the day are an hour and minutes.
  auto numbers = numbers_in(text.substr(0, text.find(':')));
  if (text.contains(':') && !numbers.empty()) numbers.pop_back();
  const auto is_year = [](unsigned year) { return within(year, 1800, 2100); };
  if (std::ranges::any_of(text.substr(0, text.find(':')), is_alpha) && month_of(text) != 0)
    return numbers.size() == 2 && is_year(numbers[1]) && is_day(99, month_of(text), numbers[0]);
  if (numbers.size() != 3) return numbers.size() == 2 && numbers[0] <= 31 && is_year(numbers[1]);
  const auto [a, b, c] = std::array{numbers[0], numbers[1], numbers[2]};
  if (a > 31) return is_year(a) && is_day(99, b, c);
  return is_year(c) && (is_day(99, a, b) || is_day(99, b, a));
}

bool is_aba_routing(std::string_view text) {
  const Digits d(text);
  const auto bank = d.number(0, 2);
  if (d.size != 9 || d.all_alike()) return false;
  if (!(bank <= 12 || within(bank, 21, 32) || within(bank, 61, 72) || bank == 80)) return false;
  return d.sum({3, 7, 1, 3, 7, 1, 3, 7, 1}) % 10 == 0;
}

bool is_account_number(std::string_view text) {
  const Digits d(text);
  if (d.size < 6 || d.all_alike()) return false;
  return !(d.size == 8 && is_day(d.number(0, 4), d.number(4, 2), d.number(6, 2)) &&
           within(d.number(0, 4), 1950, 2050));
}

bool is_vin(std::string_view text) {
  constexpr unsigned kWeights[] = {8, 7, 6, 5, 4, 3, 2, 10, 0, 9, 8, 7, 6, 5, 4, 3, 2};
  constexpr unsigned kLetters[] = {1, 2, 3, 4, 5, 6, 7, 8, 0, 1, 2, 3, 4,
                                   5, 0, 7, 0, 9, 2, 3, 4, 5, 6, 7, 8, 9};
  unsigned sum = 0, digits = 0, letters = 0;
  for (std::size_t i = 0; i < 17; ++i) {
    const char c = upper(text[i]);
    ++(is_digit(c) ? digits : letters);
    sum += kWeights[i] * (is_digit(c) ? static_cast<unsigned>(c - '0') : kLetters[c - 'A']);
  }
  const auto check = sum % 11;
  return digits >= 6 && letters >= 3 &&
         upper(text[8]) == (check == 10 ? 'X' : static_cast<char>('0' + check));
}

bool is_imei(std::string_view text) {
  const Digits d(text);
  return d.size == 15 && !d.all_alike() && d.luhn();
}

bool is_coordinates(std::string_view text) {
  double values[2] = {};
  std::size_t found = 0;
  for (std::size_t i = 0; i < text.size() && found < 2;) {
    if (!is_digit(text[i])) {
      ++i;
      continue;
    }
    const auto* const end = text.data() + text.size();
    const auto [stop, error] = std::from_chars(text.data() + i, end, values[found]);
    if (error != std::errc()) return false;
    ++found;
    i = static_cast<std::size_t>(stop - text.data());
  }
  return found == 2 && values[0] <= 90 && values[1] <= 180 && (values[0] != 0 || values[1] != 0);
}

bool is_document_number(std::string_view text) {
  const Digits d(text);
  return d.size >= 5 && !d.all_alike() &&
         !(d.size == 8 && text.size() > 8 &&
           (within(d.number(0, 4), 1900, 2099) || within(d.number(4, 4), 1900, 2099)));
}

bool has_digits(std::string_view text) {
  return std::ranges::count_if(text, is_digit) >= 4;
}

bool is_base58_address(std::string_view text) {
  const auto payload = from_base58check(text);
  if (!payload || payload->size() != 21) return false;
  // Versions: Bitcoin, Litecoin, Dogecoin, Tron, Dash, Bitcoin's test network.
  constexpr std::uint8_t kVersions[] = {0x00, 0x05, 0x30, 0x32, 0x1E, 0x16, 0x41, 0x4C, 0x6F, 0xC4};
  return std::ranges::find(kVersions, payload->front()) != std::end(kVersions);
}

bool is_wallet_key(std::string_view text) {
  const auto payload = from_base58check(text);
  return payload && payload->front() == 0x80 && (payload->size() == 33 || payload->size() == 34);
}

bool is_bech32_address(std::string_view text) {
  constexpr std::string_view kAlphabet = "qpzry9x8gf2tvdw0s3jn54khce6mua7l";
  constexpr std::uint32_t kGenerators[] = {0x3b6a57b2, 0x26508e6d, 0x1ea119fa, 0x3d4233dd, 0x2a1462b3};
  if (std::ranges::any_of(text, is_lower) && std::ranges::any_of(text, is_upper)) return false;
  const auto one = text.rfind('1');
  std::uint32_t sum = 1;
  const auto add = [&](std::uint32_t value) {
    const auto top = sum >> 25U;
    sum = (sum & 0x1FFFFFFU) << 5U ^ value;
    for (std::size_t i = 0; i < 5; ++i)
      if ((top >> i & 1U) != 0) sum ^= kGenerators[i];
  };
  const auto low = [](char c) { return is_upper(c) ? static_cast<char>(c + 32) : c; };
  for (const char c : text.substr(0, one)) add(static_cast<std::uint32_t>(low(c)) >> 5U);
  add(0);
  for (const char c : text.substr(0, one)) add(static_cast<std::uint32_t>(low(c)) & 31U);
  for (const char c : text.substr(one + 1)) {
    const auto value = kAlphabet.find(low(c));
    if (value == std::string_view::npos) return false;
    add(static_cast<std::uint32_t>(value));
  }
  return sum == 1 || sum == 0x2bc830a3;
}

bool is_ethereum_address(std::string_view text) {
  const auto hex = text.substr(2);
  const bool low = std::ranges::any_of(hex, is_lower), capital = std::ranges::any_of(hex, is_upper);
  std::array<unsigned, 16> counts{};
  for (const char c : hex) ++counts[static_cast<std::size_t>(is_digit(c) ? c - '0' : upper(c) - 'A' + 10)];
  if (std::ranges::max(counts) > 12) return false;  // an address of zeros, or a pattern
  if (!low || !capital) return low || capital;
  std::string folded(hex);
  for (char& c : folded) c = is_upper(c) ? static_cast<char>(c + 32) : c;
  const auto hash = keccak256(folded);
  for (std::size_t i = 0; i < hex.size(); ++i) {
    const auto nibble = i % 2 == 0 ? hash[i / 2] >> 4U : hash[i / 2] & 15U;
    if (is_alpha(hex[i]) && is_upper(hex[i]) != (nibble >= 8)) return false;
  }
  return true;
}

bool stands_alone(std::string_view before, std::string_view after) {
  if (!before.empty() && (is_word(before.back()) || std::string_view("$./-+#@%~^\\").contains(before.back())))
    return false;
  if (after.empty()) return true;
  if (after.size() > 1 && is_digit(after[1])) return false;
  return !is_word(after[0]) && !std::string_view("%$@").contains(after[0]);
}

bool is_whole_domain(std::string_view before, std::string_view after) {
  return stands_alone(before, after) && !(after.size() > 1 && after[0] == '.' && is_alpha(after[1]));
}

bool is_not_a_version(std::string_view before, std::string_view after) {
  return std::ranges::none_of(before, is_alpha) && stands_alone(before, after);
}

bool is_not_in_hex(std::string_view before, std::string_view after) {
  if (!before.empty() && (is_word(before.back()) || std::string_view(":.-").contains(before.back())))
    return false;
  return after.empty() || !std::string_view(":-").contains(after[0]);
}

}  // namespace plimsoll::detect
