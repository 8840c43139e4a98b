#include "verbatim/characters.h"

#include <unicode/normalizer2.h>
#include <unicode/uchar.h>
#include <unicode/unistr.h>
#include <unicode/uscript.h>

#include <map>
#include <string>

namespace plimsoll::verbatim {
namespace {

constexpr char32_t kEnd = 0x20000;  // of what is kept in the table
// Ideographs: too many to look at one by one, and all alike.
constexpr bool is_ideograph(char32_t c) {
  return (c >= 0x3400 && c < 0xA000) && !(c >= 0x4DC0 && c < 0x4E00);
}

bool is_apostrophe(char32_t c) {
  return c == 0x27 || c == 0x2BC || c == 0x2BB || c == 0x2019 || c == 0x2018 || c == 0x201B || c == 0xFF07 ||
         c == 0x2032;
}

bool counts(UChar32 c) {
  return (U_GET_GC_MASK(c) & (U_GC_L_MASK | U_GC_N_MASK)) != 0;
}

bool unseen(UChar32 c) {
  return (U_GET_GC_MASK(c) & (U_GC_M_MASK | U_GC_CF_MASK)) != 0 ||
         u_hasBinaryProperty(c, UCHAR_DEFAULT_IGNORABLE_CODE_POINT);
}

bool stands_alone(UChar32 c) {
  if (u_getIntPropertyValue(c, UCHAR_LINE_BREAK) == U_LB_COMPLEX_CONTEXT) return true;
  UErrorCode status = U_ZERO_ERROR;
  const auto script = uscript_getScript(c, &status);
  return script == USCRIPT_HAN || script == USCRIPT_HIRAGANA || script == USCRIPT_KATAKANA;
}

std::u32string fold(const icu::Normalizer2& folding, const icu::Normalizer2& decomposing, UChar32 c,
                    UErrorCode& status) {
  const auto folded = decomposing.normalize(folding.normalize(icu::UnicodeString(c), status), status);
  std::u32string out;
  for (int32_t i = 0; i < folded.length(); i = folded.moveIndex32(i, 1))
    if (counts(folded.char32At(i))) out.push_back(static_cast<char32_t>(folded.char32At(i)));
  return out;
}

}  // namespace

Result<std::shared_ptr<const Characters>> Characters::create() {
  // Worked out once: it is the same for all.
  static const auto made = []() -> Result<std::shared_ptr<const Characters>> {
    UErrorCode status = U_ZERO_ERROR;
    const auto* folding = icu::Normalizer2::getNFKCCasefoldInstance(status);
    const auto* decomposing = icu::Normalizer2::getNFKDInstance(status);
    if (U_FAILURE(status)) return fail(Code::kInternal, "Unicode data: " + std::string(u_errorName(status)));

    auto table = std::make_shared<Characters>();
    table->blocks_.assign(kEnd >> kBlockBits, 0);
    table->entries_.assign(std::size_t{1} << kBlockBits, kSeparator);
    std::map<std::u32string, std::uint32_t> handles;
    for (char32_t c = 0; c < kEnd; ++c) {
      const auto code = static_cast<UChar32>(c);
      if (is_ideograph(c)) {
        table->set(c, kAlone);
        continue;
      }
      if (u_charType(code) == U_UNASSIGNED || (c >= 0xD800 && c < 0xF900)) continue;
      if (is_apostrophe(c) || unseen(code)) {
        table->set(c, kSkip);
        continue;
      }
      const auto plain = fold(*folding, *decomposing, code, status);
      if (plain.empty()) continue;
      if (plain.size() == 1 && plain[0] == c) {
        table->set(c, stands_alone(code) ? kAlone : kSelf);
        continue;
      }
      auto [handle, fresh] = handles.try_emplace(plain, 0);
      if (fresh) {
        handle->second = static_cast<std::uint32_t>(table->replacements_.size()) + kFirst;
        table->replacements_.push_back(
            {static_cast<std::uint32_t>(table->text_.size()), static_cast<std::uint32_t>(plain.size())});
        table->text_.insert(table->text_.end(), plain.begin(), plain.end());
      }
      table->set(c, handle->second);
    }
    if (U_FAILURE(status)) return fail(Code::kInternal, "Unicode data: " + std::string(u_errorName(status)));
    for (unsigned char c = 0; c < 128; ++c) {
      const auto kind = table->kind(c);
      table->ascii_[c] = kind == kSelf    ? c
                         : kind >= kFirst ? static_cast<std::uint8_t>(table->folded(kind).front())
                                          : static_cast<std::uint8_t>(kind);
    }
    return table;
  }();
  return made;
}

void Characters::set(char32_t c, std::uint32_t kind) {
  auto& block = blocks_[c >> kBlockBits];
  if (block == 0) {
    block = static_cast<std::uint16_t>(entries_.size() >> kBlockBits);
    entries_.resize(entries_.size() + (std::size_t{1} << kBlockBits), kSeparator);
  }
  entries_[(std::size_t{block} << kBlockBits) | (c & kMask)] = kind;
}

}  // namespace plimsoll::verbatim
