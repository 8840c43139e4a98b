#include <optional>

#include "lexer.h"
#include "utf8.h"

namespace plimsoll::cel {
namespace {

std::optional<unsigned> digit_value(char c, unsigned base) {
  unsigned value = 16;
  if (c >= '0' && c <= '9') value = static_cast<unsigned>(c - '0');
  if (c >= 'a' && c <= 'f') value = static_cast<unsigned>(c - 'a') + 10;
  if (c >= 'A' && c <= 'F') value = static_cast<unsigned>(c - 'A') + 10;
  return value < base ? std::optional(value) : std::nullopt;
}

std::optional<char32_t> read_digits(std::string_view text, std::size_t count, unsigned base) {
  if (text.size() < count) return std::nullopt;
  char32_t out = 0;
  for (std::size_t i = 0; i < count; ++i) {
    const auto digit = digit_value(text[i], base);
    if (!digit) return std::nullopt;
    out = out * base + *digit;
  }
  return out;
}

std::optional<char> simple_escape(char c) {
  switch (c) {
    case 'a':
      return '\a';
    case 'b':
      return '\b';
    case 'f':
      return '\f';
    case 'n':
      return '\n';
    case 'r':
      return '\r';
    case 't':
      return '\t';
    case 'v':
      return '\v';
    case '\\':
    case '?':
    case '"':
    case '\'':
    case '`':
      return c;
    default:
      return std::nullopt;
  }
}

// Appends what the escape after a backslash stands for and gives its length; 0 when it is wrong.
std::size_t append_escape(std::string& out, std::string_view after, bool bytes) {
  if (after.empty()) return 0;
  const char c = after.front();
  if (const auto simple = simple_escape(c)) {
    out += *simple;
    return 1;
  }
  std::optional<char32_t> value;
  std::size_t length = 0;
  if (c >= '0' && c <= '3') {
    length = 3;
    value = read_digits(after, 3, 8);
  } else if (c == 'x' || c == 'X') {
    length = 3;
    value = read_digits(after.substr(1), 2, 16);
  } else if (!bytes && (c == 'u' || c == 'U')) {
    length = c == 'u' ? 5 : 9;
    value = read_digits(after.substr(1), length - 1, 16);
  }
  if (!value) return 0;
  if (bytes) {
    out += static_cast<char>(*value);
    return length;
  }
  return append_utf8(out, *value) ? length : 0;
}

}  // namespace

std::string unescape(std::string_view body, bool bytes, std::string& problem, std::size_t& problem_at) {
  std::string out;
  out.reserve(body.size());
  for (std::size_t i = 0; i < body.size();) {
    if (body[i] != '\\') {
      out += body[i++];
      continue;
    }
    const std::size_t length = append_escape(out, body.substr(i + 1), bytes);
    if (length == 0) {
      problem = "unknown escape sequence; write \\\\ for a backslash, or put r before the quote";
      problem_at = i;
      return {};
    }
    i += 1 + length;
  }
  return out;
}

}  // namespace plimsoll::cel
