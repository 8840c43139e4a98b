// Ways to disguise a text, for tests.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace plimsoll::text {

inline void put_utf8(std::string& out, char32_t c) {
  if (c < 0x80) {
    out += static_cast<char>(c);
  } else if (c < 0x800) {
    out += static_cast<char>(0xC0 | c >> 6);
    out += static_cast<char>(0x80 | (c & 0x3F));
  } else if (c < 0x10000) {
    out += static_cast<char>(0xE0 | c >> 12);
    out += static_cast<char>(0x80 | (c >> 6 & 0x3F));
    out += static_cast<char>(0x80 | (c & 0x3F));
  } else {
    out += static_cast<char>(0xF0 | c >> 18);
    out += static_cast<char>(0x80 | (c >> 12 & 0x3F));
    out += static_cast<char>(0x80 | (c >> 6 & 0x3F));
    out += static_cast<char>(0x80 | (c & 0x3F));
  }
}

// Each character written by `f`.
template <class F>
std::string each(std::string_view text, F f) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) f(out, text[i], i);
  return out;
}

inline std::string bits_in(std::string_view text, std::string_view alphabet, unsigned width,
                           std::size_t pad) {
  std::string out;
  std::uint32_t buffer = 0;
  unsigned bits = 0;
  for (const char c : text) {
    buffer = buffer << 8U | static_cast<unsigned char>(c);
    for (bits += 8; bits >= width; bits -= width)
      out += alphabet[buffer >> (bits - width) & ((1U << width) - 1)];
  }
  if (bits > 0) out += alphabet[buffer << (width - bits) & ((1U << width) - 1)];
  while (pad > 0 && out.size() % pad != 0) out += '=';
  return out;
}
constexpr std::string_view kBase64Digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
inline std::string base64(std::string_view text) {
  return bits_in(text, kBase64Digits, 6, 4);
}
inline std::string base64_url(std::string_view text) {
  return bits_in(text, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_", 6, 0);
}
inline std::string base64_lines(std::string_view text) {
  return each(base64(text), [](std::string& out, char c, std::size_t i) {
    if (i > 0 && i % 64 == 0) out += "\r\n";
    out += c;
  });
}
inline std::string base64_utf16(std::string_view text) {
  return base64(each(text, [](std::string& out, char c, std::size_t) { (out += c) += '\0'; }));
}
inline std::string base32(std::string_view text) {
  return bits_in(text, "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567", 5, 8);
}
inline std::string hex_of(std::string_view text, std::string_view before, std::string_view between,
                          std::string_view digits = "0123456789abcdef") {
  return each(text, [&](std::string& out, char c, std::size_t i) {
    if (i > 0) out += between;
    (out += before) += {digits[static_cast<unsigned char>(c) >> 4U], digits[c & 15]};
  });
}
inline std::string shifted(std::string_view text, unsigned by) {
  return each(text, [&](std::string& out, char c, std::size_t) {
    const auto first = c >= 'a' && c <= 'z' ? 'a' : 'A';
    const bool letter = c >= first && c < first + 26;
    out += letter ? static_cast<char>(first + (c - first + static_cast<int>(by)) % 26) : c;
  });
}
inline std::string atbash(std::string_view text) {
  return each(text, [](std::string& out, char c, std::size_t) {
    out += c >= 'a' && c <= 'z'   ? static_cast<char>('a' + 'z' - c)
           : c >= 'A' && c <= 'Z' ? static_cast<char>('A' + 'Z' - c)
                                  : c;
  });
}
inline std::string backwards(std::string_view text) {
  return {text.rbegin(), text.rend()};
}
inline std::string words_backwards(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i <= text.size();) {
    const auto end = std::min(text.find(' ', i), text.size());
    out += backwards(text.substr(i, end - i));
    if (end < text.size()) out += ' ';
    i = end + 1;
  }
  return out;
}
inline std::string leet(std::string_view text) {
  return each(text, [](std::string& out, char c, std::size_t) {
    constexpr std::string_view kFrom = "aeiost", kTo = "431057";
    const auto at = kFrom.find(c);
    out += at == std::string_view::npos ? c : kTo[at];
  });
}
// h o w   t o; or h.o.w t.o.
inline std::string apart(std::string_view text, char separator) {
  return each(text, [&](std::string& out, char c, std::size_t i) {
    const bool inside = i > 0 && c != ' ' && text[i - 1] != ' ';
    if (inside || (separator == ' ' && i > 0)) out += separator;
    out += c;
  });
}
inline std::string upside_down(std::string_view text) {
  static const std::map<char, char32_t> turned = {
      {'a', 0x250}, {'b', 'q'},   {'c', 0x254}, {'d', 'p'},   {'e', 0x1DD}, {'f', 0x25F},
      {'g', 0x183}, {'h', 0x265}, {'i', 0x131}, {'j', 0x27E}, {'k', 0x29E}, {'l', 0x5DF},
      {'m', 0x26F}, {'n', 'u'},   {'p', 'd'},   {'q', 'b'},   {'r', 0x279}, {'t', 0x287},
      {'u', 'n'},   {'v', 0x28C}, {'w', 0x28D}, {'y', 0x28E}};
  return each(backwards(text), [](std::string& out, char c, std::size_t) {
    const auto found = turned.find(c);
    put_utf8(out, found == turned.end() ? static_cast<unsigned char>(c) : found->second);
  });
}
inline std::string accented(std::string_view text) {
  return each(text, [](std::string& out, char c, std::size_t) {
    constexpr std::string_view kFrom = "aeiouy";
    constexpr std::array<char32_t, 6> kTo = {0xE4, 0xEB, 0xEF, 0xF6, 0xFC, 0xFF};
    const auto at = kFrom.find(c);
    put_utf8(out, at == std::string_view::npos ? static_cast<unsigned char>(c) : kTo.at(at));
  });
}
inline std::string in_range(std::string_view text, char from, char to, char32_t first) {
  return each(text, [&](std::string& out, char c, std::size_t) {
    if (c >= from && c <= to)
      put_utf8(out, first + static_cast<char32_t>(c - from));
    else
      out += c;
  });
}
inline std::string variation_selectors(std::string_view text) {
  return "🙂" + each(text, [](std::string& out, char c, std::size_t) {
           const auto byte = static_cast<unsigned char>(c);
           put_utf8(out, byte < 16 ? 0xFE00U + byte : 0xE0100U + byte - 16);
         });
}
inline std::string zero_width(std::string_view text) {
  return "hello" + each(text, [](std::string& out, char c, std::size_t) {
           for (int bit = 7; bit >= 0; --bit) put_utf8(out, (c >> bit & 1) != 0 ? 0x200C : 0x200B);
         });
}
inline std::string binary(std::string_view text) {
  return each(text, [](std::string& out, char c, std::size_t i) {
    if (i > 0) out += ' ';
    for (int bit = 7; bit >= 0; --bit) out += (c >> bit & 1) != 0 ? '1' : '0';
  });
}
inline std::string decimal(std::string_view text) {
  return each(text, [](std::string& out, char c, std::size_t i) {
    if (i > 0) out += ' ';
    out += std::to_string(static_cast<unsigned char>(c));
  });
}
// Of letters, digits, dots and @.
inline std::string morse(std::string_view text) {
  static constexpr std::array<std::string_view, 26> kLetters = {
      ".-", "-...", "-.-.", "-..",  ".",   "..-.", "--.", "....", "..",   ".---", "-.-",  ".-..", "--",
      "-.", "---",  ".--.", "--.-", ".-.", "...",  "-",   "..-",  "...-", ".--",  "-..-", "-.--", "--.."};
  static constexpr std::array<std::string_view, 10> kDigits = {"-----", ".----", "..---", "...--", "....-",
                                                               ".....", "-....", "--...", "---..", "----."};
  return each(text, [](std::string& out, char c, std::size_t i) {
    if (i > 0) out += ' ';
    const char low = c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
    if (low >= 'a' && low <= 'z')
      out += kLetters.at(static_cast<std::size_t>(low - 'a'));
    else if (c >= '0' && c <= '9')
      out += kDigits.at(static_cast<std::size_t>(c - '0'));
    else
      out += c == '.' ? ".-.-.-" : c == '@' ? ".--.-." : "/";
  });
}
inline std::string put_together(std::string_view text) {
  return each(text, [&](std::string& out, char c, std::size_t i) {
    if (i % 4 == 0) out += i == 0 ? "\"" : "\" + \"";
    out += c;
    if (i + 1 == text.size()) out += '"';
  });
}

struct Disguise {
  std::string name;
  std::function<std::string(std::string_view)> apply;
  bool keeps_case = true;   // and digits
  bool keeps_signs = true;  // @ and dots
};

inline const std::vector<Disguise>& disguises() {
  static const std::vector<Disguise> all = {
      {"base64", base64},
      {"base64 for URLs", base64_url},
      {"base64 in lines", base64_lines},
      {"base64 of UTF-16", base64_utf16},
      {"base32", base32},
      {"hex", [](auto t) { return hex_of(t, "", ""); }},
      {"hex, upper case", [](auto t) { return hex_of(t, "", "", "0123456789ABCDEF"); }},
      {"hex, spaced", [](auto t) { return hex_of(t, "", " "); }},
      {"hex, 0x", [](auto t) { return hex_of(t, "0x", ", "); }},
      {"hex, \\x", [](auto t) { return hex_of(t, "\\x", ""); }},
      {"\\u", [](auto t) { return hex_of(t, "\\u00", ""); }},
      {"percent", [](auto t) { return hex_of(t, "%", ""); }},
      {"percent, twice", [](auto t) { return hex_of(t, "%25", ""); }},
      {"entities, decimal",
       [](auto t) {
         return each(t, [](std::string& o, char c, std::size_t) {
           ((o += "&#") += std::to_string(static_cast<int>(c))) += ';';
         });
       }},
      {"entities, hex",
       [](auto t) {
         return each(hex_of(t, "&#x", ";"), [](std::string& o, char c, std::size_t) { o += c; }) + ";";
       }},
      {"U+", [](auto t) { return hex_of(t, "U+00", " "); }},
      {"rot13", [](auto t) { return shifted(t, 13); }},
      {"Caesar", [](auto t) { return shifted(t, 5); }},
      {"Atbash", atbash},
      {"backwards", backwards},
      {"words backwards", words_backwards},
      {"leet", leet, false, false},
      {"spaced", [](auto t) { return apart(t, ' '); }},
      {"dotted", [](auto t) { return apart(t, '.'); }, true, false},
      {"hyphenated", [](auto t) { return apart(t, '-'); }},
      {"upside down", upside_down, false},
      {"accents", accented},
      {"combining marks",
       [](auto t) {
         return each(t, [](std::string& o, char c, std::size_t) {
           o += c;
           if (c != ' ') put_utf8(o, 0x336);
         });
       }},
      {"zero-width spaces",
       [](auto t) {
         return each(t, [](std::string& o, char c, std::size_t) {
           o += c;
           put_utf8(o, 0x200B);
         });
       }},
      {"fullwidth", [](auto t) { return in_range(t, '!', '~', 0xFF01); }},
      {"mathematical", [](auto t) { return in_range(in_range(t, 'a', 'z', 0x1D41A), 'A', 'Z', 0x1D400); }},
      {"circled", [](auto t) { return in_range(t, 'a', 'z', 0x24D0); }},
      {"tags", [](auto t) { return "ok " + in_range(t, ' ', '~', 0xE0020); }},
      {"variation selectors", variation_selectors},
      {"zero-width bits", zero_width},
      {"binary", binary},
      {"decimal", decimal},
      {"Morse", morse, false},
      {"strings", put_together},
      {"rot13 in base64", [](auto t) { return base64(shifted(t, 13)); }},
      {"base64 in base64", [](auto t) { return base64(base64(t)); }},
      {"hex in base64", [](auto t) { return base64(hex_of(t, "", "")); }},
      {"percent in base64", [](auto t) { return base64(hex_of(t, "%", "")); }},
      {"backwards in hex", [](auto t) { return hex_of(backwards(t), "", " "); }},
      {"base64 of rot13 of hex", [](auto t) { return base64(shifted(base64(hex_of(t, "", "")), 0)); }},
      {"entities in base64 for URLs", [](auto t) { return base64_url(hex_of(t, "&#x", ";") + ";"); }},
  };
  return all;
}

}  // namespace plimsoll::text
