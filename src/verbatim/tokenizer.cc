#include "verbatim/tokenizer.h"

#include <algorithm>
#include <utility>

#include "verbatim/fingerprint.h"

namespace plimsoll::verbatim {
namespace {

// FNV-1a over code points; finished by mix().
constexpr std::uint64_t kOffset = 0xCBF29CE484222325U;
constexpr std::uint64_t kPrime = 0x00000100000001B3U;

struct Decoded {
  char32_t c = 0;
  std::size_t size = 0;  // 0: not the beginning of a character
  bool cut = false;      // the bytes end within what may be a character
};

Decoded decode(std::string_view bytes) {
  const auto lead = static_cast<unsigned char>(bytes[0]);
  const std::size_t size = lead < 0xC2 ? 0 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : lead < 0xF5 ? 4 : 0;
  if (size == 0) return {};
  char32_t c = lead & (0xFFU >> (size + 1));
  for (std::size_t i = 1; i < size; ++i) {
    if (i == bytes.size()) return {.cut = true};
    const auto next = static_cast<unsigned char>(bytes[i]);
    if ((next & 0xC0U) != 0x80U) return {};
    c = (c << 6U) | (next & 0x3FU);
    if (i == 1 && ((lead == 0xE0 && next < 0xA0) || (lead == 0xED && next >= 0xA0) ||
                   (lead == 0xF0 && next < 0x90) || (lead == 0xF4 && next >= 0x90)))
      return {};  // overlong forms, surrogates, beyond Unicode
  }
  return {.c = c, .size = size};
}

}  // namespace

void Tokenizer::feed(std::string_view piece, std::vector<Token>& out) {
  while (!piece.empty() && !carry_.empty()) {
    carry_.push_back(piece.front());
    piece.remove_prefix(1);
    carry_.erase(0, take(carry_, false, out));
  }
  if (!piece.empty()) carry_.assign(piece.substr(take(piece, false, out)));
}

void Tokenizer::finish(std::vector<Token>& out) {
  const std::string rest = std::exchange(carry_, {});
  take(rest, true, out);
  end_word(out);
  read_ = 0;
}

// How many bytes were read: all, but for a cut character at the end.
std::size_t Tokenizer::take(std::string_view bytes, bool last, std::vector<Token>& out) {
  const std::size_t base = read_;
  std::size_t i = 0;
  while (i < bytes.size()) {
    const auto byte = static_cast<unsigned char>(bytes[i]);
    if (byte < 0x80) {
      const auto kind = characters_->ascii(byte);
      if (kind > Characters::kAlone)
        add(kind, base + i, base + i + 1);
      else if (kind == Characters::kSeparator)
        end_word(out);
      ++i;
      continue;
    }
    const auto decoded = decode(bytes.substr(i));
    if (decoded.cut && !last) break;
    const std::size_t begin = base + i;
    i += std::max<std::size_t>(1, decoded.size);
    const auto kind = decoded.size == 0 ? Characters::kSeparator : characters_->kind(decoded.c);
    if (kind == Characters::kSeparator) {
      end_word(out);
    } else if (kind == Characters::kAlone) {
      end_word(out);
      add(decoded.c, begin, base + i);
      end_word(out);
    } else if (kind == Characters::kSelf) {
      add(decoded.c, begin, base + i);
    } else if (kind != Characters::kSkip) {
      for (const char32_t c : characters_->folded(kind)) {
        const bool alone = c >= 0x80 && characters_->kind(c) == Characters::kAlone;
        if (alone) end_word(out);
        add(c, begin, base + i);
        if (alone) end_word(out);
      }
    }
  }
  read_ = base + i;
  return i;
}

void Tokenizer::add(std::uint64_t c, std::size_t begin, std::size_t end) {
  if (!std::exchange(open_, true)) {
    hash_ = kOffset;
    begin_ = begin;
  }
  hash_ = (hash_ ^ c) * kPrime;
  end_ = end;
}

void Tokenizer::end_word(std::vector<Token>& out) {
  if (std::exchange(open_, false)) out.push_back({.hash = mix(hash_), .begin = begin_, .end = end_});
}

std::vector<Token> tokenize(std::string_view text, const std::shared_ptr<const Characters>& characters) {
  std::vector<Token> out;
  Tokenizer tokenizer(characters);
  tokenizer.feed(text, out);
  tokenizer.finish(out);
  return out;
}

}  // namespace plimsoll::verbatim
