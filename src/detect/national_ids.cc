#include "national_ids.h"

#include <string>

#include "digits.h"

namespace plimsoll::detect {
namespace {

// Letters (made capital) and digits, without what separates them.
std::string compact(std::string_view text) {
  std::string out;
  for (const char c : text)
    if (is_digit(c) || is_alpha(c)) out += upper(c);
  return out;
}

unsigned value_of(char c) {
  return is_digit(c) ? static_cast<unsigned>(c - '0') : static_cast<unsigned>(c - 'A') + 10;
}

// ISO 7064 mod 11,10: whether the last of `count` digits checks the others.
bool mod_11_10(const Digits& d, std::size_t count) {
  unsigned product = 10;
  for (std::size_t i = 0; i + 1 < count; ++i) {
    const unsigned sum = (d.at[i] + product) % 10;
    product = (sum == 0 ? 10 : sum) * 2 % 11;
  }
  return (11 - product) % 10 == d.at[count - 1];
}

// YYMMDD at `from`.
bool short_date(const Digits& d, std::size_t from = 0) {
  return is_day(d.number(from, 2), d.number(from + 2, 2), d.number(from + 4, 2));
}
// DDMMYY at `from`.
bool reversed_date(const Digits& d, std::size_t from = 0) {
  return is_day(d.number(from + 4, 2), d.number(from + 2, 2), d.number(from, 2));
}

// The check digit that ISO 7064 mod 37,36 gives for letters and digits.
bool mod_37_36(std::string_view text) {
  unsigned factor = 1, sum = 0;
  for (std::size_t i = 0; i + 1 < text.size(); ++i) {
    const unsigned product = factor * value_of(text[i]);
    sum += product / 36 + product % 36;
    factor = factor == 1 ? 2 : 1;
  }
  return (36 - sum % 36) % 36 == value_of(text.back());
}

}  // namespace

bool is_us_ssn(std::string_view text) {
  const Digits d(text);
  if (d.size != 9 || d.all_alike()) return false;
  const auto area = d.number(0, 3);
  if (area == 0 || area == 666 || area >= 900 || d.number(3, 2) == 0 || d.number(5, 4) == 0) return false;
  // Printed on samples, never given to anyone.
  for (const unsigned specimen : {78051120U, 219099999U, 123456789U, 457555462U})
    if (d.number(0, 9) == specimen) return false;
  return true;
}

bool is_us_itin(std::string_view text) {
  const Digits d(text);
  const auto group = d.number(3, 2);
  return d.size == 9 && d.at[0] == 9 &&
         (within(group, 50, 65) || within(group, 70, 88) || within(group, 90, 92) || within(group, 94, 99));
}

bool is_us_ein(std::string_view text) {
  const Digits d(text);
  const auto prefix = d.number(0, 2);
  constexpr unsigned kNever[] = {0, 7, 8, 9, 17, 18, 19, 28, 29, 49, 69, 70, 78, 79, 89, 96, 97};
  return d.size == 9 && !d.all_alike() && std::ranges::find(kNever, prefix) == std::end(kNever);
}

bool is_us_mbi(std::string_view text) {
  const auto id = compact(text);
  if (id.size() != 11) return false;
  constexpr std::string_view kLayout = "CANNANNAANN";  // second and fifth of "AN" may be a letter or a digit
  constexpr std::string_view kNot = "SLOIBZ";
  for (std::size_t i = 0; i < id.size(); ++i) {
    const bool either = i == 2 || i == 5;
    if (kNot.contains(id[i])) return false;
    if (kLayout[i] == 'C' && (id[i] < '1' || id[i] > '9')) return false;
    if (kLayout[i] == 'A' && !is_upper(id[i])) return false;
    if (kLayout[i] == 'N' && !either && !is_digit(id[i])) return false;
  }
  return true;
}

bool is_us_npi(std::string_view text) {
  const Digits d("80840" + std::string(text));
  return d.size == 15 && within(d.at[5], 1, 2) && d.luhn();
}

bool is_us_dea(std::string_view text) {
  const Digits d(text.substr(text.size() - 7));
  return d.size == 7 && !d.all_alike() && d.sum({1, 2, 1, 2, 1, 2}) % 10 == d.at[6];
}

bool is_uk_nhs(std::string_view text) {
  const Digits d(text);
  return d.size == 10 && !d.all_alike() && (11 - d.sum({10, 9, 8, 7, 6, 5, 4, 3, 2}) % 11) % 11 == d.at[9];
}

bool is_uk_nino(std::string_view text) {
  const auto id = compact(text);
  const auto prefix = std::string_view(id).substr(0, 2);
  for (const auto* const never : {"BG", "GB", "KN", "NK", "NT", "TN", "ZZ"})
    if (prefix == never) return false;
  return !Digits(text).all_alike();
}

bool is_uk_utr(std::string_view text) {
  const Digits d(text);
  if (d.size != 10 || d.all_alike()) return false;
  constexpr std::string_view kCheck = "21987654321";
  unsigned sum = 0;
  constexpr unsigned kWeights[] = {6, 7, 8, 9, 10, 5, 4, 3, 2};
  for (std::size_t i = 0; i < 9; ++i) sum += kWeights[i] * d.at[i + 1];
  return static_cast<unsigned>(kCheck[sum % 11] - '0') == d.at[0];
}

// Five of the surname, the decade, month (50 more for women), day and year of birth, initials.
bool is_uk_driving_licence(std::string_view text) {
  const auto id = compact(text);
  if (id.size() < 16) return false;
  bool letters_over = false;
  for (std::size_t i = 0; i < 5; ++i) {
    if (id[i] == '9')
      letters_over = true;
    else if (letters_over || !is_upper(id[i]))
      return false;
  }
  const Digits d(std::string_view(id).substr(5, 6));
  const auto month = d.number(1, 2) % 50;
  return id[0] != '9' && d.size == 6 && d.number(1, 2) <= 62 &&
         is_day(d.at[0] * 10U + d.at[5], month, d.number(3, 2));
}

bool is_ie_pps(std::string_view text) {
  const auto id = compact(text);
  const Digits d(text);
  if (d.size != 7 || id.size() < 8 || id.size() > 9 || d.all_alike()) return false;
  unsigned sum = d.sum({8, 7, 6, 5, 4, 3, 2});
  if (id.size() == 9 && id[8] != 'W') sum += 9 * (static_cast<unsigned>(id[8] - 'A') + 1);
  return "WABCDEFGHIJKLMNOPQRSTUV"[sum % 23] == id[7];
}

bool is_de_tax_id(std::string_view text) {
  const Digits d(text);
  if (d.size != 11 || d.at[0] == 0) return false;
  unsigned counts[10] = {};
  for (std::size_t i = 0; i < 10; ++i) ++counts[d.at[i]];
  // One digit occurs twice or three times, every other at most once.
  const auto twice = std::ranges::count(counts, 2U), thrice = std::ranges::count(counts, 3U);
  if (twice + thrice != 1 || std::ranges::max(counts) > 3) return false;
  return mod_11_10(d, 11);
}

bool is_de_id_card(std::string_view text) {
  const auto id = compact(text);
  if (id.size() < 10 || std::ranges::count_if(id, is_digit) < 3) return false;
  constexpr unsigned kWeights[] = {7, 3, 1};
  unsigned sum = 0;
  for (std::size_t i = 0; i < 9; ++i) sum += value_of(id[i]) * kWeights[i % 3];
  return value_of(id[9]) == sum % 10;
}

bool is_fr_nir(std::string_view text) {
  const auto id = compact(text);
  if (id.size() != 15) return false;
  std::uint64_t n = 0, less = 0;
  for (std::size_t i = 0; i < 13; ++i) {
    char c = id[i];
    if (i == 6 && (c == 'A' || c == 'B')) {
      if (id[5] != '2') return false;
      less = c == 'A' ? 1'000'000 : 2'000'000;
      c = '0';
    }
    if (!is_digit(c)) return false;
    n = n * 10 + static_cast<std::uint64_t>(c - '0');
  }
  const Digits d(id);
  const auto month = d.number(3, 2);
  if (!within(d.at[0], 1, 4) || !(within(month, 1, 12) || within(month, 20, 42) || within(month, 50, 99)))
    return false;
  return 97 - (n - less) % 97 == d.number(d.size - 2, 2);
}

bool is_es_nif(std::string_view text) {
  const Digits d(text);
  return d.size == 8 && "TRWAGMYFPDXBNJZSQVHLCKE"[d.number(0, 8) % 23] == upper(text.back());
}

bool is_es_nie(std::string_view text) {
  const Digits d(text);
  const auto first = static_cast<unsigned>(upper(text.front()) - 'X');
  return d.size == 7 && first < 3 &&
         "TRWAGMYFPDXBNJZSQVHLCKE"[(first * 10'000'000 + d.number(0, 7)) % 23] == upper(text.back());
}

bool is_it_fiscal_code(std::string_view text) {
  const auto id = compact(text);
  if (id.size() != 16) return false;
  constexpr std::string_view kHomocodes = "LMNPQRSTUV";
  const auto digit = [&](std::size_t i) {
    return is_digit(id[i]) ? static_cast<std::size_t>(id[i] - '0') : kHomocodes.find(id[i]);
  };
  for (const std::size_t i : {6U, 7U, 9U, 10U, 12U, 13U, 14U})
    if (digit(i) > 9) return false;
  // A letter for the last digit tells namesakes apart; more of them have not been needed, and words would fit.
  if (std::ranges::count_if(id, is_digit) < 6) return false;
  const auto day = static_cast<unsigned>(digit(9) * 10 + digit(10)) % 40;
  if (day < 1 || day > 31) return false;
  constexpr unsigned kOdd[] = {1,  0,  5, 7, 9, 13, 15, 17, 19, 21, 2,  4,  18,
                               20, 11, 3, 6, 8, 12, 14, 16, 10, 22, 25, 24, 23};
  unsigned sum = 0;
  for (std::size_t i = 0; i < 15; ++i) {
    const auto n = static_cast<unsigned>(is_digit(id[i]) ? id[i] - '0' : id[i] - 'A');
    sum += i % 2 == 0 ? kOdd[n] : n;
  }
  return static_cast<unsigned>(id[15] - 'A') == sum % 26;
}

bool is_it_vat(std::string_view text) {
  const Digits d(text);
  return d.size == 11 && !d.all_alike() && d.luhn();
}

bool is_pl_pesel(std::string_view text) {
  const Digits d(text);
  return d.size == 11 && is_day(d.number(0, 2), d.number(2, 2) % 20, d.number(4, 2)) &&
         (10 - d.sum({1, 3, 7, 9, 1, 3, 7, 9, 1, 3}) % 10) % 10 == d.at[10];
}

bool is_pl_nip(std::string_view text) {
  const Digits d(text);
  return d.size == 10 && !d.all_alike() && d.sum({6, 5, 7, 2, 3, 4, 5, 6, 7}) % 11 == d.at[9];
}

bool is_nl_bsn(std::string_view text) {
  const Digits d(text);
  if (d.size != 9 || d.all_alike()) return false;
  return (d.sum({9, 8, 7, 6, 5, 4, 3, 2}) + 11 - d.at[8]) % 11 == 0;
}

bool is_be_national(std::string_view text) {
  const Digits d(text);
  if (d.size != 11 || d.number(6, 3) == 0) return false;
  const auto month = d.number(2, 2) % 20;  // 20 or 40 more for those who are not in the register
  if (month != 0 && !is_day(d.number(0, 2), month, std::max(d.number(4, 2), 1U))) return false;
  const auto n = d.number(0, 9), check = d.number(9, 2);
  return 97 - n % 97 == check || 97 - (2'000'000'000ULL + n) % 97 == check;
}

bool is_at_svnr(std::string_view text) {
  const Digits d(text);
  const auto month = d.number(6, 2);
  if (d.size != 10 || d.at[0] == 0 || d.number(4, 2) == 0 || d.number(4, 2) > 31 || month == 0 || month > 15)
    return false;
  const unsigned sum = 3U * d.at[0] + 7U * d.at[1] + 9U * d.at[2] + 5U * d.at[4] + 8U * d.at[5] +
                       4U * d.at[6] + 2U * d.at[7] + 1U * d.at[8] + 6U * d.at[9];
  return sum % 11 == d.at[3];
}

bool is_se_personnummer(std::string_view text) {
  const Digits d(text);
  const std::size_t from = d.size == 12 ? 2 : 0;
  if (d.size != 10 && d.size != 12) return false;
  if (from == 2 && !within(d.number(0, 2), 18, 20)) return false;
  const auto day = d.number(from + 4, 2);
  return is_day(d.number(from, 2), d.number(from + 2, 2), day > 60 ? day - 60 : day) && d.luhn(from, 10);
}

bool is_fi_hetu(std::string_view text) {
  const Digits d(text);
  if (text.size() != 11 || !reversed_date(d) || d.size < 9 || d.number(6, 3) < 2) return false;
  return "0123456789ABCDEFHJKLMNPRSTUVWXY"[d.number(0, 9) % 31] == upper(text.back());
}

bool is_no_fnr(std::string_view text) {
  const Digits d(text);
  if (d.size != 11) return false;
  const auto day = d.number(0, 2);
  if (!is_day(d.number(4, 2), d.number(2, 2) % 40, day > 40 ? day - 40 : day)) return false;
  const auto first = (11 - d.sum({3, 7, 6, 1, 8, 9, 4, 5, 2}) % 11) % 11;
  const auto second = (11 - d.sum({5, 4, 3, 2, 7, 6, 5, 4, 3, 2}) % 11) % 11;
  return first == d.at[9] && second == d.at[10];
}

bool is_dk_cpr(std::string_view text) {
  const Digits d(text);
  return d.size == 10 && reversed_date(d) && d.number(6, 4) != 0;
}

bool is_ch_ahv(std::string_view text) {
  const Digits d(text);
  return d.size == 13 && d.number(0, 3) == 756 &&
         (10 - d.sum({1, 3, 1, 3, 1, 3, 1, 3, 1, 3, 1, 3}) % 10) % 10 == d.at[12];
}

bool is_pt_nif(std::string_view text) {
  const Digits d(text);
  if (d.size != 9 || d.at[0] == 0 || d.at[0] == 4 || d.all_alike()) return false;
  const auto rest = d.sum({9, 8, 7, 6, 5, 4, 3, 2}) % 11;
  return (rest < 2 ? 0 : 11 - rest) == d.at[8];
}

bool is_cz_birth_number(std::string_view text) {
  const Digits d(text);
  if (d.size != 9 && d.size != 10) return false;
  auto month = d.number(2, 2);
  if (month > 50) month -= 50;  // women
  if (month > 20) month -= 20;  // a day that ran out of numbers
  if (!is_day(d.number(0, 2), month, d.number(4, 2))) return false;
  if (d.size == 9) return d.number(0, 2) < 54;
  return d.number(0, 9) % 11 % 10 == d.at[9];
}

bool is_ro_cnp(std::string_view text) {
  const Digits d(text);
  if (d.size != 13 || !within(d.at[0], 1, 9) || !short_date(d, 1)) return false;
  const auto rest = d.sum({2, 7, 9, 1, 4, 6, 3, 5, 8, 2, 7, 9}) % 11;
  return (rest == 10 ? 1 : rest) == d.at[12];
}

bool is_bg_egn(std::string_view text) {
  const Digits d(text);
  if (d.size != 10) return false;
  auto month = d.number(2, 2);
  if (month > 40)
    month -= 40;
  else if (month > 20)
    month -= 20;
  return is_day(d.number(0, 2), month, d.number(4, 2)) &&
         d.sum({2, 4, 8, 5, 10, 9, 7, 3, 6}) % 11 % 10 == d.at[9];
}

bool is_hr_oib(std::string_view text) {
  const Digits d(text);
  return d.size == 11 && !d.all_alike() && mod_11_10(d, 11);
}

bool is_ee_or_lt_code(std::string_view text) {
  const Digits d(text);
  if (d.size != 11 || !within(d.at[0], 1, 8) || !short_date(d, 1)) return false;
  auto check = d.sum({1, 2, 3, 4, 5, 6, 7, 8, 9, 1}) % 11;
  if (check == 10) check = d.sum({3, 4, 5, 6, 7, 8, 9, 1, 2, 3}) % 11 % 10;
  return check == d.at[10];
}

bool is_gr_amka(std::string_view text) {
  const Digits d(text);
  return d.size == 11 && reversed_date(d) && d.luhn();
}

bool is_ru_snils(std::string_view text) {
  const Digits d(text);
  if (d.size != 11 || d.number(0, 9) <= 1'001'998) return false;
  const auto sum = d.sum({9, 8, 7, 6, 5, 4, 3, 2, 1}) % 101;
  return sum % 100 == d.number(9, 2);
}

bool is_ru_inn(std::string_view text) {
  const Digits d(text);
  if (d.all_alike()) return false;
  if (d.size == 10) return d.sum({2, 4, 10, 3, 5, 9, 4, 6, 8}) % 11 % 10 == d.at[9];
  return d.size == 12 && d.sum({7, 2, 4, 10, 3, 5, 9, 4, 6, 8}) % 11 % 10 == d.at[10] &&
         d.sum({3, 7, 2, 4, 10, 3, 5, 9, 4, 6, 8}) % 11 % 10 == d.at[11];
}

bool is_br_cpf(std::string_view text) {
  const Digits d(text);
  if (d.size != 11 || d.all_alike()) return false;
  return d.sum({10, 9, 8, 7, 6, 5, 4, 3, 2}) * 10 % 11 % 10 == d.at[9] &&
         d.sum({11, 10, 9, 8, 7, 6, 5, 4, 3, 2}) * 10 % 11 % 10 == d.at[10];
}

bool is_br_cnpj(std::string_view text) {
  const Digits d(text);
  if (d.size != 14 || d.all_alike()) return false;
  const auto check = [](unsigned sum) { return sum % 11 < 2 ? 0 : 11 - sum % 11; };
  return check(d.sum({5, 4, 3, 2, 9, 8, 7, 6, 5, 4, 3, 2})) == d.at[12] &&
         check(d.sum({6, 5, 4, 3, 2, 9, 8, 7, 6, 5, 4, 3, 2})) == d.at[13];
}

bool is_mx_curp(std::string_view text) {
  const auto id = compact(text);
  const Digits d(std::string_view(id).substr(4, 6));
  if (id.size() != 18 || !short_date(d) || !is_digit(id[17])) return false;
  unsigned sum = 0;
  for (std::size_t i = 0; i < 17; ++i) {
    auto n = value_of(id[i]);
    if (n > 23) ++n;  // a place is kept for the Spanish letter after N
    sum += n * static_cast<unsigned>(18 - i);
  }
  return (10 - sum % 10) % 10 == value_of(id[17]);
}

bool is_mx_rfc(std::string_view text) {
  const auto id = compact(text);
  const std::size_t letters = id.size() == 13 ? 4 : 3;
  return (id.size() == 12 || id.size() == 13) && short_date(Digits(std::string_view(id).substr(letters, 6)));
}

bool is_ar_cuit(std::string_view text) {
  const Digits d(text);
  const auto kind = d.number(0, 2);
  if (d.size != 11 || !(within(kind, 20, 27) || within(kind, 30, 34))) return false;
  const auto check = (11 - d.sum({5, 4, 3, 2, 7, 6, 5, 4, 3, 2}) % 11) % 11;
  return std::min(check, 9U) == d.at[10];
}

bool is_cl_rut(std::string_view text) {
  const auto id = compact(text);
  if (id.size() < 8 || id.size() > 9) return false;
  unsigned sum = 0, weight = 2;
  for (std::size_t i = id.size() - 1; i-- > 0;) {
    if (!is_digit(id[i])) return false;
    sum += weight * value_of(id[i]);
    weight = weight == 7 ? 2 : weight + 1;
  }
  const auto check = (11 - sum % 11) % 11;
  return check == 10 ? id.back() == 'K' : id.back() == static_cast<char>('0' + check);
}

bool is_ca_sin(std::string_view text) {
  const Digits d(text);
  return d.size == 9 && d.at[0] != 0 && d.at[0] != 8 && !d.all_alike() && d.luhn();
}

bool is_in_aadhaar(std::string_view text) {
  constexpr std::uint8_t kProduct[10][10] = {{0, 1, 2, 3, 4, 5, 6, 7, 8, 9}, {1, 2, 3, 4, 0, 6, 7, 8, 9, 5},
                                             {2, 3, 4, 0, 1, 7, 8, 9, 5, 6}, {3, 4, 0, 1, 2, 8, 9, 5, 6, 7},
                                             {4, 0, 1, 2, 3, 9, 5, 6, 7, 8}, {5, 9, 8, 7, 6, 0, 4, 3, 2, 1},
                                             {6, 5, 9, 8, 7, 1, 0, 4, 3, 2}, {7, 6, 5, 9, 8, 2, 1, 0, 4, 3},
                                             {8, 7, 6, 5, 9, 3, 2, 1, 0, 4}, {9, 8, 7, 6, 5, 4, 3, 2, 1, 0}};
  constexpr std::uint8_t kTurn[10] = {1, 5, 7, 6, 2, 8, 3, 0, 9, 4};
  const Digits d(text);
  if (d.size != 12 || d.at[0] < 2 || d.all_alike()) return false;
  unsigned check = 0;
  for (std::size_t i = 0; i < 12; ++i) {
    auto digit = d.at[11 - i];
    for (std::size_t turn = 0; turn < i % 8; ++turn) digit = kTurn[digit];
    check = kProduct[check][digit];
  }
  return check == 0;
}

bool is_in_gstin(std::string_view text) {
  const auto id = compact(text);
  return id.size() == 15 && within(Digits(id).number(0, 2), 1, 38) && mod_37_36(id);
}

bool is_au_tfn(std::string_view text) {
  const Digits d(text);
  if (d.all_alike()) return false;
  if (d.size == 8) return d.sum({10, 7, 8, 4, 6, 3, 5, 1}) % 11 == 0;
  return d.size == 9 && d.sum({1, 4, 3, 7, 5, 8, 6, 9, 10}) % 11 == 0;
}

bool is_au_abn(std::string_view text) {
  const Digits d(text);
  return d.size == 11 && d.at[0] != 0 && (d.sum({10, 1, 3, 5, 7, 9, 11, 13, 15, 17, 19}) - 10) % 89 == 0;
}

bool is_au_acn(std::string_view text) {
  const Digits d(text);
  return d.size == 9 && !d.all_alike() && (10 - d.sum({8, 7, 6, 5, 4, 3, 2, 1}) % 10) % 10 == d.at[8];
}

bool is_au_medicare(std::string_view text) {
  const Digits d(text);
  return (d.size == 10 || d.size == 11) && within(d.at[0], 2, 6) && !d.all_alike() &&
         d.sum({1, 3, 7, 9, 1, 3, 7, 9}) % 10 == d.at[8] && d.at[9] != 0;
}

bool is_nz_ird(std::string_view text) {
  const Digits d(text.size() < 9 || Digits(text).size == 8 ? "0" + std::string(text) : std::string(text));
  if (d.size != 9 || !within(d.number(0, 9), 10'000'000, 150'000'000) || d.all_alike()) return false;
  auto rest = d.sum({3, 2, 7, 6, 5, 4, 3, 2}) % 11;
  auto check = rest == 0 ? 0 : 11 - rest;
  if (check == 10) {
    rest = d.sum({7, 4, 3, 2, 5, 2, 7, 6}) % 11;
    check = rest == 0 ? 0 : 11 - rest;
  }
  return check == d.at[8];
}

bool is_cn_resident_id(std::string_view text) {
  const Digits d(text.substr(0, 17));
  if (text.size() != 18 || d.size != 17 || !within(d.number(0, 2), 11, 82) || d.number(6, 4) < 1900 ||
      !is_day(d.number(6, 4), d.number(10, 2), d.number(12, 2)))
    return false;
  return "10X98765432"[d.sum({7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2}) % 11] ==
         upper(text.back());
}

bool is_tw_id(std::string_view text) {
  constexpr std::string_view kOrder = "ABCDEFGHJKLMNPQRSTUVXYWZIO";  // from 10 on
  const auto place = kOrder.find(upper(text.front()));
  const Digits d(text.substr(1));
  if (place == std::string_view::npos || d.size != 9 || !(within(d.at[0], 1, 2) || within(d.at[0], 8, 9)))
    return false;
  const auto n = static_cast<unsigned>(place) + 10;
  return (n / 10 + n % 10 * 9 + d.sum({8, 7, 6, 5, 4, 3, 2, 1, 1})) % 10 == 0;
}

bool is_hk_id(std::string_view text) {
  auto id = compact(text);
  if (id.size() == 8) id.insert(0, 1, ' ');
  if (id.size() != 9) return false;
  unsigned sum = 0;
  for (std::size_t i = 0; i < 8; ++i)
    sum += static_cast<unsigned>(9 - i) * (id[i] == ' ' ? 36 : value_of(id[i]));
  return (sum + value_of(id[8])) % 11 == 0;
}

bool is_kr_rrn(std::string_view text) {
  const Digits d(text);
  return d.size == 13 && short_date(d) && within(d.at[6], 1, 8) && d.number(7, 6) != 0;
}

bool is_kr_brn(std::string_view text) {
  const Digits d(text);
  if (d.size != 10 || d.all_alike()) return false;
  return (10 - (d.sum({1, 3, 7, 1, 3, 7, 1, 3, 5}) + d.at[8] * 5U / 10) % 10) % 10 == d.at[9];
}

bool is_jp_my_number(std::string_view text) {
  const Digits d(text);
  if (d.size != 12 || d.all_alike()) return false;
  const auto rest = d.sum({6, 5, 4, 3, 2, 7, 6, 5, 4, 3, 2}) % 11;
  return (rest <= 1 ? 0 : 11 - rest) == d.at[11];
}

bool is_sg_nric(std::string_view text) {
  const Digits d(text);
  if (d.size != 7) return false;
  const char kind = upper(text.front()), check = upper(text.back());
  const auto sum = d.sum({2, 7, 6, 5, 4, 3, 2});
  switch (kind) {
    case 'S':
      return check == "JZIHGFEDCBA"[sum % 11];
    case 'T':
      return check == "JZIHGFEDCBA"[(sum + 4) % 11];
    case 'F':
      return check == "XWUTRQPNMLK"[sum % 11];
    case 'G':
      return check == "XWUTRQPNMLK"[(sum + 4) % 11];
    default:
      return kind == 'M' && check == "XWUTRQPNJLK"[(sum + 3) % 11];
  }
}

bool is_th_id(std::string_view text) {
  const Digits d(text);
  return d.size == 13 && d.at[0] != 0 && !d.all_alike() &&
         (11 - d.sum({13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2}) % 11) % 10 == d.at[12];
}

bool is_my_nric(std::string_view text) {
  const Digits d(text);
  const auto place = d.number(6, 2);
  return d.size == 12 && short_date(d) && place != 0 && !within(place, 17, 20) && !within(place, 69, 70) &&
         !within(place, 73, 73) && !within(place, 94, 97);
}

bool is_id_nik(std::string_view text) {
  const Digits d(text);
  const auto day = d.number(6, 2);
  return d.size == 16 && within(d.number(0, 2), 11, 96) && d.number(2, 2) != 0 &&
         is_day(d.number(10, 2), d.number(8, 2), day > 40 ? day - 40 : day) && d.number(12, 4) != 0;
}

bool is_za_id(std::string_view text) {
  const Digits d(text);
  return d.size == 13 && short_date(d) && d.at[10] <= 2 && within(d.at[11], 8, 9) && d.luhn();
}

bool is_tr_id(std::string_view text) {
  const Digits d(text);
  if (d.size != 11 || d.at[0] == 0) return false;
  const unsigned odd = d.at[0] + d.at[2] + d.at[4] + d.at[6] + d.at[8];
  const unsigned even = d.at[1] + d.at[3] + d.at[5] + d.at[7];
  return (odd * 7 + 100 - even) % 10 == d.at[9] && (odd + even + d.at[9]) % 10 == d.at[10];
}

bool is_il_id(std::string_view text) {
  const Digits d(text);
  return d.size == 9 && !d.all_alike() && d.luhn();
}

bool is_sa_id(std::string_view text) {
  const Digits d(text);
  return d.size == 10 && within(d.at[0], 1, 2) && d.luhn();
}

bool is_ae_id(std::string_view text) {
  const Digits d(text);
  return d.size == 15 && d.number(0, 3) == 784 && within(d.number(3, 4), 1900, 2099) && d.luhn();
}

bool is_eu_vat(std::string_view text) {
  const auto id = compact(text);
  if (id.size() < 4) return false;
  const auto country = std::string_view(id).substr(0, 2);
  auto rest = std::string_view(id).substr(2);
  const auto all_digits = [&](std::size_t from, std::size_t to) {
    return rest.size() >= from && rest.size() <= to && std::ranges::all_of(rest, is_digit);
  };
  const Digits d(rest);
  if (d.size > 0 && d.all_alike()) return false;
  if (country == "AT")
    return rest.size() == 9 && rest[0] == 'U' && d.size == 8 &&
           (10 -
            (d.at[0] + d.at[2] + d.at[4] + d.at[6] + 4 + (d.at[1] > 4 ? d.at[1] * 2 - 9 : d.at[1] * 2) +
             (d.at[3] > 4 ? d.at[3] * 2 - 9 : d.at[3] * 2) + (d.at[5] > 4 ? d.at[5] * 2 - 9 : d.at[5] * 2)) %
                10) %
                   10 ==
               d.at[7];
  if (country == "BE")
    return all_digits(10, 10) && d.at[0] <= 1 && 97 - d.number(0, 8) % 97 == d.number(8, 2);
  if (country == "DE") return all_digits(9, 9) && mod_11_10(d, 9);
  if (country == "FR") return rest.size() == 11 && d.size >= 9;
  if (country == "IT") return all_digits(11, 11) && d.luhn();
  if (country == "ES") return rest.size() == 9 && d.size >= 7;
  if (country == "NL") return rest.size() == 12 && d.size == 11 && rest[9] == 'B';
  if (country == "PL") return all_digits(10, 10) && is_pl_nip(rest);
  if (country == "PT") return all_digits(9, 9) && is_pt_nif(rest);
  if (country == "DK") return all_digits(8, 8) && d.sum({2, 7, 6, 5, 4, 3, 2, 1}) % 11 == 0;
  if (country == "FI") return all_digits(8, 8) && (11 - d.sum({7, 9, 10, 5, 8, 4, 2}) % 11) % 11 == d.at[7];
  if (country == "SE") return all_digits(12, 12) && d.luhn(0, 10);
  if (country == "LU") return all_digits(8, 8) && d.number(0, 6) % 89 == d.number(6, 2);
  if (country == "IE") return (rest.size() == 8 || rest.size() == 9) && d.size >= 7;
  if (country == "EL" || country == "HR" || country == "SI")
    return all_digits(country == "SI"   ? 8
                      : country == "HR" ? 11
                                        : 9,
                      country == "SI"   ? 8
                      : country == "HR" ? 11
                                        : 9);
  if (country == "GB") return all_digits(9, 12);
  if (country == "CZ") return all_digits(8, 10);
  if (country == "SK") return all_digits(10, 10);
  if (country == "HU") return all_digits(8, 8);
  if (country == "RO") return all_digits(6, 10);
  if (country == "BG") return all_digits(9, 10);
  if (country == "EE") return all_digits(9, 9);
  if (country == "LV") return all_digits(11, 11);
  if (country == "LT") return all_digits(9, 12);
  if (country == "MT") return all_digits(8, 8);
  if (country == "CY") return rest.size() == 9 && d.size == 8;
  if (country == "CH") return rest.starts_with('E') && d.size == 9;
  if (country == "NO") return d.size == 9;
  return false;
}

}  // namespace plimsoll::detect
