#include "base/json.h"

#include <algorithm>
#include <array>
#include <bit>
#include <boost/json/basic_parser_impl.hpp>
#include <boost/json/value_stack.hpp>
#include <charconv>
#include <cmath>
#include <functional>
#include <memory_resource>
#include <utility>
#include <vector>

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

namespace plimsoll {
namespace {

// Builds a value and remembers, per open object, the hashes of the keys seen.
class Handler {
 public:
  static constexpr std::size_t max_array_size = static_cast<std::size_t>(-1);
  static constexpr std::size_t max_object_size = static_cast<std::size_t>(-1);
  static constexpr std::size_t max_string_size = static_cast<std::size_t>(-1);
  static constexpr std::size_t max_key_size = static_cast<std::size_t>(-1);

  explicit Handler(json::storage_ptr storage) : stack_({}, stack_room_.data(), stack_room_.size()) {
    stack_.reset(std::move(storage));
  }

  const char* problem = nullptr;

  json::value release() { return stack_.release(); }
  void reset() {
    stack_.reset();
    keys_.clear();
    objects_.clear();
    key_.clear();
    problem = nullptr;
  }

  bool on_document_begin(json::error_code&) { return true; }
  bool on_document_end(json::error_code&) { return true; }

  bool on_object_begin(json::error_code&) {
    objects_.push_back(keys_.size());
    return true;
  }
  bool on_object_end(std::size_t n, json::error_code& ec) {
    const auto first = keys_.begin() + static_cast<std::ptrdiff_t>(objects_.back());
    std::sort(first, keys_.end());
    if (std::adjacent_find(first, keys_.end()) != keys_.end())
      return refuse("duplicate key in an object", ec);
    keys_.resize(objects_.back());
    objects_.pop_back();
    stack_.push_object(n);
    return true;
  }
  bool on_array_begin(json::error_code&) { return true; }
  bool on_array_end(std::size_t n, json::error_code&) {
    stack_.push_array(n);
    return true;
  }
  bool on_key_part(json::string_view part, std::size_t, json::error_code&) {
    stack_.push_chars(part);
    key_.append(part.data(), part.size());
    return true;
  }
  bool on_key(json::string_view last, std::size_t, json::error_code&) {
    const std::string_view whole =
        key_.empty() ? std::string_view(last) : key_.append(last.data(), last.size());
    keys_.push_back(std::hash<std::string_view>()(whole));
    key_.clear();
    stack_.push_key(last);
    return true;
  }
  bool on_string_part(json::string_view part, std::size_t, json::error_code&) {
    stack_.push_chars(part);
    return true;
  }
  bool on_string(json::string_view last, std::size_t, json::error_code&) {
    stack_.push_string(last);
    return true;
  }
  bool on_number_part(json::string_view, json::error_code&) { return true; }
  bool on_int64(std::int64_t value, json::string_view, json::error_code&) {
    stack_.push_int64(value);
    return true;
  }
  bool on_uint64(std::uint64_t value, json::string_view, json::error_code&) {
    stack_.push_uint64(value);
    return true;
  }
  bool on_double(double value, json::string_view text, json::error_code& ec) {
    // The parser's own conversion may be off by a unit in the last place, and would read its own output as
    // another number.
    double exact = 0;
    const auto read = std::from_chars(text.data(), text.data() + text.size(), exact);
    if (read.ec == std::errc() && read.ptr == text.data() + text.size()) value = exact;
    if (!std::isfinite(value)) return refuse("number out of range", ec);
    stack_.push_double(value);
    return true;
  }
  bool on_bool(bool value, json::error_code&) {
    stack_.push_bool(value);
    return true;
  }
  bool on_null(json::error_code&) {
    stack_.push_null();
    return true;
  }
  bool on_comment_part(json::string_view, json::error_code&) { return true; }
  bool on_comment(json::string_view, json::error_code&) { return true; }

 private:
  bool refuse(const char* why, json::error_code& ec) {
    problem = why;
    ec = json::error::syntax;
    return false;
  }

  // Most texts need no more than this while they are read.
  std::array<unsigned char, 4'096> stack_room_;
  std::array<std::byte, 1'024> room_;
  std::pmr::monotonic_buffer_resource more_{room_.data(), room_.size()};

  json::value_stack stack_;
  std::pmr::vector<std::size_t> keys_{&more_};     // hashes of the keys of all open objects, outermost first
  std::pmr::vector<std::size_t> objects_{&more_};  // where each open object's keys begin in keys_
  std::pmr::string key_{&more_};
};

bool needs_escape(unsigned char byte) {
  return byte < 0x20U || byte == '"' || byte == '\\';
}

// How many bytes from `from` on stand for themselves in a JSON string.
std::size_t plain_run(std::string_view text, std::size_t from) {
  std::size_t at = from;
#if defined(__SSE2__)
  const __m128i quote = _mm_set1_epi8('"');
  const __m128i slash = _mm_set1_epi8('\\');
  const __m128i control = _mm_set1_epi8(0x1F);
  for (; at + 16 <= text.size(); at += 16) {
    const __m128i bytes = _mm_loadu_si128(reinterpret_cast<const __m128i*>(text.data() + at));
    const __m128i hits =
        _mm_or_si128(_mm_or_si128(_mm_cmpeq_epi8(bytes, quote), _mm_cmpeq_epi8(bytes, slash)),
                     _mm_cmpeq_epi8(_mm_min_epu8(bytes, control), bytes));
    if (const auto mask = static_cast<unsigned>(_mm_movemask_epi8(hits)); mask != 0)
      return at + static_cast<std::size_t>(std::countr_zero(mask)) - from;
  }
#endif
  while (at < text.size() && !needs_escape(static_cast<unsigned char>(text[at]))) ++at;
  return at - from;
}

// RFC 8785 section 3.2.2.3: the ECMAScript form of a double.
void append_number(std::string& out, double value) {
  if (value == 0) {
    out += '0';
    return;
  }
  char text[40];
  const auto end = std::to_chars(text, text + sizeof text, value, std::chars_format::scientific).ptr;
  std::string_view form(text, static_cast<std::size_t>(end - text));
  if (form.front() == '-') {
    out += '-';
    form.remove_prefix(1);
  }
  const auto mark = form.find('e');
  std::string digits(1, form.front());
  if (mark > 1) digits.append(form.substr(2, mark - 2));
  int exponent = 0;
  const auto* first = form.data() + mark + 1;
  if (*first == '+') ++first;
  std::from_chars(first, form.data() + form.size(), exponent);

  const int point = exponent + 1;  // position of the decimal point, counted from the first digit
  const int count = static_cast<int>(digits.size());
  if (count <= point && point <= 21) {
    out.append(digits).append(static_cast<std::size_t>(point - count), '0');
  } else if (0 < point && point <= 21) {
    out.append(digits, 0, static_cast<std::size_t>(point)).append(".");
    out.append(digits, static_cast<std::size_t>(point));
  } else if (-6 < point && point <= 0) {
    out.append("0.").append(static_cast<std::size_t>(-point), '0').append(digits);
  } else {
    out += digits.front();
    if (count > 1) out.append(".").append(digits, 1);
    out += exponent < 0 ? "e-" : "e+";
    out += std::to_string(std::abs(exponent));
  }
}

// UTF-16 order differs from byte order only for code points from U+E000 to U+FFFF against those above.
bool utf16_less(std::string_view a, std::string_view b) {
  const auto [x, y] = std::mismatch(a.begin(), a.end(), b.begin(), b.end());
  if (x == a.end() || y == b.end()) return x == a.end() && y != b.end();
  auto left = static_cast<unsigned char>(*x);
  auto right = static_cast<unsigned char>(*y);
  const auto rank = [](unsigned char byte) {
    return byte >= 0xF0U ? 0xEDU : byte >= 0xEEU ? byte + 1U : byte;
  };
  return rank(left) != rank(right) ? rank(left) < rank(right) : left < right;
}

constexpr std::size_t kUsualBytes = 512;  // of what is written

enum class Order { kAsIs, kSorted };

void append_value(std::string& out, const json::value& value, Order order);

void append_member(std::string& out, const json::key_value_pair& member, Order order) {
  if (out.back() != '{') out += ',';
  append_json_string(out, member.key());
  out += ':';
  append_value(out, member.value(), order);
}

void append_object(std::string& out, const json::object& object, Order order) {
  out += '{';
  if (order == Order::kAsIs) {
    for (const auto& member : object) append_member(out, member, order);
  } else {
    std::vector<const json::key_value_pair*> members;
    members.reserve(object.size());
    for (const auto& member : object) members.push_back(&member);
    std::ranges::sort(members, [](auto* a, auto* b) { return utf16_less(a->key(), b->key()); });
    for (const auto* member : members) append_member(out, *member, order);
  }
  out += '}';
}

template <class Integer>
void append_integer(std::string& out, Integer value) {
  std::array<char, 24> text{};
  char* const end = std::to_chars(text.data(), text.data() + text.size(), value).ptr;
  out.append(text.data(), static_cast<std::size_t>(end - text.data()));
}

void append_value(std::string& out, const json::value& value, Order order) {
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
      append_number(out, value.get_double());
      break;
    case json::kind::string:
      append_json_string(out, value.get_string());
      break;
    case json::kind::object:
      append_object(out, value.get_object(), order);
      break;
    case json::kind::array: {
      out += '[';
      bool first = true;
      for (const auto& item : value.get_array()) {
        if (!std::exchange(first, false)) out += ',';
        append_value(out, item, order);
      }
      out += ']';
      break;
    }
  }
}

}  // namespace

Result<json::value> parse_json(std::string_view text, JsonLimits limits, json::storage_ptr storage) {
  if (text.size() > limits.max_bytes)
    return fail(Code::kTooLarge, "JSON is longer than " + std::to_string(limits.max_bytes) + " bytes");

  json::parse_options options;
  options.max_depth = limits.max_depth;
  json::basic_parser<Handler> parser(options, std::move(storage));
  json::error_code ec;
  const std::size_t used = parser.write_some(false, text.data(), text.size(), ec);
  if (!ec && used < text.size()) ec = json::error::extra_data;
  if (ec) {
    const char* problem = parser.handler().problem;
    return fail(Code::kInvalid, "invalid JSON at byte " + std::to_string(used) + ": " +
                                    (problem != nullptr ? std::string(problem) : ec.message()));
  }
  return parser.handler().release();
}

std::string to_json(const json::value& value) {
  std::string out;
  out.reserve(kUsualBytes);
  append_value(out, value, Order::kAsIs);
  return out;
}

std::string to_canonical_json(const json::value& value) {
  std::string out;
  append_value(out, value, Order::kSorted);
  return out;
}

void append_json_string(std::string& out, std::string_view text) {
  constexpr std::string_view kHex = "0123456789abcdef";
  out += '"';
  for (std::size_t at = 0;; ++at) {
    const std::size_t plain = plain_run(text, at);
    out.append(text.substr(at, plain));
    at += plain;
    if (at == text.size()) break;
    const auto byte = static_cast<unsigned char>(text[at]);
    out += '\\';
    switch (byte) {
      case '"':
      case '\\':
        out += static_cast<char>(byte);
        break;
      case '\b':
        out += 'b';
        break;
      case '\f':
        out += 'f';
        break;
      case '\n':
        out += 'n';
        break;
      case '\r':
        out += 'r';
        break;
      case '\t':
        out += 't';
        break;
      default:
        out += "u00";
        out += kHex[byte >> 4U];
        out += kHex[byte & 15U];
    }
  }
  out += '"';
}

bool is_utf8(std::string_view text) {
  const auto* p = reinterpret_cast<const unsigned char*>(text.data());
  const auto* const end = p + text.size();
  while (p < end) {
    if (*p < 0x80U) {
      ++p;
      continue;
    }
    const std::size_t size = *p >= 0xF0U ? 4 : *p >= 0xE0U ? 3 : 2;
    if (*p < 0xC2U || *p > 0xF4U || static_cast<std::size_t>(end - p) < size) return false;
    for (std::size_t i = 1; i < size; ++i)
      if ((p[i] & 0xC0U) != 0x80U) return false;
    if ((*p == 0xE0U && p[1] < 0xA0U) || (*p == 0xEDU && p[1] > 0x9FU) || (*p == 0xF0U && p[1] < 0x90U) ||
        (*p == 0xF4U && p[1] > 0x8FU))
      return false;
    p += size;
  }
  return true;
}

const json::value* find(const json::value& object, std::string_view key) {
  const auto* o = object.if_object();
  return o != nullptr ? o->if_contains(key) : nullptr;
}
const json::object* find_object(const json::value& object, std::string_view key) {
  const auto* v = find(object, key);
  return v != nullptr ? v->if_object() : nullptr;
}
const json::array* find_array(const json::value& object, std::string_view key) {
  const auto* v = find(object, key);
  return v != nullptr ? v->if_array() : nullptr;
}
const json::string* find_string(const json::value& object, std::string_view key) {
  const auto* v = find(object, key);
  return v != nullptr ? v->if_string() : nullptr;
}

}  // namespace plimsoll
