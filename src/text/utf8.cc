#include "utf8.h"

namespace plimsoll::text {

Decoded decode_several(std::string_view bytes) {
  const auto lead = static_cast<unsigned char>(bytes[0]);
  if (lead < 0xE0 && bytes.size() > 1) {  // most often
    const auto next = static_cast<unsigned char>(bytes[1]);
    if ((next & 0xC0U) != 0x80U) return {};
    return {.c = (lead & 0x1FU) << 6U | (next & 0x3FU), .size = 2};
  }
  const std::size_t size = lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
  char32_t c = lead & (0xFFU >> (size + 1));
  for (std::size_t i = 1; i < size; ++i) {
    if (i == bytes.size()) return {.cut = true};
    const auto next = static_cast<unsigned char>(bytes[i]);
    if ((next & 0xC0U) != 0x80U) return {};
    c = (c << 6U) | (next & 0x3FU);
    if (i == 1) {  // overlong forms, surrogates, beyond Unicode
      if ((lead == 0xE0 && next < 0xA0) || (lead == 0xED && next >= 0xA0) || (lead == 0xF0 && next < 0x90) ||
          (lead == 0xF4 && next >= 0x90))
        return {};
    }
  }
  return {.c = c, .size = size};
}

void encode(char32_t c, std::string& out) {
  const auto put = [&](unsigned byte) { out.push_back(static_cast<char>(byte)); };
  if (c < 0x80) {
    put(c);
  } else if (c < 0x800) {
    put(0xC0U | c >> 6U);
    put(0x80U | (c & 0x3FU));
  } else if (c < 0x10000) {
    if (c >= 0xD800 && c < 0xE000) return;
    put(0xE0U | c >> 12U);
    put(0x80U | (c >> 6U & 0x3FU));
    put(0x80U | (c & 0x3FU));
  } else if (c < 0x110000) {
    put(0xF0U | c >> 18U);
    put(0x80U | (c >> 12U & 0x3FU));
    put(0x80U | (c >> 6U & 0x3FU));
    put(0x80U | (c & 0x3FU));
  }
}

}  // namespace plimsoll::text
