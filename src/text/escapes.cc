#include <algorithm>
#include <array>
#include <optional>
#include <string>

#include "base/lanes.h"
#include "fold_table.h"
#include "rewrite.h"
#include "utf8.h"

namespace plimsoll::text {
namespace {

// What stood for `size` bytes; size 0: nothing did. `more`: whether it does depends on what follows.
struct Escape {
  std::size_t size = 0;
  bool more = false;
  std::string bytes = {};
};
constexpr std::size_t kMore = SIZE_MAX;

int hex_value(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

bool is_alnum(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

// `count` hex digits at the start; negative when there are not.
std::int64_t hex_number(std::string_view s, std::size_t count) {
  if (s.size() < count) return -1;
  std::int64_t n = 0;
  for (std::size_t i = 0; i < count; ++i) {
    const int v = hex_value(s[i]);
    if (v < 0) return -1;
    n = n << 4U | v;
  }
  return n;
}

// Whether what follows may make `count` hex digits of what is there.
bool may_be_hex(std::string_view s, std::size_t count) {
  return s.size() < count && std::ranges::all_of(s, [](char c) { return hex_value(c) >= 0; });
}

bool shows(char32_t c) {
  return (c >= 0x20 && c != 0x7F) || c == '\t' || c == '\n' || c == '\r';
}

Escape character(char32_t c, std::size_t size) {
  Escape escape{.size = size};
  if (shows(c)) encode(c, escape.bytes);
  if (escape.bytes.empty()) escape.size = 0;
  return escape;
}

// One byte written as %41, or %2541; the number of bytes it takes, 0 for none.
std::size_t percent_byte(std::string_view s, bool last, unsigned char& byte) {
  std::size_t at = 1;
  for (unsigned i = 0; i < 2; ++i) {
    const auto rest = s.substr(std::min(at, s.size()));
    if (!last && may_be_hex(rest, 2)) return kMore;
    const auto n = hex_number(rest, 2);
    if (n < 0) return 0;
    byte = static_cast<unsigned char>(n);
    at += 2;
    if (byte != '%' || i == 1) break;
    if (!last && may_be_hex(s.substr(at), 2)) return kMore;
    if (hex_number(s.substr(at), 2) < 0) break;
  }
  return at;
}

Escape percent(std::string_view s, bool last) {
  std::string bytes;
  std::size_t at = 0;
  std::size_t need = 1;
  while (bytes.size() < need) {
    unsigned char byte = 0;
    if (at == s.size()) return last ? Escape{} : Escape{.more = true};
    const auto size = s[at] == '%' ? percent_byte(s.substr(at), last, byte) : 0;
    if (size == kMore) return {.more = true};
    if (size == 0) return {};
    if (bytes.empty()) need = byte < 0x80 ? 1 : byte < 0xC2 ? 0 : byte < 0xE0 ? 2 : byte < 0xF0 ? 3 : 4;
    if (need == 0) return {};
    bytes.push_back(static_cast<char>(byte));
    at += size;
  }
  const auto decoded = decode(bytes);
  return decoded.size == bytes.size() ? character(decoded.c, at) : Escape{};
}

struct Entity {
  std::string_view name;
  char32_t c;
};
constexpr Entity kEntities[] = {
    {"Tab", '\t'},         {"NewLine", '\n'}, {"excl", '!'},   {"quot", '"'},   {"QUOT", '"'},
    {"num", '#'},          {"dollar", '$'},   {"percnt", '%'}, {"amp", '&'},    {"AMP", '&'},
    {"apos", '\''},        {"lpar", '('},     {"rpar", ')'},   {"ast", '*'},    {"midast", '*'},
    {"plus", '+'},         {"comma", ','},    {"period", '.'}, {"sol", '/'},    {"colon", ':'},
    {"semi", ';'},         {"lt", '<'},       {"LT", '<'},     {"equals", '='}, {"gt", '>'},
    {"GT", '>'},           {"quest", '?'},    {"commat", '@'}, {"lsqb", '['},   {"lbrack", '['},
    {"bsol", '\\'},        {"rsqb", ']'},     {"rbrack", ']'}, {"Hat", '^'},    {"lowbar", '_'},
    {"grave", '`'},        {"lcub", '{'},     {"lbrace", '{'}, {"verbar", '|'}, {"vert", '|'},
    {"rcub", '}'},         {"rbrace", '}'},   {"nbsp", ' '},   {"ensp", ' '},   {"emsp", ' '},
    {"thinsp", ' '},       {"hyphen", '-'},   {"dash", '-'},   {"ndash", '-'},  {"mdash", '-'},
    {"lsquo", '\''},       {"rsquo", '\''},   {"ldquo", '"'},  {"rdquo", '"'},  {"shy", 0},
    {"ZeroWidthSpace", 0}, {"zwj", 0},        {"zwnj", 0}};
constexpr std::size_t kLongestEntity = 16;

Escape entity(std::string_view s, bool last) {
  std::size_t i = 1;
  if (i < s.size() && s[i] == '#') {
    ++i;
    const bool hex = i < s.size() && (s[i] == 'x' || s[i] == 'X');
    if (hex) ++i;
    const std::size_t first = i;
    char32_t c = 0;
    for (; i < s.size() && i - first < 8; ++i) {
      const int v = hex_value(s[i]);
      if (v < 0 || (!hex && v > 9)) break;
      c = std::min<char32_t>(c * (hex ? 16 : 10) + static_cast<char32_t>(v), 0x110000);
    }
    if (i == s.size() && !last && i - first < 8) return {.more = true};
    if (i == first) return {};
    if (i < s.size() && s[i] == ';') ++i;
    return character(c, i);
  }
  while (i < s.size() && i < kLongestEntity && is_alnum(s[i])) ++i;
  if (i == s.size()) return {.more = !last && i < kLongestEntity};
  if (s[i] != ';') return {};
  const auto name = s.substr(1, i - 1);
  const auto* found = std::ranges::find(kEntities, name, &Entity::name);
  if (found == std::end(kEntities)) return {};
  if (found->c == 0) return {.size = i + 1};
  return character(found->c, i + 1);
}

// A UTF-16 unit written as \u0069; the second of a pair is put to it.
Escape utf16(std::string_view s, bool last) {
  if (!last && may_be_hex(s.substr(2), 4)) return {.more = true};
  auto n = hex_number(s.substr(2), 4);
  if (n < 0) return {};
  if (n >= 0xD800 && n < 0xDC00) {
    const auto rest = s.substr(6);
    if (!last && rest.size() < 6 && std::string_view("\\u").starts_with(rest.substr(0, 2)) &&
        (rest.size() < 2 || may_be_hex(rest.substr(2), 4)))
      return {.more = true};
    const auto low = rest.starts_with("\\u") ? hex_number(rest.substr(2), 4) : -1;
    if (low < 0xDC00 || low >= 0xE000) return {};
    return character(static_cast<char32_t>(0x10000 + ((n - 0xD800) << 10U) + (low - 0xDC00)), 12);
  }
  return character(static_cast<char32_t>(n), 6);
}

// \x69; or a character that takes more than one: \xC3\xA9. A byte that begins none stands for itself.
Escape byte_escapes(std::string_view s, bool last) {
  if (!last && may_be_hex(s.substr(2), 2)) return {.more = true};
  const auto first = hex_number(s.substr(2), 2);
  if (first < 0) return {};
  const std::size_t need = first < 0xC2 ? 1 : first < 0xE0 ? 2 : first < 0xF0 ? 3 : first < 0xF5 ? 4 : 1;
  std::string bytes(1, static_cast<char>(first));
  while (bytes.size() < need) {
    const auto rest = s.substr(bytes.size() * 4);
    if (!last && rest.size() < 4 && std::string_view("\\x").starts_with(rest.substr(0, 2)) &&
        (rest.size() < 2 || may_be_hex(rest.substr(2), 2)))
      return {.more = true};
    const auto next = rest.starts_with("\\x") ? hex_number(rest.substr(2), 2) : -1;
    if (next < 0) break;
    bytes.push_back(static_cast<char>(next));
  }
  if (const auto decoded = decode(bytes); need > 1 && decoded.size == need)
    return character(decoded.c, 4 * need);
  return character(static_cast<char32_t>(first), 4);
}

Escape backslash(std::string_view s, bool last) {
  if (s.size() == 1) return {.more = !last};
  const auto fixed = [&](std::size_t digits) -> Escape {
    if (!last && may_be_hex(s.substr(2), digits)) return {.more = true};
    const auto n = hex_number(s.substr(2), digits);
    return n < 0 || n > 0x10FFFF ? Escape{} : character(static_cast<char32_t>(n), 2 + digits);
  };
  switch (s[1]) {
    case 'x':
      return byte_escapes(s, last);
    case 'U':
      return fixed(8);
    case 'u': {
      if (s.size() == 2) return {.more = !last};
      if (s[2] != '{') return utf16(s, last);
      std::size_t i = 3;
      while (i < s.size() && i < 9 && hex_value(s[i]) >= 0) ++i;
      if (i == s.size()) return {.more = !last && i < 9};
      if (s[i] != '}' || i == 3) return {};
      return character(static_cast<char32_t>(hex_number(s.substr(3), i - 3)), i + 1);
    }
    default: {  // \151
      const auto octal = [&](std::size_t i) { return i < s.size() && s[i] >= '0' && s[i] <= '7'; };
      if (!octal(1) || s[1] > '1') return {};
      if (s.size() < 4 && !last && (s.size() < 3 || octal(2))) return {.more = true};
      if (!octal(2) || !octal(3)) return {};
      return character(static_cast<char32_t>((s[1] - '0') * 64 + (s[2] - '0') * 8 + (s[3] - '0')), 4);
    }
  }
}

// U+0069; a blank between two of them is only a separator.
Escape notation(std::string_view s, bool last) {
  if (s.size() == 1) return {.more = !last};
  if (s[1] != '+') return {};
  std::size_t i = 2;
  while (i < s.size() && i < 8 && hex_value(s[i]) >= 0) ++i;
  if (i == s.size() && !last) return {.more = true};
  if (i < 6) return {};
  const auto c = static_cast<char32_t>(hex_number(s.substr(2), i - 2));
  if (i < s.size() && s[i] == ' ') {
    if (i + 2 >= s.size() && !last) return {.more = true};
    if (s.substr(i + 1).starts_with("U+")) ++i;
  }
  return character(c, i);
}

// A string of JSON that was read: " " and \u as marks that hold the digits.
Escape marks(std::string_view s, bool last) {
  if (s.size() == 1) return {.more = !last};
  if (s[1] != '\x01') return {};
  const auto unit = [&](std::size_t at) -> std::int64_t {
    if (s.size() < at + 6 || s[at + 1] != '\x01') return -1;
    std::int64_t n = 0;
    for (std::size_t i = at + 2; i < at + 6; ++i) {
      if ((static_cast<unsigned char>(s[i]) & 0xF0U) != 0x10U) return -1;
      n = n << 4U | (s[i] & 0xF);
    }
    return n;
  };
  if (s.size() < 6 && !last) return {.more = true};
  const auto n = unit(0);
  if (n < 0) return {};
  if (n >= 0xD800 && n < 0xDC00) {
    if (s.size() < 12 && !last) return {.more = true};
    const auto low = unit(6);
    if (low < 0xDC00 || low >= 0xE000) return {};
    return character(static_cast<char32_t>(0x10000 + ((n - 0xD800) << 10U) + (low - 0xDC00)), 12);
  }
  return character(static_cast<char32_t>(n), 6);
}

// What stands between two strings that are put together, both quotes included: one of + & ~ || with blanks around it,
// or a dot with one blank at most.
Escape joint(std::string_view s, bool last) {
  const char quote = s[0];
  std::size_t i = 1;
  std::size_t blanks = 12;
  const auto skip = [&] {
    const auto first = i;
    while (i < s.size() && i - first < blanks &&
           (s[i] == ' ' || s[i] == '\n' || s[i] == '\r' || s[i] == '\t'))
      ++i;
    return i < s.size() || last;
  };
  if (!skip()) return {.more = true};
  if (i < s.size() && std::string_view("+&~").contains(s[i])) {
    ++i;
  } else if (i < s.size() && s[i] == '.' && (i == 1 || (i == 2 && s[1] == ' '))) {
    ++i;
    blanks = 1;
  } else if (i < s.size() && s[i] == '|') {
    if (i + 1 == s.size() && !last) return {.more = true};
    if (!s.substr(i).starts_with("||")) return {};
    i += 2;
  } else {
    return {};
  }
  if (!skip()) return {.more = true};
  if (i >= s.size() || s[i] != quote) return {};
  return {.size = i + 1};
}

// What an escape begins with; of " \x01", the second.
std::uint64_t marks_of_escapes(const char* block, const std::array<char, 2>&) {
  std::uint64_t marks = 0;
  in_lanes(block, [&](const Lanes& bytes, unsigned shift) {
    marks |= bytes.is_one_of('%', '&', '\\', '"', '\'', 'U', '\x01').bits() << shift;
  });
  return marks;
}

}  // namespace

std::size_t undo_escapes(std::string_view text, std::size_t from, bool last, const FoldTable& table,
                         RewriteSink& sink) {
  std::size_t kept = from;  // what comes before has been passed on
  std::size_t i = from;
  Places64 places(text, marks_of_escapes);
  for (;;) {
    const auto undecided = i;
    i = places.next(i);
    const bool after_blank = i > undecided && text[i - 1] == ' ';
    if (i == text.size()) {
      if (after_blank && !last) --i;
      break;
    }
    if (text[i] == '\x01') {
      if (!after_blank) {
        ++i;
        continue;
      }
      --i;
    }
    const auto rest = text.substr(i);
    Escape escape;
    switch (text[i]) {
      case '%':
        escape = percent(rest, last);
        break;
      case '&':
        escape = entity(rest, last);
        break;
      case '\\':
        escape = backslash(rest, last);
        break;
      case 'U':
        escape = notation(rest, last);
        break;
      case ' ':
        escape = marks(rest, last);
        break;
      default:
        escape = joint(rest, last);
    }
    if (escape.more) break;
    if (escape.size == 0) {
      ++i;
      continue;
    }
    if (i > kept) sink.keep(kept, i);
    sink.replace(i, i + escape.size,
                 escape.bytes.size() > 1 ? table.without_accents(escape.bytes) : escape.bytes);
    i += escape.size;
    kept = i;
  }
  if (i > kept) sink.keep(kept, i);
  return i;
}

}  // namespace plimsoll::text
