#include "text/normalizer.h"

#include <algorithm>
#include <bit>
#include <cstring>
#include <utility>

#include "base/lanes.h"
#include "fold_table.h"
#include "utf8.h"
#include "view_builder.h"

namespace plimsoll::text {
namespace {

// Length of the run of ASCII at the start of `bytes`.
std::size_t ascii_prefix(std::string_view bytes) {
  constexpr std::size_t kShort = 8;
  std::size_t i = 0;
  for (const auto few = std::min(kShort, bytes.size()); i < few; ++i)
    if (static_cast<unsigned char>(bytes[i]) >= 0x80) return i;
  for (; i + 32 <= bytes.size(); i += 32) {
    std::uint64_t words[4];
    std::memcpy(words, bytes.data() + i, sizeof words);
    if (((words[0] | words[1] | words[2] | words[3]) & 0x8080808080808080U) != 0) break;
  }
  while (i < bytes.size() && static_cast<unsigned char>(bytes[i]) < 0x80) ++i;
  return i;
}

// Length of the run at the start of `bytes` in which no character of several bytes begins: ASCII, and bytes that belong to
// none. A last byte that may begin one is left out.
std::size_t broken_prefix(std::string_view bytes) {
  constexpr unsigned kFirst = 0xC2, kLast = 0xF4;  // bytes of those that begin characters
  std::size_t i = 0;
  for (; i + Lanes::kSize < bytes.size(); i += Lanes::kSize) {
    const auto begins = Lanes(bytes.data() + i).is_among(kFirst, kLast - kFirst + 1);
    const auto goes_on = Lanes(bytes.data() + i + 1).is_among(0x80, 0x40);
    if (const auto both = (begins & goes_on).bits(); both != 0)
      return i + static_cast<std::size_t>(std::countr_zero(both));
  }
  const auto byte = [&](std::size_t at) { return static_cast<unsigned char>(bytes[at]); };
  for (; i < bytes.size(); ++i)
    if (byte(i) >= kFirst && byte(i) <= kLast && (i + 1 == bytes.size() || (byte(i + 1) & 0xC0U) == 0x80U))
      break;
  return i;
}

bool is_letter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

// Ideographs, syllables of Chinese, Japanese and Korean, and their marks.
bool is_wide(char32_t c) {
  return (c > 0x3000 && c < 0xA000) || (c >= 0xAC00 && c < 0xD7B0);
}
// Marks as wide as those: of sentences, lists and asides.
bool is_wide_mark(char32_t c) {
  constexpr std::u32string_view kMarks = U"\uFF01\uFF08\uFF09\uFF0C\uFF1A\uFF1B\uFF1F\uFF5E";
  return c >= kMarks.front() && c <= kMarks.back() && kMarks.contains(c);
}

// Whether the last letter is a capital, or was before when there is none.
bool ends_in_capital(std::string_view ascii, bool before) {
  for (auto c = ascii.rbegin(); c != ascii.rend(); ++c)
    if (is_letter(*c)) return *c <= 'Z';
  return before;
}

}  // namespace

Result<Normalizer> Normalizer::create() {
  static const auto table = FoldTable::create();
  if (!table) return std::unexpected(table.error());
  return Normalizer(*table);
}

std::string Normalizer::in_pattern(std::string_view pattern) const {
  std::string out;
  while (!pattern.empty()) {
    const auto decoded = decode(pattern);
    const auto character = pattern.substr(0, std::max<std::size_t>(1, decoded.size));
    pattern.remove_prefix(character.size());
    const auto action = decoded.c < 0x80 ? FoldTable::kKeep : table_->action(decoded.c);
    const auto small = table_->small_letter(decoded.c);
    std::string plain(character);
    if (action > FoldTable::kMark)
      plain = table_->replacement(action);
    else if (const char base = table_->base_letter(decoded.c); base != 0)
      plain = base;
    const auto is_sign = [](char c) { return static_cast<unsigned char>(c) < 0x80 && !is_letter(c); };
    if (action == FoldTable::kDrop) continue;
    if (plain != character && std::ranges::none_of(plain, is_sign)) {
      out += plain;
    } else if (plain == character && small != 0 && small != decoded.c) {
      out.append("(?:").append(character).append("|");
      encode(small, out);
      out += ')';
    } else {
      out += character;
    }
  }
  return out;
}

View Normalizer::normalize(std::string_view text) const {
  View view;
  normalize(text, view);
  return view;
}

void Normalizer::normalize(std::string_view text, View& view) const {
  ViewBuilder::borrow(view, text);
  if (ascii_prefix(text) == text.size()) return;
  const auto parent = original(text);
  Rewriting writer(parent, view);
  Folder folder(*this);
  folder.feed(text, writer);
  folder.finish(writer);
  writer.finish();
}

void FoldSink::lowered(std::string_view bytes, std::size_t begin) {
  for (std::size_t i = 0; i < bytes.size();) {
    const auto end = i + std::max<std::size_t>(1, decode(bytes.substr(i)).size);
    changed(bytes.substr(i, end - i), begin + i, begin + end);
    i = end;
  }
}

void Folder::feed(std::string_view piece, FoldSink& sink) {
  if (!carry_.empty()) {
    // Complete the character with as few bytes as it takes.
    while (!piece.empty() && !carry_.empty()) {
      carry_.push_back(piece.front());
      piece.remove_prefix(1);
      carry_.erase(0, take(carry_, false, sink));
    }
  }
  if (piece.empty()) return;
  carry_.assign(piece.substr(take(piece, false, sink)));
}

void Folder::finish(FoldSink& sink) {
  const std::string rest = std::exchange(carry_, {});
  take(rest, true, sink);
  end_word(false, sink);
  settled_ = read_;
}

// How many bytes were read: all, but for a cut character at the end.
std::size_t Folder::take(std::string_view bytes, bool last, FoldSink& sink) {
  std::size_t i = 0;
  while (i < bytes.size()) {
    const auto run = ascii_prefix(bytes.substr(i));
    if (run > 0) {
      const auto ascii = bytes.substr(i, run);
      if (!pending_.empty()) end_word(is_letter(ascii.front()), sink);
      keep(ascii, read_, sink);
      gap_ = 0;
      read_ += run;
      settled_ = read_;
      i += run;
      // Whether the word that goes on here is Latin so far: only its last letters matter, as any letter of
      // ASCII makes it so.
      latin_word_ = is_letter(ascii.back());
      wide_ = false;
      last_ = 0;
      capital_ = ends_in_capital(ascii, capital_);
      continue;
    }
    const auto decoded = decode(bytes.substr(i));
    if (decoded.cut && !last) break;
    if (decoded.size == 0 && pending_.empty()) {  // a byte that is none of a character
      const auto broken = bytes.substr(i, std::max<std::size_t>(1, broken_prefix(bytes.substr(i))));
      keep(broken, read_, sink);
      read_ += broken.size();
      i += broken.size();
      latin_word_ = is_letter(broken.back());
      wide_ = false;
      last_ = 0;
      gap_ = 0;
      capital_ = ends_in_capital(broken, capital_);
      settled_ = read_;
      continue;
    }
    const auto size = std::max<std::size_t>(1, decoded.size);
    const auto begin = read_;
    read_ += size;
    take_character(decoded.size == 0 ? 0 : decoded.c, bytes.substr(i, size), begin, sink);
    settled_ = pending_.empty() ? read_ : pending_.front().begin;
    i += size;
  }
  tell(sink);
  return i;
}

void Folder::keep(std::string_view bytes, std::size_t begin, FoldSink& sink) {
  if (same_.data() + same_.size() == bytes.data()) {
    same_ = {same_.data(), same_.size() + bytes.size()};
    return;
  }
  tell(sink);
  same_ = bytes;
  same_begin_ = begin;
}

void Folder::tell(FoldSink& sink) {
  if (!same_.empty()) sink.same(same_, same_begin_);
  same_ = {};
}

void Folder::change(std::string_view bytes, std::size_t begin, std::size_t end, FoldSink& sink) {
  tell(sink);
  sink.changed(bytes, begin, end);
}

// `c` is 0 for a byte that is not UTF-8.
void Folder::take_character(char32_t c, std::string_view bytes, std::size_t begin, FoldSink& sink) {
  if (!pending_.empty() && begin + bytes.size() - pending_.front().begin > kMaxPending) end_word(false, sink);
  auto action = c == 0 ? FoldTable::kKeep : table_->action(c);
  if (action == FoldTable::kMark)
    action = FoldTable::in_one_block(c, last_) ? FoldTable::kKeep : FoldTable::kDrop;
  if (action != FoldTable::kDrop) last_ = c;
  if (action != FoldTable::kDrop) {
    // Where it is usual: behind another, and at the end of an aside that began so.
    constexpr char32_t kOpens = 0xFF08, kCloses = 0xFF09;
    wide_ = is_wide(c) || (is_wide_mark(c) && (wide_ || (aside_ && c == kCloses)));
    if (c == kOpens || c == kCloses) aside_ = wide_ && c == kOpens;
    if (wide_ && is_wide_mark(c)) action = FoldTable::kKeep;
  }

  if (action == FoldTable::kDrop) {
    if (pending_.empty())
      drop(begin, begin + bytes.size(), sink);
    else
      pending_.push_back({.begin = begin,
                          .size = static_cast<std::uint8_t>(bytes.size()),
                          .latin = '\0',
                          .lowered = false,
                          .dropped = true});
    return;
  }
  if (pending_.empty()) gap_ = 0;
  if (action == FoldTable::kKeep && FoldTable::is_other(c)) return take_other(c, bytes, begin, sink);
  if (action != FoldTable::kKeep) {
    const auto plain = table_->replacement(action);
    const bool latin = is_letter(plain.front());
    if (!pending_.empty()) end_word(latin, sink);
    latin_word_ = latin && is_letter(plain.back());
    capital_ = ends_in_capital(plain, capital_);
    gap_ = 0;
    change(plain, begin, begin + bytes.size(), sink);
    return;
  }
  if (const char base = table_->base_letter(c); base != 0) {
    if (!pending_.empty()) end_word(true, sink);
    latin_word_ = true;
    capital_ = base <= 'Z';
    gap_ = 0;
    change({&base, 1}, begin, begin + bytes.size(), sink);
    return;
  }
  const bool latin = FoldTable::is_latin(c);
  if (!pending_.empty()) end_word(latin, sink);
  latin_word_ = latin;
  gap_ = 0;
  if (const auto small = lower(c); small != 0) {
    std::string lowered;
    encode(small, lowered);
    change(lowered, begin, begin + bytes.size(), sink);
  } else {
    keep(bytes, begin, sink);
  }
}

// A letter of the scripts that are mixed up with Latin.
void Folder::take_other(char32_t c, std::string_view bytes, std::size_t begin, FoldSink& sink) {
  const auto small = lower(c);
  const char latin = FoldTable::look_alike(c);
  if (latin_word_) {
    mixing_ = mixing_ || latin != 0;
    if (latin != 0)
      change({&latin, 1}, begin, begin + bytes.size(), sink);
    else
      keep(bytes, begin, sink);
    return;
  }
  pending_.push_back({.begin = begin,
                      .size = static_cast<std::uint8_t>(bytes.size()),
                      .latin = latin,
                      .lowered = small != 0,
                      .dropped = false});
  if (small != 0)
    encode(small, pending_bytes_);
  else
    pending_bytes_ += bytes;
}

char32_t Folder::lower(char32_t c) {
  const auto small = table_->small_letter(c);
  if (small == 0) return 0;
  const bool follows = std::exchange(capital_, small != c);
  return follows && small != c ? small : 0;
}

void Folder::drop(std::size_t begin, std::size_t end, FoldSink& sink) {
  gap_ += end - begin;
  const bool blank = gap_ >= kLongestGap;
  change(blank ? " " : "", begin, end, sink);
  if (blank) gap_ = 0;
}

// The word before the read position ends here, or (`mixed`) turns out to have Latin letters too.
void Folder::end_word(bool mixed, FoldSink& sink) {
  latin_word_ = mixed;
  if (pending_.empty()) return;
  // Where words mix scripts, one that is all look-alikes is one of them; until there is a word that is not.
  const auto real = [](const Letter& letter) { return !letter.dropped && letter.latin == 0; };
  if (mixed)
    mixing_ = true;
  else if (std::ranges::any_of(pending_, real))
    mixing_ = false;
  else
    latin_word_ = mixed = mixing_;
  tell(sink);
  std::string_view bytes(pending_bytes_);
  for (auto letter = pending_.begin(); letter != pending_.end();) {
    if (letter->dropped) {
      drop(letter->begin, letter->begin + letter->size, sink);
      ++letter;
      continue;
    }
    gap_ = 0;
    if (mixed && letter->latin != 0) {
      change({&letter->latin, 1}, letter->begin, letter->begin + letter->size, sink);
      bytes.remove_prefix(letter->size);
      ++letter;
      continue;
    }
    // As many as became the same way what they read.
    const auto first = letter;
    std::size_t size = 0;
    do size += letter->size;
    while (++letter != pending_.end() && !letter->dropped && letter->lowered == first->lowered &&
           !(mixed && letter->latin != 0));
    if (first->lowered)
      sink.lowered(bytes.substr(0, size), first->begin);
    else
      sink.same(bytes.substr(0, size), first->begin);
    bytes.remove_prefix(size);
  }
  pending_.clear();
  pending_bytes_.clear();
}

}  // namespace plimsoll::text
