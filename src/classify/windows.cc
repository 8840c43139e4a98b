#include "windows.h"

#include <algorithm>
#include <array>

namespace plimsoll::classify {
namespace {

constexpr bool white(char c) {
  return c == ' ' || (c >= '\t' && c <= '\r');
}
bool closes(char c) {
  return c == '"' || c == '\'' || c == ')' || c == ']';
}
bool ends_sentence(char c) {
  return c == '.' || c == '!' || c == '?';
}

// What may stand last in a sentence or behind it: white space, the last bytes of full stops.
constexpr auto kMayEnd = [] {
  std::array<bool, 256> table{};
  for (std::size_t c = 0; c < 256; ++c) table[c] = white(static_cast<char>(c));
  for (const std::size_t c : {0x82, 0x81, 0x9F, 0xA4}) table[c] = true;
  return table;
}();

// Whether a sentence has ended right before text[end].
bool sentence_ended(std::string_view text, std::size_t end) {
  const char last = text[end - 1];
  if (last == '\n') return true;
  if (white(last)) {
    std::size_t i = end - 1;
    while (i > 0 && closes(text[i - 1])) --i;
    return i > 0 && ends_sentence(text[i - 1]);
  }
  if (static_cast<unsigned char>(last) < 0x80) return false;
  const auto tail = text.substr(0, end);  // the full stops of Chinese, Japanese and the Indic scripts
  return tail.ends_with("\u3002") || tail.ends_with("\uFF01") || tail.ends_with("\uFF1F") ||
         tail.ends_with("\u0964");
}

std::size_t forced_cut(std::string_view text) {
  for (std::size_t i = kMaxWindow; i > kMinWindow; --i)
    if (white(text[i - 1])) return i;
  std::size_t i = kMaxWindow;
  while (i > kMaxWindow - 4 && (static_cast<unsigned char>(text[i - 1]) & 0xC0U) == 0x80U) --i;
  // text[i - 1] begins the last character: it stays if the character is whole.
  const auto lead = static_cast<unsigned char>(text[i - 1]);
  const std::size_t size = lead < 0x80 ? 1 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
  return i - 1 + size == kMaxWindow || lead < 0xC0 ? kMaxWindow : i - 1;
}

}  // namespace

std::size_t first_window(std::string_view text, std::size_t seen) {
  const std::size_t limit = std::min(text.size(), kMaxWindow);
  for (std::size_t end = std::max(kMinWindow, seen + 1); end <= limit; ++end)
    if (kMayEnd[static_cast<unsigned char>(text[end - 1])] && sentence_ended(text, end)) return end;
  return text.size() >= kMaxWindow ? forced_cut(text) : 0;
}

}  // namespace plimsoll::classify
