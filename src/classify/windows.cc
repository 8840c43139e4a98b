#include "windows.h"

#include <algorithm>
#include <array>
#include <cstdint>

#include "base/lanes.h"

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

// The last bytes of what may end a sentence: white space behind a full stop or what closes one, the end of a line, the last
// bytes of full stops beyond ASCII.
std::uint64_t marks_of_ends(const char* block, const std::array<char, 2>& before) {
  std::uint64_t blanks = 0, closing = 0, ends = 0;
  in_lanes(block, [&](const Lanes& bytes, unsigned shift) {
    blanks |= (bytes.is(' ') | bytes.is_among('\t', 5)).bits() << shift;
    closing |= bytes.is_one_of('.', '!', '?', '"', '\'', ')', ']').bits() << shift;
    ends |= bytes.is_one_of('\n', '\x82', '\x81', '\x9F', '\xA4').bits() << shift;
  });
  const bool closed = ends_sentence(before[1]) || closes(before[1]);
  return ends | (blanks & (closing << 1U | std::uint64_t{closed}));
}

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
  // What is behind the window is looked at with it, but it does not matter.
  Places64 places(text.substr(0, std::min(text.size(), kMaxWindow + kBlock)), marks_of_ends);
  for (auto end = std::max(kMinWindow, seen + 1); end <= limit; ++end) {
    end = places.next(end - 1) + 1;
    if (end <= limit && sentence_ended(text, end)) return end;
  }
  return text.size() >= kMaxWindow ? forced_cut(text) : 0;
}

}  // namespace plimsoll::classify
