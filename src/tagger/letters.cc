#include "letters.h"

#include <array>

namespace plimsoll::tagger {
namespace {

using enum LetterKind;

// The plain letters of U+00C0..U+017F. '*' is no letter.
constexpr std::string_view kLatin =
    "AAAAAAACEEEEIIIIDNOOOOO*OUUUUYTsaaaaaaaceeeeiiiidnooooo*ouuuuyty"
    "AaAaAaCcCcCcCcDdDdEeEeEeEeEeGgGgGgGgHhHhIiIiIiIiIiIiJjKkkLlLlLlLlLlNnNnNnnNnOoOoOoOoRrRrRrSsSsSsSsTtTtTt"
    "UuUuUuUuUuUuWwYyYZzZzZzs";
static_assert(kLatin.size() == 0x180 - 0xC0);

LetterKind parity(char32_t c) {
  return (c & 1U) != 0 ? kLower : kUpper;
}

// U+1EA0..U+1EF9, Vietnamese: pairs of upper and lower case.
char vietnamese(char32_t c) {
  if (c <= 0x1EB7) return 'a';
  if (c <= 0x1EC7) return 'e';
  if (c <= 0x1ECB) return 'i';
  if (c <= 0x1EE3) return 'o';
  if (c <= 0x1EF1) return 'u';
  return 'y';
}

LetterKind latin_kind(char32_t c) {
  const char plain = kLatin[c - 0xC0];
  if (plain == '*') return kOther;
  return plain >= 'a' ? kLower : kUpper;
}

LetterKind kind_of(char32_t c) {
  if (c < 0xC0) {
    if (c == 0xA0) return kSpace;
    return c == 0xAA || c == 0xB5 || c == 0xBA ? kLower : kOther;
  }
  if (c < 0x180) return latin_kind(c);
  if (c < 0x300)
    return c < 0x250 ? parity(c == 0x1AF || c == 0x1B0 ? c + 1 : c) : (c < 0x2B0 ? kLower : kOther);
  if (c < 0x370) return kMark;
  if (c < 0x400) {
    if (c < 0x386 || c == 0x387) return kOther;
    return c <= 0x3AB && c != 0x390 ? kUpper : kLower;
  }
  if (c < 0x460) return c < 0x430 ? kUpper : kLower;
  if (c < 0x530) return parity(c);
  if (c < 0x1E00) return kUncased;
  if (c < 0x1F00) return parity(c);
  if (c < 0x2000) return kUncased;
  if (c < 0x2C00) {
    if (c <= 0x200A || c == 0x202F || c == 0x205F) return kSpace;
    return c == 0x200D || (c >= 0x20D0 && c < 0x2100) ? kMark : kOther;
  }
  if (c < 0x3000) return kUncased;
  if (c < 0x3040) return c == 0x3000 ? kSpace : kOther;
  if (c >= 0xFE00 && c < 0xFE10) return kMark;
  if (c >= 0xFF00 && c < 0xFFF0) return kOther;
  if (c >= 0x1F000 && c < 0x20000) return kOther;
  return kUncased;
}

char32_t fold_greek(char32_t c) {
  if (c >= 0x391 && c <= 0x3AB) return c + 0x20;
  switch (c) {
    case 0x386:
    case 0x3AC:
      return 0x3B1;
    case 0x388:
    case 0x3AD:
      return 0x3B5;
    case 0x389:
    case 0x3AE:
      return 0x3B7;
    case 0x38A:
    case 0x3AF:
      return 0x3B9;
    case 0x38C:
    case 0x3CC:
      return 0x3BF;
    case 0x38E:
    case 0x3CD:
      return 0x3C5;
    case 0x38F:
    case 0x3CE:
      return 0x3C9;
    case 0x3C2:
      return 0x3C3;
    default:
      return c;
  }
}

char32_t fold_code(char32_t c) {
  if (c < 0x80) return c >= 'A' && c <= 'Z' ? c + 32 : c;
  if (c >= 0xC0 && c < 0x180) {
    const char plain = kLatin[c - 0xC0];
    if (plain == '*') return c;
    return static_cast<char32_t>(plain >= 'a' ? plain : plain + 32);
  }
  if (c >= 0x1EA0 && c <= 0x1EF9) return static_cast<char32_t>(vietnamese(c));
  if (c == 0x1A0 || c == 0x1A1) return 'o';
  if (c == 0x1AF || c == 0x1B0) return 'u';
  if (c == 0x218 || c == 0x219) return 's';
  if (c == 0x21A || c == 0x21B) return 't';
  if (c >= 0x370 && c < 0x400) return fold_greek(c);
  if (c >= 0x400 && c < 0x410) return c + 0x50;
  if (c >= 0x410 && c < 0x430) return c + 0x20;
  if ((c >= 0x460 && c < 0x530) || (c >= 0x1E00 && c < 0x1EA0)) return c | 1U;
  return c;
}

}  // namespace

Letter long_letter_at(std::string_view text, std::size_t at) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[at + i]); };
  const unsigned lead = byte(0);

  const std::size_t size = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : 2;
  constexpr std::array<char32_t, 5> kSmallest{0, 0, 0x80, 0x800, 0x10000};
  const Letter broken{.code = 0xFFFD, .size = 1, .kind = kOther};
  if (lead < 0xC2 || lead > 0xF4 || at + size > text.size()) return broken;
  char32_t code = lead & (0xFFU >> (size + 1));
  for (std::size_t i = 1; i < size; ++i) {
    if ((byte(i) & 0xC0U) != 0x80) return broken;
    code = code << 6U | (byte(i) & 0x3FU);
  }
  if (code < kSmallest[size] || code > 0x10FFFF || (code >= 0xD800 && code < 0xE000)) return broken;
  return {.code = code, .size = static_cast<std::uint8_t>(size), .kind = kind_of(code)};
}

std::size_t fold(char32_t code, char* out) {
  if (code == 0xDF || code == 0x1E9E) {
    out[0] = out[1] = 's';
    return 2;
  }
  const char32_t c = fold_code(code);
  if (c < 0x80) {
    out[0] = static_cast<char>(c);
    return 1;
  }
  if (c < 0x800) {
    out[0] = static_cast<char>(0xC0U | c >> 6U);
    out[1] = static_cast<char>(0x80U | (c & 0x3FU));
    return 2;
  }
  if (c < 0x10000) {
    out[0] = static_cast<char>(0xE0U | c >> 12U);
    out[1] = static_cast<char>(0x80U | (c >> 6U & 0x3FU));
    out[2] = static_cast<char>(0x80U | (c & 0x3FU));
    return 3;
  }
  out[0] = static_cast<char>(0xF0U | c >> 18U);
  out[1] = static_cast<char>(0x80U | (c >> 12U & 0x3FU));
  out[2] = static_cast<char>(0x80U | (c >> 6U & 0x3FU));
  out[3] = static_cast<char>(0x80U | (c & 0x3FU));
  return 4;
}

}  // namespace plimsoll::tagger
