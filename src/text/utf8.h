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

// `bytes` is not empty.
Decoded decode(std::string_view bytes);

// Nothing for what is no character.
void encode(char32_t c, std::string& out);

}  // namespace plimsoll::text
