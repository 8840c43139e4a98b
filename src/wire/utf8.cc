#include "utf8.h"

#include <algorithm>
#include <utility>

#include "base/json.h"

namespace plimsoll::wire {
namespace {

constexpr std::string_view kReplacement = "\xEF\xBF\xBD";

std::size_t size_of(unsigned char lead) {
  return lead >= 0xF0U ? 4 : lead >= 0xE0U ? 3 : lead >= 0xC2U ? 2 : 1;
}

// Whether bytes could follow that make a character of `begun`: true if some padding makes it valid.
bool may_become_character(std::string_view begun) {
  const auto missing = size_of(static_cast<unsigned char>(begun.front())) - begun.size();
  for (const char filler : {'\x80', '\xBF'})  // the lowest and the highest continuation byte
    if (is_utf8(std::string(begun).append(missing, filler))) return true;
  return false;
}

}  // namespace

std::string Utf8Joiner::push(std::string_view bytes) {
  if (begun_.empty() && is_utf8(bytes)) return std::string(bytes);
  const std::string text = std::exchange(begun_, {}).append(bytes);
  std::string whole;
  for (std::size_t at = 0; at < text.size();) {
    const auto size = size_of(static_cast<unsigned char>(text[at]));
    const auto character = std::string_view(text).substr(at, size);
    if (character.size() < size && may_become_character(character)) {
      begun_ = character;
      break;
    }
    const bool valid = character.size() == size && is_utf8(character);
    whole += valid ? character : kReplacement;
    at += valid ? size : 1;
  }
  return whole;
}

std::string Utf8Joiner::finish() {
  return std::exchange(begun_, {}).empty() ? std::string() : std::string(kReplacement);
}

}  // namespace plimsoll::wire
