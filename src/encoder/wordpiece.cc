#include "encoder/wordpiece.h"

#include <unicode/normalizer2.h>
#include <unicode/uchar.h>
#include <unicode/unistr.h>
#include <unicode/utf8.h>

#include <algorithm>
#include <utility>

namespace plimsoll::encoder {
namespace {

constexpr std::size_t kLongestWord = 100;  // characters; a longer one is unknown, as in BERT

bool is_ideograph(char32_t c) {
  return (c >= 0x4E00 && c <= 0x9FFF) || (c >= 0x3400 && c <= 0x4DBF) || (c >= 0x20000 && c <= 0x2CEAF) ||
         (c >= 0xF900 && c <= 0xFAFF) || (c >= 0x2F800 && c <= 0x2FA1F);
}

bool is_punctuation(char32_t c) {
  if (c < 128) return (c >= 33 && c <= 47) || (c >= 58 && c <= 64) || (c >= 91 && c <= 96) || c >= 123;
  return u_ispunct(static_cast<UChar32>(c));
}

enum class Class { kBlank, kDropped, kAlone, kLetter };

Class class_of(char32_t c) {
  if (c == '\t' || c == '\n' || c == '\r' || c == ' ') return Class::kBlank;
  switch (u_charType(static_cast<UChar32>(c))) {
    case U_SPACE_SEPARATOR:
    case U_LINE_SEPARATOR:
    case U_PARAGRAPH_SEPARATOR:
      return Class::kBlank;
    case U_CONTROL_CHAR:
    case U_FORMAT_CHAR:
    case U_PRIVATE_USE_CHAR:
    case U_SURROGATE:
      return Class::kDropped;
    default:
      return is_ideograph(c) || is_punctuation(c) ? Class::kAlone : Class::kLetter;
  }
}

// The next character from `at` on, which moves; negative for what is not UTF-8.
UChar32 next(std::string_view text, std::size_t& at) {
  UChar32 c = 0;
  const auto* bytes = reinterpret_cast<const std::uint8_t*>(text.data());
  U8_NEXT(bytes, at, text.size(), c);  // NOLINT(bugprone-inc-dec-in-conditions): ICU's own
  return c;
}

void append_utf8(char32_t c, std::string& out) {
  char bytes[4];
  std::size_t size = 0;
  U8_APPEND_UNSAFE(bytes, size, static_cast<UChar32>(c));
  out.append(bytes, size);
}

// A character in lower case, taken apart, its accents away.
void append_folded(char32_t c, std::u32string& out) {
  if (c < 128) {
    out += c >= 'A' && c <= 'Z' ? c + 32 : c;
    return;
  }
  UErrorCode failed = U_ZERO_ERROR;
  const auto* nfd = icu::Normalizer2::getNFDInstance(failed);
  const auto lower = static_cast<char32_t>(u_tolower(static_cast<UChar32>(c)));
  icu::UnicodeString apart;
  if (U_FAILURE(failed) || !nfd->getDecomposition(static_cast<UChar32>(lower), apart)) {
    if (u_charType(static_cast<UChar32>(lower)) != U_NON_SPACING_MARK) out += lower;
    return;
  }
  for (int32_t i = 0; i < apart.length(); i = apart.moveIndex32(i, 1)) {
    const UChar32 part = apart.char32At(i);
    if (u_charType(part) != U_NON_SPACING_MARK) out += static_cast<char32_t>(part);
  }
}

bool is_utf8(std::string_view text) {
  for (std::size_t at = 0; at < text.size();)
    if (next(text, at) < 0) return false;
  return true;
}

}  // namespace

Result<WordPiece> WordPiece::parse(std::string vocabulary, bool lower_case) {
  if (vocabulary.size() > kMaxBytes) return fail(Code::kTooLarge, "a vocabulary has at most 16 MiB");
  if (!is_utf8(vocabulary)) return fail(Code::kInvalid, "not a vocabulary: the file is not UTF-8 text");
  WordPiece out;
  out.lower_case_ = lower_case;
  out.vocabulary_ = std::make_unique<const std::string>(std::move(vocabulary));
  std::string_view rest = *out.vocabulary_;
  for (std::int64_t line = 0; !rest.empty(); ++line) {
    const auto end = std::min(rest.find('\n'), rest.size());
    auto piece = rest.substr(0, end);
    rest.remove_prefix(std::min(end + 1, rest.size()));
    if (piece.ends_with('\r')) piece.remove_suffix(1);
    if (!out.ids_.emplace(piece, line).second)
      return fail(Code::kInvalid,
                  "line " + std::to_string(line + 1) + " names a piece that an earlier one names");
  }
  for (const auto& [name, id] :
       {std::pair("[CLS]", &out.begin_), {"[SEP]", &out.end_}, {"[UNK]", &out.unknown_}}) {
    const auto found = out.ids_.find(name);
    if (found == out.ids_.end())
      return fail(Code::kInvalid,
                  std::string("not a WordPiece vocabulary: the piece ") + name + " is missing");
    *id = found->second;
  }
  return out;
}

std::vector<std::int64_t> WordPiece::pieces(std::string_view text, std::size_t most) const {
  std::vector<std::int64_t> out;
  std::u32string word;
  std::u32string folded;
  const auto flush = [&] {
    if (!word.empty()) add_word(word, out);
    word.clear();
  };
  for (std::size_t at = 0; at < text.size() && out.size() < most;) {
    const UChar32 character = next(text, at);
    const char32_t read = character < 0 ? U' ' : static_cast<char32_t>(character);
    folded.clear();
    if (lower_case_)
      append_folded(read, folded);
    else
      folded += read;
    for (const char32_t c : folded) {
      const Class kind = c == 0 || c == 0xFFFD ? Class::kDropped : class_of(c);
      if (kind == Class::kDropped) continue;
      if (kind == Class::kLetter) {
        // One more than counts: that it is too long is all that matters then.
        if (word.size() <= kLongestWord) word += c;
        continue;
      }
      flush();
      if (kind == Class::kAlone) add_word({c}, out);
    }
  }
  flush();
  if (out.size() > most) out.resize(most);
  return out;
}

void WordPiece::add_word(const std::u32string& word, std::vector<std::int64_t>& out) const {
  if (word.size() > kLongestWord) return out.push_back(unknown_);
  const std::size_t before = out.size();
  std::string piece;
  std::vector<std::size_t> ends;  // in bytes, of each character of `piece`
  for (std::size_t begin = 0; begin < word.size();) {
    piece = begin == 0 ? "" : "##";
    ends.clear();
    for (std::size_t i = begin; i < word.size(); ++i) {
      append_utf8(word[i], piece);
      ends.push_back(piece.size());
    }
    std::size_t length = ends.size();
    auto found = ids_.end();
    while (length > 0 &&
           (found = ids_.find(std::string_view(piece).substr(0, ends[length - 1]))) == ids_.end())
      --length;
    if (length == 0) {
      out.resize(before);
      return out.push_back(unknown_);
    }
    out.push_back(found->second);
    begin += length;
  }
}

}  // namespace plimsoll::encoder
