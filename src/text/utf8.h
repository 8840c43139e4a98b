// UTF-8, a character at a time.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace plimsoll::text {

struct Decoded {
  char32_t c = 0;
  std::size_t size = 0;  // 0: not the beginning of a character
  bool cut = false;      // the bytes end within what may be a character
};

// What begins like a character of several bytes.
Decoded decode_several(std::string_view bytes);

// `bytes` is not empty.
inline Decoded decode(std::string_view bytes) {
  const auto lead = static_cast<unsigned char>(bytes[0]);
  if (lead < 0x80) return {.c = lead, .size = 1};
  return lead < 0xC2 || lead > 0xF4 ? Decoded() : decode_several(bytes);
}

// Nothing for what is no character.
void encode(char32_t c, std::string& out);

}  // namespace plimsoll::text
