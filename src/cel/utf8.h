// Text as code points. Input need not be valid: a byte that starts no valid sequence counts as one code point
// of its own, so that every function here is total.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace plimsoll::cel {

struct CodePoint {
  char32_t value;      // U+FFFD for an invalid byte
  std::size_t length;  // in bytes
};

// The code point at `at` < text.size().
CodePoint decode_utf8(std::string_view text, std::size_t at);

// False, and nothing appended, for a surrogate or a value beyond U+10FFFF.
bool append_utf8(std::string& out, char32_t code_point);

std::size_t count_code_points(std::string_view text);

// The offset of every code point, then text.size().
std::vector<std::size_t> code_point_offsets(std::string_view text);

// The largest offset ≤ `limit` that does not cut a code point in two.
std::size_t utf8_floor(std::string_view text, std::size_t limit);

// Unicode White_Space.
bool is_space(char32_t c);

}  // namespace plimsoll::cel
