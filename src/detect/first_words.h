// How matches begin that begin with a word, and where words of a text begin so: for all rules in one pass.
#pragma once

#include <algorithm>
#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "syntax.h"
#include "word_bytes.h"

namespace plimsoll::detect {

// What a match begins with, as literals see it (fold_for_literals): a letter, a digit or an underscore, and what follows.
struct Beginning {
  static constexpr std::size_t kLongest = 8;
  std::string bytes;        // one to kLongest
  bool whole_word = false;  // none of these follows
  friend auto operator<=>(const Beginning&, const Beginning&) = default;
};
// Of which every match has one, of a pattern that asks for a word boundary first. Empty when they are too many, too short, or
// begin otherwise.
std::vector<Beginning> beginnings_of(const SyntaxNode& root);

// Immutable once built.
class FirstWords {
 public:
  struct Entry {
    Beginning beginning;
    std::uint16_t rule = 0;
  };
  FirstWords() = default;
  // In any order.
  explicit FirstWords(const std::vector<Entry>& entries);

  bool empty() const { return begins_.empty(); }

  // Calls found(rules, at) wherever a word of `text` begins so; places in order, one perhaps several times. `text` is
  // folded.
  template <class F>
  void scan(std::string_view text, F&& found) const;

 private:
  static constexpr unsigned kBits = 16;
  // Beginnings of eight bytes are found by all of them, others by their first word where all of it is known, and else by its
  // first four bytes or three.
  enum Kind : std::uint8_t { kWord = 1, kFour = 2, kThree = 3, kEight = 4 };
  static constexpr std::size_t kLongestWord = 7;
  struct Begin {
    std::uint64_t bytes = 0, mask = 0;  // of eight
    std::uint8_t size = 0;
    bool whole_word = false;
    std::uint16_t rules = 0;  // how many,
    std::uint32_t first = 0;  // and where
  };
  struct Slot {
    std::uint64_t key = 0;
    std::uint32_t first = 0, count = 0;  // no count: free
  };
  static std::uint64_t mask_of(std::size_t size) {
    return size >= 8 ? ~std::uint64_t{0} : (std::uint64_t{1} << (size * 8)) - 1;
  }
  // Of eight bytes the last is told from another kind's by what it is.
  static std::uint64_t key_of(std::uint64_t bytes, std::size_t size, Kind kind) {
    return (bytes & mask_of(size)) ^ std::uint64_t{kind} << 56U;
  }
  static std::size_t hash(std::uint64_t key) { return key * 0x9E3779B97F4A7C15U >> (64 - kBits); }
  bool may_have(std::uint64_t key) const {
    const auto h = hash(key);
    return (filter_[h >> 6U] >> (h & 63U) & 1U) != 0;
  }
  static std::uint64_t load(std::string_view text, std::size_t at) {
    std::uint64_t bytes = 0;
    if (text.size() - at >= sizeof bytes)
      std::memcpy(&bytes, text.data() + at, sizeof bytes);
    else
      std::memcpy(&bytes, text.data() + at, text.size() - at);
    return bytes;
  }
  static std::uint64_t words_at(std::string_view text, std::size_t at) {
    if (at >= text.size()) return 0;
    if (text.size() - at >= kBytesAtOnce) return words_among(text.data() + at);
    std::array<char, kBytesAtOnce> rest{};
    std::memcpy(rest.data(), text.data() + at, text.size() - at);
    return words_among(rest.data());
  }
  template <class F>
  void look(std::string_view text, std::size_t at, std::uint64_t bytes, std::uint64_t key, F&& found) const;

  std::array<std::uint64_t, (1U << kBits) / 64> filter_{};
  std::vector<Slot> slots_;
  std::vector<Begin> begins_;
  std::vector<std::uint16_t> rules_;
};

template <class F>
void FirstWords::look(std::string_view text, std::size_t at, std::uint64_t bytes, std::uint64_t key,
                      F&& found) const {
  const Slot* slot = nullptr;
  for (auto i = hash(key);; ++i) {
    slot = &slots_[i & (slots_.size() - 1)];
    if (slot->count == 0) return;
    if (slot->key == key) break;
  }
  for (const auto& begin : std::span(begins_).subspan(slot->first, slot->count)) {
    const auto end = at + begin.size;
    if ((bytes & begin.mask) != begin.bytes || end > text.size()) continue;
    if (begin.whole_word && end < text.size() && is_word(text[end])) continue;
    found(std::span(rules_).subspan(begin.first, begin.rules), at);
  }
}

template <class F>
void FirstWords::scan(std::string_view text, F&& found) const {
  if (empty()) return;
  std::uint64_t words = words_at(text, 0), before = 0;
  for (std::size_t block = 0; block < text.size(); block += kBytesAtOnce) {
    const auto after = words_at(text, block + kBytesAtOnce);
    for (auto starts = words & ~(words << 1U | before); starts != 0; starts &= starts - 1) {
      const auto bit = static_cast<unsigned>(std::countr_zero(starts));
      const auto rest = words >> bit | (bit == 0 ? 0 : after << (64U - bit));
      const auto size = static_cast<std::size_t>(std::countr_one(rest));
      const auto at = block + bit;
      const auto bytes = load(text, at);
      if (size <= kLongestWord)
        if (const auto key = key_of(bytes, size, kWord); may_have(key)) look(text, at, bytes, key, found);
      if (const auto key = key_of(bytes, 8, kEight); may_have(key)) look(text, at, bytes, key, found);
      if (size < 3) continue;
      if (const auto key = key_of(bytes, 3, kThree); may_have(key)) look(text, at, bytes, key, found);
      if (size < 4) continue;
      if (const auto key = key_of(bytes, 4, kFour); may_have(key)) look(text, at, bytes, key, found);
    }
    before = words >> 63U;
    words = after;
  }
}

}  // namespace plimsoll::detect
