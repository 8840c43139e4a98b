#include "phrases.h"

#include <algorithm>
#include <iterator>
#include <utility>

namespace plimsoll::detect {
namespace {

// Letters that are also written as two.
struct Pair {
  std::string_view letter, capital, two;
};
constexpr Pair kPairs[] = {
    {"ä", "Ä", "ae"}, {"ö", "Ö", "oe"}, {"ü", "Ü", "ue"}, {"œ", "Œ", "oe"}, {"ß", "ẞ", "ss"}};

// Letters of Vietnamese alone, as search.cc has them.
constexpr std::string_view kTones = "ạảấầẩẫậắằẳẵặđẹẻẽếềểễệỉịơọỏốồổỗộớờởỡợưụủứừửữựỳỵỷỹ";
// A word or two of Vietnamese without their accents may be those of another language; longer phrases are none.
constexpr std::size_t kLongEnough = 8;

std::size_t length_of(unsigned char lead) {
  return lead < 0x80 ? 1 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
}

// Whether a phrase is of Vietnamese and short.
bool is_toned(std::string_view phrase) {
  std::size_t characters = 0;
  bool tones = false;
  for (std::size_t i = 0; i < phrase.size(); ++characters) {
    const auto size = std::min(length_of(static_cast<unsigned char>(phrase[i])), phrase.size() - i);
    tones = tones || (size > 1 && kTones.contains(phrase.substr(i, size)));
    i += size;
  }
  return tones && characters < kLongEnough;
}

// а–я and ё as capitals; empty for anything else.
std::string upper_cyrillic(std::string_view character) {
  if (character.size() != 2) return {};
  const auto code = (static_cast<unsigned char>(character[0]) & 0x1FU) << 6U |
                    (static_cast<unsigned char>(character[1]) & 0x3FU);
  unsigned upper = 0;
  if (code >= 0x430 && code <= 0x44F) upper = code - 0x20;
  if (code >= 0x450 && code <= 0x45F) upper = code - 0x50;
  if (upper == 0) return {};
  return {static_cast<char>(0xC0U | upper >> 6U), static_cast<char>(0x80U | (upper & 0x3FU))};
}

// The same character in all its spellings, but for its accent, which no text has that is searched.
std::string spellings(std::string_view character, bool first) {
  std::string out = "(?:";
  out += character;
  if (const auto* pair = std::ranges::find(kPairs, character, &Pair::letter); pair != std::end(kPairs)) {
    if (first) (out += '|') += pair->capital;
    (out += '|') += pair->two;
  } else if (const auto upper = upper_cyrillic(character); first && !upper.empty()) {
    (out += '|') += upper;
  }
  return out += ')';
}

std::string translate(std::string_view phrase) {
  std::string out;
  for (std::size_t i = 0; i < phrase.size();) {
    const auto size = std::min(length_of(static_cast<unsigned char>(phrase[i])), phrase.size() - i);
    const auto character = phrase.substr(i, size);
    if (character == "\\" && i + size < phrase.size()) {
      out += phrase.substr(i, 2);
      i += 2;
      continue;
    }
    if (character == " ")
      out += "\\s";
    else if (size == 1)
      out += character;
    else
      out += spellings(character, i == 0);
    i += size;
  }
  return phrase.contains('|') ? "(?:" + out + ")" : out;
}

bool is_word(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

// The alternatives of a phrase that is nothing but one group; else the phrase. Each knows its own ends.
std::vector<std::string> alternatives(std::string_view phrase) {
  std::vector<std::string> out(1);
  if (!phrase.starts_with("(?:")) return {std::string(phrase)};
  std::size_t depth = 0, i = 0;
  bool in_class = false;
  for (; i < phrase.size(); ++i) {
    const char c = phrase[i];
    if (c == '\\' && i + 1 < phrase.size()) {
      (out.back() += c) += phrase[++i];
      continue;
    }
    if (c == '[') in_class = true;
    if (c == ']') in_class = false;
    if (!in_class && c == '(' && depth++ == 0) {
      i += 2;
      continue;
    }
    if (!in_class && c == ')' && --depth == 0) break;
    if (!in_class && c == '|' && depth == 1)
      out.emplace_back();
    else
      out.back() += c;
  }
  const auto rest = phrase.substr(std::min(i + 1, phrase.size()));
  if (!rest.empty() && rest != "*") return {std::string(phrase)};
  for (auto& alternative : out) alternative += rest;
  return out;
}

}  // namespace

std::string inner_pattern(std::string_view phrase) {
  const bool before = phrase.starts_with('*');
  if (before) phrase.remove_prefix(1);
  const bool after = phrase.ends_with('*');
  if (after) phrase.remove_suffix(1);
  return (before ? "\\w{0,12}" : "") + translate(phrase) + (after ? "\\w{0,12}" : "");
}

WordPatterns word_patterns(std::span<const std::string> phrases, const text::Normalizer& normalizer) {
  std::string at_boundary, anywhere, toned;
  const auto add = [](std::string& to, const std::string& pattern) {
    (to += to.empty() ? "" : "|") += pattern;
  };
  std::vector<std::string> all;
  for (const auto& phrase : phrases) std::ranges::move(alternatives(phrase), std::back_inserter(all));
  for (std::string_view phrase : all) {
    const bool free = phrase.starts_with('*');
    if (free) phrase.remove_prefix(1);
    const bool stem = phrase.ends_with('*');
    if (stem) phrase.remove_suffix(1);
    if (phrase.empty()) continue;
    const auto plain = normalizer.in_pattern(phrase);
    const char first = plain.front(), last = plain.back();
    // A group or a class at an end is taken to be of words; of ASCII words, or there is no telling where they end.
    const bool ascii =
        std::ranges::all_of(plain, [](char c) { return static_cast<unsigned char>(c) < 0x80; });
    const bool ends_word = is_word(last) || (ascii && std::string_view(")]?}").contains(last));
    const bool begins_word = is_word(first) || std::string_view("([").contains(first);
    auto& to = free || !begins_word ? anywhere : is_toned(phrase) ? toned : at_boundary;
    add(to, translate(phrase) + (stem || !ends_word ? "" : "\\b"));
  }
  WordPatterns out;
  if (!at_boundary.empty()) out.patterns.push_back("\\b(?:" + at_boundary + ")");
  if (!anywhere.empty()) out.patterns.push_back("(?:" + anywhere + ")");
  if (!toned.empty()) out.toned.push_back("\\b(?:" + toned + ")");
  return out;
}

}  // namespace plimsoll::detect
