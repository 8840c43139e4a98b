#include "json_escapes.h"

#include <charconv>
#include <cstdint>
#include <optional>
#include <utility>

namespace plimsoll::wire {
namespace {

constexpr std::size_t kUnit = 6;  // of "\uXXXX"

bool is_hex(char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

// Whether `text` is "\uXXXX" or could become it when more arrives.
bool begins_unit(std::string_view text) {
  for (std::size_t i = 0; i < text.size() && i < kUnit; ++i)
    if (i == 0 ? text[i] != '\\' : i == 1 ? text[i] != 'u' : !is_hex(text[i])) return false;
  return true;
}

std::optional<std::uint32_t> unit(std::string_view text) {
  if (text.size() < kUnit || !begins_unit(text)) return std::nullopt;
  std::uint32_t value = 0;
  std::from_chars(text.data() + 2, text.data() + kUnit, value, 16);
  return value;
}

void append_utf8(std::string& out, std::uint32_t c) {
  const auto byte = [&](std::uint32_t value) { out += static_cast<char>(value); };
  const auto rest = [&](std::uint32_t shift) { byte(0x80U | (c >> shift & 0x3FU)); };
  if (c < 0x80U) {
    byte(c);
  } else if (c < 0x800U) {
    byte(0xC0U | c >> 6U);
    rest(0);
  } else if (c < 0x10000U) {
    byte(0xE0U | c >> 12U);
    rest(6);
    rest(0);
  } else {
    byte(0xF0U | c >> 18U);
    rest(12);
    rest(6);
    rest(0);
  }
}

// What stands at the beginning of `text`, a backslash: its length, and what to write for it. No length: more
// must arrive to tell.
struct Escape {
  std::optional<std::size_t> length;
  std::string meaning;
};

Escape read_escape(std::string_view text) {
  const auto as_it_is = [&](std::size_t length) {
    return Escape{length, std::string(text.substr(0, length))};
  };
  if (text.size() < 2) return {};
  if (text[1] == '/') return {2, "/"};
  if (text[1] != 'u') return as_it_is(2);
  if (!begins_unit(text)) return as_it_is(2);
  const auto high = unit(text);
  if (!high) return {};

  Escape escape{kUnit, {}};
  if (*high >= 0xD800U && *high < 0xDC00U) {
    const auto next = text.substr(kUnit);
    const auto low = unit(next);
    if (!low && next.size() < kUnit && begins_unit(next)) return {};
    if (!low || *low < 0xDC00U || *low > 0xDFFFU) return as_it_is(kUnit);
    append_utf8(escape.meaning, 0x10000U + ((*high - 0xD800U) << 10U) + (*low - 0xDC00U));
    escape.length = 2 * kUnit;
    return escape;
  }
  if (*high == '"' || *high == '\\') return {kUnit, {'\\', static_cast<char>(*high)}};
  const bool needed = *high < 0x20U || (*high >= 0xDC00U && *high <= 0xDFFFU);
  if (needed) return as_it_is(kUnit);
  append_utf8(escape.meaning, *high);
  return escape;
}

}  // namespace

std::string JsonUnescaper::push(std::string_view text) {
  if (begun_.empty() && !text.contains('\\')) return std::string(text);
  const std::string joined = std::exchange(begun_, {}).append(text);
  std::string_view rest = joined;
  std::string out;
  while (!rest.empty()) {
    const auto slash = rest.find('\\');
    out += rest.substr(0, slash);
    if (slash == std::string_view::npos) break;
    rest.remove_prefix(slash);
    const auto escape = read_escape(rest);
    if (!escape.length) {
      begun_ = rest;
      break;
    }
    out += escape.meaning;
    rest.remove_prefix(*escape.length);
  }
  return out;
}

std::string JsonUnescaper::finish() {
  return std::exchange(begun_, {});
}

std::string without_needless_escapes(std::string_view text) {
  JsonUnescaper unescaper;
  auto out = unescaper.push(text);
  return out += unescaper.finish();
}

}  // namespace plimsoll::wire
