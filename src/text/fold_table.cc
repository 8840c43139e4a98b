#include "fold_table.h"

#include <unicode/normalizer2.h>
#include <unicode/uchar.h>
#include <unicode/unistr.h>

#include <algorithm>
#include <unordered_map>
#include <utility>

#include "utf8.h"

namespace plimsoll::text {
namespace {

struct LookAlike {
  char32_t c;
  char latin;
};

// In order. Upper case maps to upper case.
constexpr LookAlike kLookAlikes[] = {
    {0x0391, 'A'}, {0x0392, 'B'}, {0x0395, 'E'}, {0x0396, 'Z'}, {0x0397, 'H'}, {0x0399, 'I'}, {0x039A, 'K'},
    {0x039C, 'M'}, {0x039D, 'N'}, {0x039F, 'O'}, {0x03A1, 'P'}, {0x03A4, 'T'}, {0x03A5, 'Y'}, {0x03A7, 'X'},
    {0x03B1, 'a'}, {0x03B3, 'y'}, {0x03B5, 'e'}, {0x03B7, 'n'}, {0x03B9, 'i'}, {0x03BA, 'k'}, {0x03BD, 'v'},
    {0x03BF, 'o'}, {0x03C1, 'p'}, {0x03C4, 't'}, {0x03C5, 'u'}, {0x03C7, 'x'}, {0x03C9, 'w'}, {0x03F2, 'c'},
    {0x03F3, 'j'}, {0x0405, 'S'}, {0x0406, 'I'}, {0x0408, 'J'}, {0x0410, 'A'}, {0x0412, 'B'}, {0x0415, 'E'},
    {0x041A, 'K'}, {0x041C, 'M'}, {0x041D, 'H'}, {0x041E, 'O'}, {0x0420, 'P'}, {0x0421, 'C'}, {0x0422, 'T'},
    {0x0423, 'Y'}, {0x0425, 'X'}, {0x0430, 'a'}, {0x0432, 'b'}, {0x0433, 'r'}, {0x0435, 'e'}, {0x043A, 'k'},
    {0x043C, 'm'}, {0x043D, 'h'}, {0x043E, 'o'}, {0x0440, 'p'}, {0x0441, 'c'}, {0x0442, 't'}, {0x0443, 'y'},
    {0x0445, 'x'}, {0x0455, 's'}, {0x0456, 'i'}, {0x0458, 'j'}, {0x0475, 'v'}, {0x04AF, 'y'}, {0x04BB, 'h'},
    {0x04C0, 'I'}, {0x04CF, 'l'}, {0x0501, 'd'}, {0x050D, 'G'}, {0x051B, 'q'}, {0x051D, 'w'}, {0x054D, 'U'},
    {0x0555, 'O'}, {0x0561, 'w'}, {0x0566, 'q'}, {0x0570, 'h'}, {0x0578, 'n'}, {0x057D, 'u'}, {0x0581, 'g'},
    {0x0582, 'i'}, {0x0585, 'o'}};

constexpr char32_t kFirstLookAlike = std::begin(kLookAlikes)->c, kLastLookAlike = std::rbegin(kLookAlikes)->c;
constexpr auto kLatinOf = [] {
  std::array<char, kLastLookAlike - kFirstLookAlike + 1> latin{};
  for (const auto& like : kLookAlikes) latin[like.c - kFirstLookAlike] = like.latin;
  return latin;
}();

// Letters with a stroke, which Unicode does not take apart.
constexpr LookAlike kStrokes[] = {
    {0xD0, 'D'},  {0xD8, 'O'},  {0xF0, 'd'},  {0xF8, 'o'},  {0x110, 'D'}, {0x111, 'd'}, {0x126, 'H'},
    {0x127, 'h'}, {0x131, 'i'}, {0x141, 'L'}, {0x142, 'l'}, {0x166, 'T'}, {0x167, 't'}, {0x180, 'b'},
    {0x197, 'I'}, {0x19A, 'l'}, {0x1B5, 'Z'}, {0x1B6, 'z'}, {0x1E4, 'G'}, {0x1E5, 'g'}, {0x23C, 'c'},
    {0x246, 'E'}, {0x247, 'e'}, {0x249, 'j'}, {0x24D, 'r'}, {0x24F, 'y'}};

struct Symbols {
  char32_t first;
  char32_t last;
  char latin;  // what the first stands for
};

// Pictures of letters that have no compatibility form.
constexpr Symbols kSymbols[] = {{0x1F150, 0x1F169, 'a'}, {0x1F170, 0x1F189, 'a'}, {0x1F1E6, 0x1F1FF, 'a'}};
constexpr LookAlike kSmallCapitals[] = {
    {0x1D00, 'a'}, {0x0299, 'b'}, {0x1D04, 'c'}, {0x1D05, 'd'}, {0x1D07, 'e'}, {0xA730, 'f'},
    {0x0262, 'g'}, {0x029C, 'h'}, {0x026A, 'i'}, {0x1D0A, 'j'}, {0x1D0B, 'k'}, {0x029F, 'l'},
    {0x1D0D, 'm'}, {0x0274, 'n'}, {0x1D0F, 'o'}, {0x1D18, 'p'}, {0x0280, 'r'}, {0xA731, 's'},
    {0x1D1B, 't'}, {0x1D1C, 'u'}, {0x1D20, 'v'}, {0x1D21, 'w'}, {0x028F, 'y'}, {0x1D22, 'z'}};

// Stretches of Unicode worth looking at: the rest (ideographs, syllables, private use) never changes.
constexpr std::pair<char32_t, char32_t> kRanges[] = {
    {0x80, 0x33FF},     {0xA000, 0xABFF},   {0xF900, 0xFFFF},   {0x10000, 0x11FFF}, {0x16A00, 0x16FFF},
    {0x1BC00, 0x1BCFF}, {0x1D000, 0x1F2FF}, {0x1FB00, 0x1FBFF}, {0xE0000, 0xE0FFF}};

// Scripts of India and its neighbours to the east: their marks are vowels and tones, which everybody writes.
bool marks_vowels(char32_t c) {
  return (c >= 0x900 && c < 0x10A0) || (c >= 0x1780 && c < 0x1800);
}

bool unseen(UChar32 c) {
  switch (u_charType(c)) {
    case U_FORMAT_CHAR:
    case U_NON_SPACING_MARK:
    case U_ENCLOSING_MARK:
      return true;
    default:
      return false;
  }
}

std::size_t utf8_size(char32_t c) {
  return c < 0x80 ? 1 : c < 0x800 ? 2 : c < 0x10000 ? 3 : 4;
}

// The compatibility form without what a reader does not see.
std::string plain_form(const icu::Normalizer2& composing, UChar32 c, UErrorCode& status) {
  icu::UnicodeString visible;
  const auto plain = composing.normalize(icu::UnicodeString(c), status);
  for (int32_t i = 0; i < plain.length(); i = plain.moveIndex32(i, 1))
    if (!unseen(plain.char32At(i))) visible.append(plain.char32At(i));
  std::string utf8;
  visible.toUTF8String(utf8);
  return utf8;
}

}  // namespace

Result<std::shared_ptr<const FoldTable>> FoldTable::create() {
  UErrorCode status = U_ZERO_ERROR;
  const auto* composing = icu::Normalizer2::getNFKCInstance(status);
  if (U_FAILURE(status)) return fail(Code::kInternal, "Unicode data: " + std::string(u_errorName(status)));

  auto table = std::make_shared<FoldTable>();
  table->blocks_.assign((0xE1000 >> kBlockBits), 0);
  table->entries_.assign(std::size_t{1} << kBlockBits, kKeep);
  std::unordered_map<std::string, std::uint16_t> handles;
  for (const auto& [from, to] : kRanges) {
    for (char32_t c = from; c <= to; ++c) {
      const auto code = static_cast<UChar32>(c);
      if (c >= 0xE0020 && c <= 0xE007E) {
        table->set(c, table->add({static_cast<char>(c - 0xE0000)}));
        continue;
      }
      if (marks_vowels(c)) {
        if (unseen(code)) table->set(c, kMark);
        continue;
      }
      if (unseen(code) || u_hasBinaryProperty(code, UCHAR_DEFAULT_IGNORABLE_CODE_POINT)) {
        table->set(c, kDrop);
        continue;
      }
      icu::UnicodeString raw;
      if (!composing->getRawDecomposition(code, raw) ||
          composing->isNormalized(icu::UnicodeString(code), status))
        continue;
      const auto plain = plain_form(*composing, code, status);
      if (plain.empty()) {
        table->set(c, kDrop);
        continue;
      }
      auto [handle, fresh] = handles.try_emplace(plain, 0);
      if (fresh) handle->second = table->add(plain);
      table->set(c, handle->second);
    }
  }
  const auto stands_for = [&](char32_t c, char latin) { table->set(c, table->add({latin})); };
  for (const auto& range : kSymbols)
    for (char32_t c = range.first; c <= range.last; ++c)
      stands_for(c, static_cast<char>(range.latin + static_cast<char>(c - range.first)));
  for (const auto& small : kSmallCapitals) stands_for(small.c, small.latin);
  if (const auto* taking_apart = icu::Normalizer2::getNFDInstance(status); U_SUCCESS(status)) {
    for (char32_t c = kFirstAccented; c < kLastAccented; c = c + 1 == kEndOfExtended ? kAdditional : c + 1) {
      const auto parts = taking_apart->normalize(icu::UnicodeString(static_cast<UChar32>(c)), status);
      const auto base = parts.char32At(0);
      const auto at =
          c < kEndOfExtended ? c - kFirstAccented : c - kAdditional + (kEndOfExtended - kFirstAccented);
      if (base < 0x80 && u_isalpha(base)) table->bases_.at(at) = static_cast<char>(base);
    }
    for (const auto& stroke : kStrokes) table->bases_.at(stroke.c - kFirstAccented) = stroke.latin;
  }
  for (auto& replacement : table->replacements_) replacement = table->without_accents(replacement);
  if (U_FAILURE(status)) return fail(Code::kInternal, "Unicode data: " + std::string(u_errorName(status)));
  for (char32_t c = kFirstAccented; c < kLastAccented; c = c + 1 == kEndOfCased ? kAdditional : c + 1) {
    const auto small = static_cast<char32_t>(u_tolower(static_cast<UChar32>(c)));
    if (u_islower(static_cast<UChar32>(small)) == 0 || utf8_size(small) != utf8_size(c)) continue;
    table->small_.at(c < kEndOfCased ? c - kFirstAccented
                                     : c - kAdditional + (kEndOfCased - kFirstAccented)) =
        static_cast<char16_t>(small);
  }
  return table;
}

std::uint16_t FoldTable::add(std::string replacement) {
  replacements_.push_back(std::move(replacement));
  return static_cast<std::uint16_t>(replacements_.size() + kMark);
}

std::string FoldTable::without_accents(std::string_view text) const {
  std::string plain;
  while (!text.empty()) {
    const auto decoded = decode(text);
    const auto size = std::max<std::size_t>(1, decoded.size);
    const char base = decoded.size == 0 ? '\0' : base_letter(decoded.c);
    if (base != 0)
      plain += base;
    else
      plain += text.substr(0, size);
    text.remove_prefix(size);
  }
  return plain;
}

void FoldTable::set(char32_t c, std::uint16_t action) {
  auto& block = blocks_[c >> kBlockBits];
  if (block == 0) {
    block = static_cast<std::uint16_t>(entries_.size() >> kBlockBits);
    entries_.resize(entries_.size() + (std::size_t{1} << kBlockBits), kKeep);
  }
  entries_[(std::size_t{block} << kBlockBits) | (c & kMask)] = action;
}

char FoldTable::look_alike(char32_t c) {
  return c >= kFirstLookAlike && c <= kLastLookAlike ? kLatinOf[c - kFirstLookAlike] : '\0';
}

bool FoldTable::is_latin(char32_t c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
         (c >= 0xC0 && c <= 0x24F && c != 0xD7 && c != 0xF7) || (c >= 0x1E00 && c <= 0x1EFF);
}

bool FoldTable::is_other(char32_t c) {
  return (c >= 0x370 && c <= 0x3FF && c != 0x37E && c != 0x387) || (c >= 0x400 && c <= 0x52F) ||
         (c >= 0x531 && c <= 0x587);
}

}  // namespace plimsoll::text
