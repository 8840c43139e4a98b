// Texts as people disguise them, and texts that are drawn.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace plimsoll::bench {

// Any fixed sequence does; this one is Marsaglia's xorshift64.
class Random {
 public:
  std::uint64_t next() {
    state_ ^= state_ << 13U;
    state_ ^= state_ >> 7U;
    state_ ^= state_ << 17U;
    return state_;
  }
  std::size_t below(std::size_t n) { return next() % n; }
  char of(std::string_view set) { return set[below(set.size())]; }

 private:
  std::uint64_t state_ = 0x9E3779B97F4A7C15U;
};

inline std::string repeated(std::string_view piece, std::size_t size) {
  std::string text;
  text.reserve(size + piece.size());
  while (text.size() < size) text += piece;
  text.resize(size);
  return text;
}

inline std::string drawn(std::string_view set, std::size_t size) {
  Random random;
  std::string text(size, '\0');
  for (char& c : text) c = random.of(set);
  return text;
}

template <class F>
std::string mapped(std::string_view text, F f) {
  std::string out;
  for (const char c : text) out += f(c);
  return out;
}

inline std::string shifted(std::string_view text, int by) {
  return mapped(text, [&](char c) {
    const auto turn = [&](char a) { return static_cast<char>(a + (c - a + by) % 26); };
    return c >= 'a' && c <= 'z' ? turn('a') : c >= 'A' && c <= 'Z' ? turn('A') : c;
  });
}

inline std::string base64(std::string_view text) {
  constexpr std::string_view kSet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string out;
  for (std::size_t i = 0; i < text.size(); i += 3) {
    std::uint32_t bits = 0;
    for (std::size_t k = 0; k < 3; ++k)
      bits = bits << 8U | (i + k < text.size() ? static_cast<unsigned char>(text[i + k]) : 0U);
    for (std::size_t k = 0; k < 4; ++k) out += i + k > text.size() ? '=' : kSet[bits >> (18 - 6 * k) & 63U];
  }
  return out;
}

inline std::string hex(std::string_view text, std::string_view before) {
  constexpr std::string_view kSet = "0123456789abcdef";
  std::string out;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    ((out += before) += kSet[byte >> 4U]) += kSet[byte & 15U];
  }
  return out;
}

inline std::string bits(std::string_view text) {
  std::string out;
  for (const char c : text) {
    for (int i = 7; i >= 0; --i) out += (static_cast<unsigned char>(c) >> i & 1) != 0 ? '1' : '0';
    out += ' ';
  }
  return out;
}

inline std::string decimal(std::string_view text) {
  std::string out;
  for (const char c : text) (out += std::to_string(static_cast<unsigned char>(c))) += ' ';
  return out;
}

inline std::string morse(std::string_view text) {
  constexpr std::string_view kCodes[] = {".-",   "-...", "-.-.", "-..",  ".",   "..-.", "--.",  "....", "..",
                                         ".---", "-.-",  ".-..", "--",   "-.",  "---",  ".--.", "--.-", ".-.",
                                         "...",  "-",    "..-",  "...-", ".--", "-..-", "-.--", "--.."};
  std::string out;
  for (const char c : text) {
    const auto letter = static_cast<unsigned>((c | 0x20) - 'a');
    (out += letter < 26 ? kCodes[letter] : c == ' ' ? "/" : "") += ' ';
  }
  return out;
}

inline std::string leet(std::string_view text) {
  constexpr std::string_view kFrom = "aeiost", kTo = "431057";
  return mapped(text, [&](char c) {
    const auto at = kFrom.find(c);
    return at == std::string_view::npos ? c : kTo[at];
  });
}

inline std::string utf8(char32_t c) {
  const auto tail = [&](unsigned shift) { return static_cast<char>(0x80U | (c >> shift & 0x3FU)); };
  if (c < 0x80) return {static_cast<char>(c)};
  if (c < 0x800) return {static_cast<char>(0xC0U | c >> 6U), tail(0)};
  if (c < 0x10000) return {static_cast<char>(0xE0U | c >> 12U), tail(6), tail(0)};
  return {static_cast<char>(0xF0U | c >> 18U), tail(12), tail(6), tail(0)};
}

// Every character followed by what `after` gives for it.
inline std::string interleaved(std::string_view text, std::string_view after) {
  return [&] {
    std::string out;
    for (const char c : text) (out += c) += after;
    return out;
  }();
}

// Latin letters as Cyrillic ones that look like them.
inline std::string homoglyphs(std::string_view text) {
  std::string out;
  for (const char c : text) switch (c) {
      case 'a':
        out += "а";
        break;
      case 'e':
        out += "е";
        break;
      case 'o':
        out += "о";
        break;
      case 'p':
        out += "р";
        break;
      case 'c':
        out += "с";
        break;
      case 'x':
        out += "х";
        break;
      default:
        out += c;
    }
  return out;
}

inline std::string beyond_ascii(std::string_view text, char32_t base) {
  std::string out;
  for (const char c : text) out += utf8(base + static_cast<unsigned char>(c));
  return out;
}

using Way = std::string (*)(std::string_view);
// By name; what each makes of a text.
inline const std::vector<std::pair<std::string_view, Way>>& ways() {
  static const std::vector<std::pair<std::string_view, Way>> all = {
      {"reversed", [](std::string_view text) { return std::string(text.rbegin(), text.rend()); }},
      {"rot13", [](std::string_view text) { return shifted(text, 13); }},
      {"caesar", [](std::string_view text) { return shifted(text, 3); }},
      {"leet", leet},
      {"base64", base64},
      {"hex", [](std::string_view text) { return hex(text, ""); }},
      {"percent", [](std::string_view text) { return hex(text, "%"); }},
      {"escapes", [](std::string_view text) { return hex(text, "\\x"); }},
      {"binary", bits},
      {"decimal", decimal},
      {"morse", morse},
      {"homoglyphs", homoglyphs},
      {"blanks", [](std::string_view text) { return interleaved(text, " "); }},
      {"dots", [](std::string_view text) { return interleaved(text, "."); }},
      {"hyphens", [](std::string_view text) { return interleaved(text, "-"); }},
      {"zero-width", [](std::string_view text) { return interleaved(text, "\u200b"); }},
      {"accents", [](std::string_view text) { return interleaved(text, "\u0301"); }},
      {"full-width", [](std::string_view text) { return beyond_ascii(text, 0xFEE0); }},
      {"capitals", [](std::string_view text) {
         return mapped(text, [](char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 32) : c; });
       }}};
  return all;
}

}  // namespace plimsoll::bench
