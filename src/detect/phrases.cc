#include "phrases.h"

#include <algorithm>
#include <array>
#include <utility>

namespace plimsoll::detect {
namespace {

struct Letter {
  std::string_view accented, upper;
  std::string_view plain[2];
};

constexpr Letter kLetters[] = {
    {"à", "À", {"a"}},       {"á", "Á", {"a"}}, {"â", "Â", {"a"}}, {"ã", "Ã", {"a"}},
    {"ä", "Ä", {"ae", "a"}}, {"å", "Å", {"a"}}, {"ą", "Ą", {"a"}}, {"ç", "Ç", {"c"}},
    {"ć", "Ć", {"c"}},       {"è", "È", {"e"}}, {"é", "É", {"e"}}, {"ê", "Ê", {"e"}},
    {"ë", "Ë", {"e"}},       {"ę", "Ę", {"e"}}, {"ğ", "Ğ", {"g"}}, {"ì", "Ì", {"i"}},
    {"í", "Í", {"i"}},       {"î", "Î", {"i"}}, {"ï", "Ï", {"i"}}, {"ı", "I", {"i"}},
    {"ł", "Ł", {"l"}},       {"ñ", "Ñ", {"n"}}, {"ń", "Ń", {"n"}}, {"ò", "Ò", {"o"}},
    {"ó", "Ó", {"o"}},       {"ô", "Ô", {"o"}}, {"õ", "Õ", {"o"}}, {"ö", "Ö", {"oe", "o"}},
    {"œ", "Œ", {"oe"}},      {"ś", "Ś", {"s"}}, {"ş", "Ş", {"s"}}, {"ß", "ß", {"ss"}},
    {"ù", "Ù", {"u"}},       {"ú", "Ú", {"u"}}, {"û", "Û", {"u"}}, {"ü", "Ü", {"ue", "u"}},
    {"ź", "Ź", {"z"}},       {"ż", "Ż", {"z"}}};

// Letters of Vietnamese alone, by those they are often typed as.
constexpr std::pair<char, std::string_view> kVietnamese[] = {
    {'a', "ăạảấầẩẫậắằẳẵặ"}, {'d', "đ"},         {'e', "ẹẻẽếềểễệ"}, {'i', "ĩỉị"},
    {'o', "ơọỏốồổỗộớờởỡợ"}, {'u', "ũưụủứừửữự"}, {'y', "ýỳỵỷỹ"}};
// A word or two without their accents may be those of another language; longer phrases are none.
constexpr std::size_t kLongEnough = 8;

std::size_t length_of(unsigned char lead) {
  return lead < 0x80 ? 1 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
}

const Letter* letter(std::string_view character) {
  for (const auto& l : kLetters)
    if (l.accented == character) return &l;
  return nullptr;
}

// A phrase of Vietnamese as it is typed without accents; empty where it is none, or short.
std::string without_accents(std::string_view phrase) {
  std::string out;
  bool vietnamese = false;
  for (std::size_t i = 0; i < phrase.size();) {
    const auto size = std::min(length_of(static_cast<unsigned char>(phrase[i])), phrase.size() - i);
    const auto character = phrase.substr(i, size);
    i += size;
    const auto* known = std::ranges::find_if(
        kVietnamese, [&](const auto& letters) { return size > 1 && letters.second.contains(character); });
    if (known != std::end(kVietnamese)) {
      out += known->first;
      vietnamese = true;
    } else if (const auto* l = letter(character)) {
      out += l->plain[l->plain[1].empty() ? 0 : 1];
    } else {
      out += character;
    }
  }
  return vietnamese && out.size() >= kLongEnough ? out : std::string();
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

// The same character in all its spellings. `plain_end` follows the spellings without an accent.
std::string spellings(std::string_view character, bool first, std::string_view plain_end) {
  std::string out = "(?:";
  out += character;
  if (const auto* l = letter(character)) {
    if (first && l->upper != l->accented) (out += '|') += l->upper;
    for (const auto plain : l->plain)
      if (!plain.empty()) ((out += '|') += plain) += plain_end;
  } else if (const auto upper = upper_cyrillic(character); first && !upper.empty()) {
    (out += '|') += upper;
  }
  return out += ')';
}

std::string translate(std::string_view phrase, std::string_view last_plain_end) {
  std::string out;
  for (std::size_t i = 0; i < phrase.size();) {
    const auto size = std::min(length_of(static_cast<unsigned char>(phrase[i])), phrase.size() - i);
    const auto character = phrase.substr(i, size);
    const bool last = i + size == phrase.size();
    if (character == "\\" && !last) {
      out += phrase.substr(i, 2);
      i += 2;
      continue;
    }
    if (character == " ")
      out += "\\s";
    else if (size == 1)
      out += character;
    else
      out += spellings(character, i == 0, last ? last_plain_end : std::string_view());
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
  return (before ? "\\w{0,12}" : "") + translate(phrase, "") + (after ? "\\w{0,12}" : "");
}

std::vector<std::string> word_patterns(std::span<const std::string> phrases) {
  std::string at_boundary, anywhere;
  const auto add = [](std::string& to, const std::string& pattern) {
    (to += to.empty() ? "" : "|") += pattern;
  };
  std::vector<std::string> all;
  for (const auto& phrase : phrases)
    for (auto& alternative : alternatives(phrase)) {
      if (auto plain = without_accents(alternative); !plain.empty()) all.push_back(std::move(plain));
      all.push_back(std::move(alternative));
    }
  for (std::string_view phrase : all) {
    const bool free = phrase.starts_with('*');
    if (free) phrase.remove_prefix(1);
    const bool stem = phrase.ends_with('*');
    if (stem) phrase.remove_suffix(1);
    if (phrase.empty()) continue;
    const char last = phrase.back();
    // A group or a class at an end is taken to be of words; of ASCII words, or there is no telling where they end.
    const bool ascii =
        std::ranges::all_of(phrase, [](char c) { return static_cast<unsigned char>(c) < 0x80; });
    const bool ends_word = is_word(last) || (ascii && std::string_view(")]?}").contains(last));
    const std::string end = stem || !ends_word ? "" : "\\b";
    const std::string_view plain_end = stem ? "" : "\\b";
    const auto lead = static_cast<unsigned char>(phrase.front());
    if (lead < 0x80) {
      const bool begins_word = is_word(phrase.front()) || std::string_view("([").contains(phrase.front());
      add(free || !begins_word ? anywhere : at_boundary, translate(phrase, plain_end) + end);
      continue;
    }
    const auto size = std::min(length_of(lead), phrase.size());
    const auto* l = letter(phrase.substr(0, size));
    if (l == nullptr || free) {
      add(anywhere, translate(phrase, plain_end) + end);
      continue;
    }
    // Without its accent it begins at a word boundary as any other.
    const auto rest = translate(phrase.substr(size), plain_end) + end;
    add(anywhere, "(?:" + std::string(l->accented) + "|" + std::string(l->upper) + ")" + rest);
    for (const auto plain : l->plain)
      if (!plain.empty()) add(at_boundary, std::string(plain) + rest);
  }
  std::vector<std::string> out;
  if (!at_boundary.empty()) out.push_back("\\b(?:" + at_boundary + ")");
  if (!anywhere.empty()) out.push_back("(?:" + anywhere + ")");
  return out;
}

}  // namespace plimsoll::detect
