#include "phone_plans.h"

#include <array>
#include <cstdint>

#include "digits.h"

namespace plimsoll::detect {
namespace {

// A number as it is written: "+44 (0)20 7946 0958 ext 12".
struct Written {
  bool plus = false;
  bool dots = true;       // all separators are
  char separator = '\0';  // the first that is no parenthesis
  bool uniform = true;    // so are the others
  std::size_t parentheses = 0;
  std::array<std::uint8_t, 8> group{};  // digits of each
  std::size_t groups = 0;
  std::array<char, 16> digit{};
  std::size_t digits = 0;
  bool sound;  // within these bounds, parentheses closed

  explicit Written(std::string_view text) : sound(read(text)) {}

  bool read(std::string_view text) {
    bool open = false, in_group = false;
    for (std::size_t i = 0; i < text.size(); ++i) {
      const char c = text[i];
      if (is_digit(c)) {
        if (!in_group && groups == group.size()) return false;
        if (!in_group) ++groups;
        in_group = true;
        if (digits == digit.size()) return false;
        ++group[groups - 1];
        digit[digits++] = c;
        continue;
      }
      if (is_alpha(c) || c == '#' || c == ',' || c == ';') break;  // an extension
      if (c == '+') {
        if (i != 0 && text[i - 1] != '(') return false;
        plus = true;
        continue;
      }
      in_group = false;
      if (c == '(') {
        if (open) return false;
        open = true;
        ++parentheses;
      } else if (c == ')') {
        if (!open) return false;
        open = false;
      } else {
        dots &= c == '.';
        if (separator == '\0') separator = c;
        uniform &= c == separator;
      }
    }
    return (!open || text.starts_with('(')) && parentheses <= 2 && digits > 0;
  }

  std::string_view all() const { return {digit.data(), digits}; }
  unsigned number(std::size_t from, std::size_t count) const {
    unsigned n = 0;
    for (std::size_t i = from; i < from + count && i < digits; ++i)
      n = n * 10 + static_cast<unsigned>(digit[i] - '0');
    return n;
  }
  // 3-3-4 is 0x334.
  std::uint32_t layout(std::size_t from = 0) const {
    std::uint32_t packed = 0;
    for (std::size_t i = from; i < groups; ++i) packed = packed << 4U | group[i];
    return packed;
  }
  // One digit repeated; or zeros and ones alone, which are a number of another kind.
  bool all_alike() const {
    return all().find_first_not_of(digit[0]) == std::string_view::npos ||
           all().find_first_not_of("01") == std::string_view::npos;
  }
};

// "0dd ddd dddd": digits that must be so, d for any, n for 2 to 9, groups apart by blanks.
struct Plan {
  std::string_view form;
  std::uint32_t layout;
  consteval Plan(const char* text) : form(text), layout(0) {
    std::uint32_t size = 0;
    for (const char c : form) {
      if (c == ' ') {
        layout = layout << 4U | size;
        size = 0;
      } else {
        ++size;
      }
    }
    layout = layout << 4U | size;
  }
  // What is laid out as this is.
  bool fits(const Written& w) const {
    std::size_t i = 0;
    for (const char c : form) {
      if (c == ' ') continue;
      const char d = w.digit[i++];
      if (c == 'n' ? d < '2' : c != 'd' && c != d) return false;
    }
    return true;
  }
};

// How numbers are written where they are dialled, with the trunk prefix. Sources: the ITU's lists of national
// numbering plans. Several countries share a form; the comment names those it was taken from.
constexpr Plan kPlans[] = {
    // United Kingdom
    "020 dddd dddd",
    "02d dddd dddd",
    "011d ddd dddd",
    "01d1 ddd dddd",
    "01ddd dddddd",
    "01ddd ddd ddd",
    "07ddd dddddd",
    "07ddd ddd ddd",
    "03dd ddd dddd",
    "0800 ddd dddd",
    "0808 ddd dddd",
    "084d ddd dddd",
    "087d ddd dddd",
    "0800 ddd ddd",
    "07dd dddd dddd",
    // Ireland, South Africa, Romania, Thailand, Israel, Argentina, Korea, Malaysia
    "01 ddd dddd",
    "0nd ddd dddd",
    "01d ddd dddd",
    "0n ddd dddd",
    // France, Morocco, Algeria
    "01 dd dd dd dd",
    "0n dd dd dd dd",
    "0800 dd dd dd",
    "08dd dd dd dd",
    "08dd ddd ddd",
    // Belgium
    "04dd dd dd dd",
    "0nd dd dd dd",
    "01d dd dd dd",
    "0n ddd dd dd",
    // Switzerland, Turkey, Ukraine, Slovakia
    "0nd ddd dd dd",
    "0ndd ddd dd dd",
    "01 ddd dd dd",
    // Germany and Austria: areas of two to five digits, subscribers of three to eight, and parts of those
    "0nd dddddd",
    "0nd ddddddd",
    "0nd dddddddd",
    "0ndd dddddd",
    "0ndd ddddddd",
    "0ndd dddddddd",
    "0nddd ddddd",
    "0nddd dddddd",
    "0nddd ddddddd",
    "0ndddd dddd",
    "0ndddd ddddd",
    "0ndd dd dd dd",
    "0ndd dd dd ddd",
    "0ndd ddd ddd",
    "0ndd ddd dddd",
    "01dd ddddddd",
    "01dd dddddddd",
    "01dd ddd dddd",
    "01dd dd dd dd d",
    "01dd ddd ddddd",
    "0nd ddd ddd",
    "0nd dd dd dd dd",
    "0ndd dddd ddd",
    "01dd dddd ddd",
    "01dd dddd dddd",
    "0nddd dd dd dd",
    "0ndd ddd dd d",
    "01ddd ddddddd",
    "01ddd dddddddd",
    "01 ddddddd",
    "01 dddddddd",
    // Netherlands
    "06 dddddddd",
    "06 dd dd dd dd",
    "0nd ddd dd dd",
    "06 dddd dddd",
    "01d ddddddd",
    "01d ddd dd dd",
    // Italy
    "0n dddddddd",
    "0n ddddddd",
    "0ddd ddddddd",
    "0dd ddddddd",
    // Sweden
    "0n ddd ddd dd",
    "0n ddd dd dd",
    "0ndd ddd dd",
    "07d ddd dd dd",
    "0n dddd dd dd",
    "08 dd dd dd",
    // Finland
    "04d ddd dddd",
    "0n dddd dddd",
    "04d dddd ddd",
    "04dd ddd ddd",
    // Australia, New Zealand
    "02d ddd ddd",
    "02d dddd dddd",
    "02d ddd dddd",
    // Japan
    "03 dddd dddd",
    "0nd dddd dddd",
    "0ndd dd dddd",
    "0120 ddd ddd",
    "0ndd d dddd",
    // Korea, Egypt, Indonesia
    "010 dddd dddd",
    "02 dddd dddd",
    "02 ddd dddd",
    "01d dddd dddd",
    "08dd dddd dddd",
    "08dd dddd ddd",
    // China: landlines, mobiles
    "010 dddddddd",
    "0ddd dddd dddd",
    "0ddd ddd dddd",
    "13d dddd dddd",
    "14d dddd dddd",
    "15d dddd dddd",
    "16d dddd dddd",
    "17d dddd dddd",
    "18d dddd dddd",
    "19d dddd dddd",
    // India
    "0nddd dddddd",
    "6dddd ddddd",
    "7dddd ddddd",
    "8dddd ddddd",
    "9dddd ddddd",
    "0nd dddd dddd",
    "0dddddddddd",
    // Philippines, Vietnam, Saudi Arabia, Emirates, Pakistan, Nigeria, Kenya, Bulgaria, Croatia
    "09dd ddd dddd",
    "03dd ddddddd",
    "03dd ddd dddd",
    "07dd ddd ddd",
    "07dd dddddd",
    "05d ddddddd",
    "0nd dddddd",
    "0n ddd ddd",
    "01 dddd ddd",
    "0ddd ddd ddd",
    // Hungary, Russia
    "06 dd ddd dddd",
    "06 d ddd dddd",
    "8 9dd ddd dd dd",
    "8 4dd ddd dd dd",
    "8 3dd ddd dd dd",
    "8 8dd ddd dd dd",
    "8 9dd ddddddd",
    "8 800 ddd dd dd",
    // Spain, Portugal: mobiles in the grouping that nothing else has
    "6dd dd dd dd",
    "7dd dd dd dd",
    "9dd dd dd dd",
};

struct CallingCode {
  std::uint16_t code;
  std::uint8_t least, most;  // digits that follow it
};
constexpr CallingCode kCodes[] = {
    {1, 10, 10},  {7, 10, 10},  {20, 8, 10},  {27, 9, 9},   {30, 10, 10}, {31, 9, 9},   {32, 8, 9},
    {33, 9, 9},   {34, 9, 9},   {36, 8, 9},   {39, 6, 11},  {40, 9, 9},   {41, 9, 9},   {43, 6, 13},
    {44, 9, 10},  {45, 8, 8},   {46, 7, 10},  {47, 8, 8},   {48, 9, 9},   {49, 6, 12},  {51, 8, 9},
    {52, 10, 11}, {53, 8, 8},   {54, 10, 11}, {55, 10, 11}, {56, 8, 9},   {57, 8, 10},  {58, 10, 10},
    {60, 8, 10},  {61, 9, 9},   {62, 8, 12},  {63, 8, 10},  {64, 8, 10},  {65, 8, 8},   {66, 8, 9},
    {81, 9, 10},  {82, 8, 10},  {84, 9, 10},  {86, 10, 11}, {90, 10, 10}, {91, 10, 10}, {92, 9, 10},
    {93, 9, 9},   {94, 9, 9},   {95, 7, 10},  {98, 10, 10}, {211, 9, 9},  {212, 9, 9},  {213, 8, 9},
    {216, 8, 8},  {218, 8, 9},  {220, 7, 7},  {221, 9, 9},  {222, 8, 8},  {223, 8, 8},  {224, 8, 9},
    {225, 8, 10}, {226, 8, 8},  {227, 8, 8},  {228, 8, 8},  {229, 8, 10}, {230, 7, 8},  {231, 7, 9},
    {232, 8, 8},  {233, 9, 9},  {234, 8, 10}, {235, 8, 8},  {236, 8, 8},  {237, 8, 9},  {238, 7, 7},
    {239, 7, 7},  {240, 9, 9},  {241, 7, 8},  {242, 9, 9},  {243, 9, 9},  {244, 9, 9},  {245, 7, 9},
    {246, 7, 7},  {248, 7, 7},  {249, 9, 9},  {250, 8, 9},  {251, 9, 9},  {252, 7, 9},  {253, 8, 8},
    {254, 9, 9},  {255, 9, 9},  {256, 9, 9},  {257, 8, 8},  {258, 8, 9},  {260, 9, 9},  {261, 9, 9},
    {262, 9, 9},  {263, 8, 9},  {264, 8, 9},  {265, 7, 9},  {266, 8, 8},  {267, 7, 8},  {268, 8, 8},
    {269, 7, 7},  {290, 4, 5},  {291, 7, 7},  {297, 7, 7},  {298, 6, 6},  {299, 6, 6},  {350, 8, 8},
    {351, 9, 9},  {352, 6, 9},  {353, 7, 9},  {354, 7, 9},  {355, 8, 9},  {356, 8, 8},  {357, 8, 8},
    {358, 6, 11}, {359, 7, 9},  {370, 8, 8},  {371, 8, 8},  {372, 7, 8},  {373, 8, 8},  {374, 8, 8},
    {375, 9, 9},  {376, 6, 9},  {377, 8, 9},  {378, 6, 10}, {380, 9, 9},  {381, 8, 9},  {382, 8, 9},
    {383, 8, 9},  {385, 8, 9},  {386, 8, 8},  {387, 8, 9},  {389, 8, 8},  {420, 9, 9},  {421, 9, 9},
    {423, 7, 9},  {500, 5, 5},  {501, 7, 7},  {502, 8, 8},  {503, 8, 8},  {504, 8, 8},  {505, 8, 8},
    {506, 8, 8},  {507, 7, 8},  {508, 6, 9},  {509, 8, 8},  {590, 9, 9},  {591, 8, 8},  {592, 7, 7},
    {593, 8, 9},  {594, 9, 9},  {595, 8, 9},  {596, 9, 9},  {597, 6, 7},  {598, 8, 8},  {599, 7, 8},
    {670, 7, 8},  {672, 6, 6},  {673, 7, 7},  {674, 7, 7},  {675, 7, 8},  {676, 5, 7},  {677, 5, 7},
    {678, 5, 7},  {679, 7, 7},  {680, 7, 7},  {682, 5, 5},  {685, 5, 7},  {687, 6, 6},  {689, 8, 8},
    {800, 8, 8},  {808, 8, 8},  {850, 8, 10}, {852, 8, 8},  {853, 8, 8},  {855, 8, 9},  {856, 8, 10},
    {870, 9, 9},  {880, 8, 10}, {886, 8, 9},  {960, 7, 7},  {961, 7, 8},  {962, 8, 9},  {963, 8, 9},
    {964, 8, 10}, {965, 8, 8},  {966, 8, 9},  {967, 7, 9},  {968, 8, 8},  {970, 8, 9},  {971, 8, 9},
    {972, 8, 9},  {973, 8, 8},  {974, 8, 8},  {975, 8, 8},  {976, 8, 8},  {977, 8, 10}, {992, 9, 9},
    {993, 8, 8},  {994, 9, 9},  {995, 9, 9},  {996, 9, 9},  {998, 9, 9},
};

// Whether digits [from, ...) are a calling code and a number of that country; a zero in parentheses, or one that was
// left standing, does not count.
bool has_calling_code(const Written& w, std::size_t from) {
  for (const auto& code : kCodes) {
    const std::size_t size = code.code < 10 ? 1 : code.code < 100 ? 2 : 3;
    if (w.number(from, size) != code.code) continue;
    // The code ends a group, or all is in one piece.
    std::size_t end = 0, g = 0;
    while (g < w.groups && end < from + size) end += w.group[g++];
    if (end != from + size && w.groups - g > 3) return false;
    auto rest = w.digits - from - size;
    if (w.digit[from + size] == '0' && code.code != 39 && code.code != 1 && code.code != 225 &&
        code.code != 242 && rest > 0)
      --rest;
    return rest >= code.least && rest <= code.most;
  }
  return false;
}

bool is_date_like(const Written& w) {
  const auto year = [&](std::size_t from) { return within(w.number(from, 4), 1900, 2099); };
  const auto part = [&](std::size_t g, std::size_t from) {
    return w.group[g] <= 2 && within(w.number(from, w.group[g]), 1, 31);
  };
  if (w.groups >= 2 && w.group[0] == 4 && year(0)) {
    if (w.groups >= 3 && part(1, 4) && part(2, 4 + w.group[1])) return true;  // 2024-01-31, a time after it
    if (w.groups == 2 && w.group[1] == 4 && within(w.number(4, 4), 1900, 2099)) return true;  // 2019-2020
  }
  const std::size_t third = w.group[0] + w.group[1];
  if (w.groups >= 3 && w.group[2] == 4 && year(third) && part(0, 0) && part(1, w.group[0]))
    return true;  // 31.01.2024
  return w.groups == 1 && w.digits == 8 && year(0) && within(w.number(4, 2), 1, 12) &&
         within(w.number(6, 2), 1, 31);
}

// 1 000 000
bool is_amount(const Written& w) {
  if (w.groups < 2 || w.group[0] > 3 || w.digit[0] == '0' || w.plus || w.parentheses > 0) return false;
  for (std::size_t g = 1; g < w.groups; ++g)
    if (w.group[g] != 3) return false;
  return w.number(w.digits - 3, 3) == 0;
}

bool is_address(const Written& w) {
  if (w.groups != 4 || !w.dots) return false;
  std::size_t at = 0;
  for (std::size_t g = 0; g < 4; at += w.group[g++])
    if (w.group[g] > 3 || w.number(at, w.group[g]) > 255) return false;
  return true;
}

// As some plan groups its numbers: two to six groups, none a single digit but a prefix or a short area code.
bool is_grouped(const Written& w) {
  if (w.groups < 2 || w.groups > 6) return false;
  for (std::size_t g = 1; g < w.groups; ++g)
    if (w.group[g] < 2 && !(g == 1 && (w.plus || w.parentheses > 0)) && g + 1 != w.groups) return false;
  return w.group[w.groups - 1] >= 2;
}

}  // namespace

bool is_international_phone(std::string_view text) {
  const Written w(text);
  if (!w.sound || w.digits < 7 || w.all_alike()) return false;
  std::size_t from = 0;
  if (!w.plus) {
    if (w.all().starts_with("00"))
      from = 2;
    else if (w.all().starts_with("011"))
      from = 3;
    else
      return false;
  }
  if (w.digits - from > 15 || w.groups > 7) return false;
  return has_calling_code(w, from);
}

bool is_national_phone(std::string_view text) {
  const Written w(text);
  if (!w.sound || w.digits < 8 || w.all_alike() || w.plus) return false;
  // A zero in one piece with nothing else is an order number as well.
  if (w.groups < 2 || (w.layout() == 0x22222 && !w.uniform)) return false;
  const auto layout = w.layout();
  for (const auto& plan : kPlans)
    if (plan.layout == layout && plan.fits(w)) return !is_date_like(w);
  return false;
}

bool is_nanp_phone(std::string_view text) {
  const Written w(text);
  if (!w.sound || w.all_alike()) return false;
  const std::size_t from = w.layout() == 0x334 ? 0 : w.digits > 10 ? 1 : 2;
  if (from == 2 || w.layout(from) != 0x334) return w.layout() == 0x37 && w.parentheses > 0;
  const auto prefix = w.number(0, w.group[0]);
  return from == 0 || prefix == 1;
}

bool is_named_phone(std::string_view text) {
  const Written w(text);
  if (!w.sound || w.digits < 6 || w.digits > 15 || w.all_alike() || is_date_like(w) || is_amount(w) ||
      is_address(w))
    return false;
  if (w.groups == 1) return w.digits >= 7;
  return is_grouped(w) && (w.digits > 6 || w.layout() == 0x222 || w.layout() == 0x33);
}

bool is_called_phone(std::string_view text) {
  const Written w(text);
  return is_named_phone(text) && (w.groups > 1 || w.digits >= 10);
}

}  // namespace plimsoll::detect
