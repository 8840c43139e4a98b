#include "base/script.h"

#include <algorithm>
#include <array>
#include <cstdint>

namespace plimsoll {
namespace {

enum Script : std::uint8_t {
  kLatin,
  kCyrillic,
  kGreek,
  kArabic,
  kHebrew,
  kDevanagari,
  kThai,
  kHan,
  kKana,
  kHangul,
  kOther,
  kCount
};
constexpr std::array<std::string_view, kCount> kNames = {
    "latin", "cyrillic", "greek", "arabic", "hebrew", "devanagari", "thai", "han", "kana", "hangul", "other"};

struct Block {
  char32_t first, last;
  Script script;
};
// In order. What stands between them is punctuation, signs, or of no script that is told apart: kOther from 0x530 on.
constexpr Block kBlocks[] = {
    {0x00C0, 0x024F, kLatin},      {0x0370, 0x03FF, kGreek},  {0x0400, 0x052F, kCyrillic},
    {0x0590, 0x05FF, kHebrew},     {0x0600, 0x06FF, kArabic}, {0x0750, 0x077F, kArabic},
    {0x0900, 0x097F, kDevanagari}, {0x0E00, 0x0E7F, kThai},   {0x1100, 0x11FF, kHangul},
    {0x1E00, 0x1EFF, kLatin},      {0x3040, 0x30FF, kKana},   {0x3400, 0x4DBF, kHan},
    {0x4E00, 0x9FFF, kHan},        {0xAC00, 0xD7AF, kHangul}, {0xF900, 0xFAFF, kHan},
    {0xFB50, 0xFDFF, kArabic},     {0xFE70, 0xFEFF, kArabic}, {0xFF66, 0xFF9F, kKana},
    {0x20000, 0x323AF, kHan},
};

bool is_sign(char32_t c) {
  return c < 0x00C0 || (c >= 0x02B0 && c < 0x0370) || (c >= 0x2000 && c < 0x2C00) ||
         (c >= 0x2E00 && c < 0x3040) || (c >= 0xFE00 && c < 0xFE70) || (c >= 0xFF00 && c < 0xFF66) ||
         c >= 0xE0000 || (c >= 0x1F000 && c < 0x20000);
}

// The character at `at`, which moves past it; 0 for a byte that begins none.
char32_t next(std::string_view text, std::size_t& at) {
  const auto lead = static_cast<unsigned char>(text[at++]);
  const unsigned length = lead >= 0xF0 ? 3 : lead >= 0xE0 ? 2 : lead >= 0xC0 ? 1 : 0;
  if (length == 0 || at + length > text.size()) return 0;
  char32_t c = lead & (0x3FU >> length);
  for (unsigned i = 0; i < length; ++i) {
    const auto byte = static_cast<unsigned char>(text[at]);
    if ((byte & 0xC0U) != 0x80U) return 0;
    c = c << 6U | (byte & 0x3FU);
    ++at;
  }
  return c;
}

Script script_of(char32_t c) {
  const auto* block = std::ranges::find_if(kBlocks, [c](const Block& b) { return c <= b.last; });
  return block != std::end(kBlocks) && c >= block->first ? block->script : kOther;
}

}  // namespace

std::string_view script_of(std::string_view text, std::size_t most) {
  text = text.substr(0, most);
  std::array<std::size_t, kCount> letters{};
  for (std::size_t at = 0; at < text.size();) {
    const char byte = text[at];
    if (static_cast<unsigned char>(byte) < 0x80) {
      const char lower = static_cast<char>(byte | 0x20);
      letters[kLatin] += lower >= 'a' && lower <= 'z' ? 1U : 0U;
      ++at;
    } else if (const char32_t c = next(text, at); c != 0 && !is_sign(c)) {
      ++letters.at(script_of(c));
    }
  }
  const auto* top = std::ranges::max_element(letters);
  if (*top == 0) return {};
  if (top - letters.data() == kHan && letters[kKana] * 10 >= letters[kHan]) return kNames[kKana];
  return kNames.at(static_cast<std::size_t>(top - letters.data()));
}

}  // namespace plimsoll
