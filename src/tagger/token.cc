#include "token.h"

#include <algorithm>
#include <array>

#include "letters.h"

namespace plimsoll::tagger {
namespace {

constexpr std::uint64_t kFnvStart = 0xCBF29CE484222325ULL;
constexpr std::uint64_t kFnvPrime = 0x100000001B3ULL;

std::uint64_t finish(std::uint64_t h) {
  h ^= h >> 32U;
  h *= 0xD6E8FEB86659FD93ULL;
  h ^= h >> 29U;
  return h;
}

bool apostrophe(char32_t c) {
  return c == '\'' || c == 0x2019;
}

bool alnum_at(std::string_view text, std::size_t at) {
  return at < text.size() && letter_at(text, at).alnum();
}

// Whether from `at` on, without white space, there is a mailbox's "@" and something after it.
bool mailbox_follows(std::string_view text, std::size_t at) {
  const std::size_t stop = std::min(text.size(), at + 64);
  if (text.substr(0, stop).find('@', at) == std::string_view::npos) return false;
  while (at < stop) {
    const Letter c = letter_at(text, at);
    if (c.code == '@') return alnum_at(text, at + 1);
    if (!c.alnum() && c.code != '.' && c.code != '_' && c.code != '-' && c.code != '+') return false;
    at += c.size;
  }
  return false;
}

// What a word turned out to consist of.
struct Parts {
  unsigned letters = 0, upper = 0, lower = 0, digits = 0;
  bool starts_upper = false;
  bool rises = false;    // a lower-case letter before an upper-case one
  bool pointed = false;  // a number with a point or comma in it
  bool opaque = false;

  void take(const Letter& c, bool first) {
    if (c.kind == LetterKind::kDigit) ++digits;
    if (!c.letter()) return;
    ++letters;
    if (c.kind == LetterKind::kUpper) {
      if (first) starts_upper = true;
      if (lower > 0) rises = true;
      ++upper;
    }
    if (c.kind == LetterKind::kLower) ++lower;
  }

  Shape shape() const {
    if (opaque) return Shape::kOpaque;
    if (letters == 0) {
      if (pointed || digits > 5) return Shape::kDigits6;
      return static_cast<Shape>(static_cast<unsigned>(Shape::kDigits1) + std::max(digits, 1U) - 1);
    }
    if (digits > 0) return upper > 0 ? Shape::kMixedCap : Shape::kMixedLow;
    if (upper == 0) return lower > 0 ? Shape::kLower : Shape::kUncased;
    if (!starts_upper) return Shape::kCamelLow;
    if (lower == 0) return upper == 1 ? Shape::kInitial : Shape::kCaps;
    return upper == 1 ? Shape::kTitle : rises || upper > 1 ? Shape::kCamel : Shape::kTitle;
  }
};

std::size_t end_of_run(std::string_view text, std::size_t at, std::size_t stop) {
  while (at < stop) {
    const Letter c = letter_at(text, at);
    if (c.space() || at + c.size > stop) break;
    at += c.size;
  }
  return at;
}

// How far a word goes on at `at`, where its letters end: the bytes to take, 0 to stop.
std::size_t join(std::string_view text, std::size_t begin, std::size_t at, const Letter& before,
                 Parts& parts) {
  const Letter c = letter_at(text, at);
  if (c.space()) return 0;
  const std::size_t next = at + c.size;
  if (c.kind == LetterKind::kMark) return c.size;
  if (next >= text.size()) return 0;
  if (apostrophe(c.code)) {
    if (parts.digits > 0 || !before.letter()) return 0;
    const Letter after = letter_at(text, next);
    if (!after.letter()) return 0;
    const bool possessive = (after.code == 's' || after.code == 'S') && !alnum_at(text, next + after.size);
    return possessive ? 0 : c.size;
  }
  if (c.code == '_') {
    parts.opaque = true;
    return 1;
  }
  if (c.code == '@' && alnum_at(text, next)) {
    parts.opaque = true;
    return 1;
  }
  if (c.code == ':' && text.substr(at).starts_with("://")) {
    parts.opaque = true;
    return end_of_run(text, at, std::min(text.size(), begin + kMaxTokenBytes)) - at;
  }
  if (c.code == '.' || c.code == ',') {
    const Letter after = letter_at(text, next);
    if (parts.letters == 0 && after.kind == LetterKind::kDigit) {
      parts.pointed = true;
      return 1;
    }
    if (c.code == ',') return 0;
  }
  if (c.code == '.' || c.code == '-' || c.code == '+') {
    const Letter after = letter_at(text, next);
    if (!after.alnum()) return 0;
    const bool dotted =
        c.code == '.' && after.kind != LetterKind::kUpper && before.kind != LetterKind::kUpper;
    if (dotted || parts.opaque || mailbox_follows(text, next)) {
      parts.opaque = true;
      return 1;
    }
  }
  return 0;
}

Token word_at(std::string_view text, std::size_t begin, std::string& folded) {
  Token token;
  token.folded = static_cast<std::uint32_t>(folded.size());
  Parts parts;
  Letter before;
  std::size_t at = begin;
  std::uint64_t h = kFnvStart;
  std::array<char, kMaxWordBytes + 8> bytes;  // NOLINT: filled before it is read
  std::size_t size = 0;
  const auto put = [&](char c) {
    h = (h ^ static_cast<unsigned char>(c)) * kFnvPrime;
    if (size < bytes.size()) bytes[size++] = c;
  };
  const auto room = [&] { return at - begin < (parts.opaque ? kMaxTokenBytes - 8 : kMaxWordBytes); };
  while (at < text.size() && room()) {
    const Letter c = letter_at(text, at);
    if (c.alnum()) {
      parts.take(c, at == begin);
      before = c;
      at += c.size;
      if (c.code < 0x80) {
        put(static_cast<char>(c.kind == LetterKind::kUpper ? c.code | 0x20U : c.code));
        continue;
      }
      char plain[4];
      const std::size_t n = fold(c.code, plain);
      for (std::size_t i = 0; i < n; ++i) put(plain[i]);
      continue;
    }
    const std::size_t more = join(text, begin, at, before, parts);
    if (more == 0) break;
    if (apostrophe(c.code)) put('\'');
    at += more;
  }
  folded.append(bytes.data(), size);
  token.begin = static_cast<std::uint32_t>(begin);
  token.end = static_cast<std::uint32_t>(at);
  token.folded_size = static_cast<std::uint8_t>(size);
  token.hash = finish(h);
  token.shape = parts.shape();
  return token;
}

}  // namespace

std::uint64_t hash_of(std::string_view folded) {
  std::uint64_t h = kFnvStart;
  for (const char c : folded) h = (h ^ static_cast<unsigned char>(c)) * kFnvPrime;
  return finish(h);
}

std::uint64_t hash_pair(std::uint64_t first, std::uint64_t second) {
  return finish((first * 0x9E3779B97F4A7C15ULL) ^ (second + 0x632BE59BD9B4E019ULL));
}

std::string fold_all(std::string_view text) {
  std::string out;
  for (std::size_t at = 0; at < text.size();) {
    const Letter c = letter_at(text, at);
    char bytes[4];
    if (apostrophe(c.code)) {
      out.push_back('\'');
    } else if (c.kind != LetterKind::kMark) {
      out.append(bytes, fold(c.code, bytes));
    }
    at += c.size;
  }
  return out;
}

Token token_at(std::string_view text, std::size_t at, std::string& folded) {
  const Letter first = letter_at(text, at);
  if (first.alnum()) return word_at(text, at, folded);
  if ((first.code == '@' || first.code == '#') && at + 1 < text.size() && letter_at(text, at + 1).letter()) {
    Token handle = word_at(text, at + 1, folded);  // "@user", "#topic"
    handle.begin = static_cast<std::uint32_t>(at);
    handle.shape = Shape::kOpaque;
    return handle;
  }

  Token token;
  token.begin = static_cast<std::uint32_t>(at);
  std::size_t end = at + first.size;
  while (end < text.size() && end - at + first.size <= kMaxWordBytes) {
    const Letter next = letter_at(text, end);
    if (next.code != first.code && next.kind != LetterKind::kMark) break;
    end += next.size;
  }
  token.end = static_cast<std::uint32_t>(end);
  token.mark = first.code < 0x80 ? static_cast<char>(first.code) : apostrophe(first.code) ? '\'' : 'u';
  token.folded = static_cast<std::uint32_t>(folded.size());
  token.hash = finish(kFnvStart ^ (static_cast<std::uint64_t>(token.mark) << 8U) ^ (end - at > 1 ? 1U : 0U));
  return token;
}

}  // namespace plimsoll::tagger
