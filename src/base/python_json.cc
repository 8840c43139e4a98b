#include "base/python_json.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <utility>
#include <vector>

namespace plimsoll {
namespace {

constexpr std::string_view kHex = "0123456789abcdef";

void append_unit(std::string& out, unsigned unit) {
  out += "\\u";
  for (unsigned shift = 16; shift > 0; shift -= 4) out += kHex[(unit >> (shift - 4)) & 15U];
}

// The code point at `at`, which moves past it. The text is UTF-8: parse_json() has seen to that.
unsigned next_code_point(std::string_view text, std::size_t& at) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned lead = byte(at++);
  const int more = lead >= 0xF0U ? 3 : lead >= 0xE0U ? 2 : lead >= 0xC0U ? 1 : 0;
  unsigned point = more == 0 ? lead : lead & (0x3FU >> static_cast<unsigned>(more));
  for (int i = 0; i < more && at < text.size(); ++i) point = point << 6U | (byte(at++) & 0x3FU);
  return point;
}

void append_string(std::string& out, std::string_view text) {
  out += '"';
  for (std::size_t at = 0; at < text.size();) {
    const unsigned point = next_code_point(text, at);
    constexpr std::string_view kNamed = "\"\\\b\f\n\r\t";
    constexpr std::string_view kNames = "\"\\bfnrt";
    if (point > 0xFFFFU) {
      append_unit(out, 0xD800U + ((point - 0x10000U) >> 10U));
      append_unit(out, 0xDC00U + ((point - 0x10000U) & 0x3FFU));
    } else if (const auto named = point < 0x80U ? kNamed.find(static_cast<char>(point)) : kNamed.npos;
               named != kNamed.npos) {
      (out += '\\') += kNames[named];
    } else if (point < 0x20U || point > 0x7EU) {
      append_unit(out, point);
    } else {
      out += static_cast<char>(point);
    }
  }
  out += '"';
}

template <class Integer>
void append_integer(std::string& out, Integer value) {
  std::array<char, 24> text{};
  out.append(text.data(), std::to_chars(text.data(), text.data() + text.size(), value).ptr);
}

// repr(float): exponents below -4 and from 16 on are written as such, in two digits at least.
void append_float(std::string& out, double value) {
  std::array<char, 40> room{};
  const auto end =
      std::to_chars(room.data(), room.data() + room.size(), value, std::chars_format::scientific).ptr;
  const std::string_view form(room.data(), static_cast<std::size_t>(end - room.data()));
  const auto mark = form.find('e');
  int exponent = 0;
  const std::size_t sign = form[mark + 1] == '+' ? mark + 2 : mark + 1;
  std::from_chars(form.data() + sign, end, exponent);
  if (exponent < -4 || exponent >= 16) {
    out += form;
    return;
  }
  std::array<char, 40> fixed{};
  const auto stop =
      std::to_chars(fixed.data(), fixed.data() + fixed.size(), value, std::chars_format::fixed).ptr;
  const std::string_view digits(fixed.data(), static_cast<std::size_t>(stop - fixed.data()));
  out += digits;
  if (digits.find('.') == std::string_view::npos) out += ".0";
}

void append_value(std::string& out, const json::value& value);

void append_object(std::string& out, const json::object& object) {
  std::vector<const json::key_value_pair*> members;
  members.reserve(object.size());
  for (const auto& member : object) members.push_back(&member);
  // The order of UTF-8's bytes is that of the code points.
  std::ranges::sort(members, [](const auto* a, const auto* b) {
    return std::string_view(a->key()) < std::string_view(b->key());
  });
  out += '{';
  bool first = true;
  for (const auto* member : members) {
    if (!std::exchange(first, false)) out += ", ";
    append_string(out, member->key());
    out += ": ";
    append_value(out, member->value());
  }
  out += '}';
}

void append_value(std::string& out, const json::value& value) {
  switch (value.kind()) {
    case json::kind::null:
      out += "null";
      break;
    case json::kind::bool_:
      out += value.get_bool() ? "true" : "false";
      break;
    case json::kind::int64:
      append_integer(out, value.get_int64());
      break;
    case json::kind::uint64:
      append_integer(out, value.get_uint64());
      break;
    case json::kind::double_:
      append_float(out, value.get_double());
      break;
    case json::kind::string:
      append_string(out, value.get_string());
      break;
    case json::kind::object:
      append_object(out, value.get_object());
      break;
    case json::kind::array: {
      out += '[';
      bool first = true;
      for (const auto& item : value.get_array()) {
        if (!std::exchange(first, false)) out += ", ";
        append_value(out, item);
      }
      out += ']';
    }
  }
}

// Whether every integer of a valid JSON text fits into 64 bits; where the first that does not begins.
std::size_t wide_integer(std::string_view text) {
  for (std::size_t at = 0; at < text.size(); ++at) {
    if (text[at] == '"') {
      for (++at; at < text.size() && text[at] != '"'; ++at)
        if (text[at] == '\\') ++at;
      continue;
    }
    if (text[at] != '-' && (text[at] < '0' || text[at] > '9')) continue;
    const auto end = std::min(text.find_first_not_of("0123456789+-.eE", at), text.size());
    const auto number = text.substr(at, end - at);
    if (number.find_first_of(".eE") == std::string_view::npos) {
      std::int64_t negative = 0;
      std::uint64_t positive = 0;
      const auto* const stop = number.data() + number.size();
      if (std::from_chars(number.data(), stop, negative).ec != std::errc() &&
          std::from_chars(number.data(), stop, positive).ec != std::errc())
        return at;
    }
    at = end - 1;
  }
  return std::string_view::npos;
}

}  // namespace

Result<json::value> parse_exact_json(std::string_view text, JsonLimits limits) {
  auto value = parse_json(text, limits);
  if (!value) return value;
  if (const auto at = wide_integer(text); at != std::string_view::npos)
    return fail(Code::kInvalid, "integer beyond 64 bits at byte " + std::to_string(at));
  return value;
}

std::string to_python_json(const json::value& value) {
  std::string out;
  append_value(out, value);
  return out;
}

}  // namespace plimsoll
