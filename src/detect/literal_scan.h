// Where thousands of literals occur in a text, in one pass.
#pragma once

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/lanes.h"
#include "pattern.h"
#include "word_bytes.h"

namespace plimsoll::detect {

// Where a match may begin that holds a literal: between `most` and `least` bytes before the literal's end.
struct Reach {
  std::uint16_t least = 0, most = 0;
};
// Of a literal that the automaton's matches may hold, however often. `literal` as required_literals() gives it.
// One object serves all literals of one automaton.
class ReachFinder {
 public:
  explicit ReachFinder(const Automaton& automaton);
  Reach of(std::string_view literal);

 private:
  bool reads(std::uint32_t state, unsigned char folded) const;

  const Automaton& automaton_;
  std::vector<std::uint16_t> least_,
      most_;  // bytes from the beginning of a match up to and with each state's
  std::array<std::vector<std::uint32_t>, 256> states_;  // by the byte they read, folded
  std::vector<std::uint32_t> entered_;
  std::uint32_t step_ = 0;
};

// Of each of the automaton's literals, in their order. What an alternative needs is looked for in matches of that alternative
// alone: in others it may stand anywhere between two words, and matches would begin far and wide.
std::vector<Reach> reaches_of(const Automaton& automaton);

// How literals see text: letters in lower case, white space as blanks.
char fold_for_literals(char c);

// Immutable once built. Literals have at least three bytes, folded. Time is linear in the text for ordinary
// literals: each place where four bytes of a literal stand is looked at once for every literal that has them.
class LiteralScan {
 public:
  struct Use {
    std::uint16_t rule = 0;
    Reach reach;
  };
  // Each literal for each rule; in any order.
  struct Entry {
    Literal literal;
    Use use;
  };
  LiteralScan() = default;
  explicit LiteralScan(const std::vector<Entry>& entries);

  // Calls found(uses, end) for every literal that ends at text[end]; ends may come in any order within a block of kBlock
  // bytes and a few. `text` is folded; words are taken to begin and end where it does.
  template <class F>
  void scan(std::string_view text, F&& found) const;
  bool empty() const { return literals_.empty(); }
  std::size_t longest() const { return longest_; }

 private:
  static constexpr unsigned kBits = 17;
  static constexpr std::size_t kKey =
      4;  // bytes that literals are found by; three of those that have no more
  // Sixteen bytes, as what is next to each other in memory is read at once.
  struct Placed {
    std::uint32_t begin = 0;  // in bytes_
    std::uint32_t check = 0;  // four bytes that are not the key, of those that have as many
    std::uint32_t first_use : 24 = 0;
    std::uint32_t uses : 8 = 0;
    std::uint8_t size = 0;
    std::uint8_t key_at = 0, check_at = 0;  // where they are
    bool last : 1 = false;                  // of its key
    bool begins_word : 1 = false, ends_word : 1 = false;
  };
  // Literals of one key, next to each other.
  struct Slot {
    std::uint32_t key = 0;
    std::uint32_t first = 0;  // one more than its place, 0: free
  };
  using Filter = std::array<std::uint64_t, (1U << kBits) / 64>;

  static std::uint32_t hash(std::uint32_t key) { return key * 0x9E3779B1U >> (32 - kBits); }
  static bool has(const Filter& filter, std::uint32_t h) { return (filter[h >> 6U] >> (h & 63U) & 1U) != 0; }
  static std::uint32_t load(const char* at) {
    std::uint32_t x = 0;
    __builtin_memcpy(&x, at, sizeof x);
    return x;
  }
  // Of `size` bytes, at least three. A call costs more than most comparisons.
  static bool equal(const char* a, const char* b, std::size_t size) {
    if (size == 3) return a[0] == b[0] && a[1] == b[1] && a[2] == b[2];
    if (size < 8) return load(a) == load(b) && load(a + size - 4) == load(b + size - 4);
    const auto eight = [](const char* at) {
      std::uint64_t x = 0;
      __builtin_memcpy(&x, at, sizeof x);
      return x;
    };
    for (std::size_t i = 0; i + 8 < size; i += 8)
      if (eight(a + i) != eight(b + i)) return false;
    return eight(a + size - 8) == eight(b + size - 8);
  }
  const Slot* find(std::uint32_t key) const {
    for (std::size_t i = hash(key);; ++i) {
      const auto& slot = slots_[i & (slots_.size() - 1)];
      if (slot.first == 0) return nullptr;
      if (slot.key == key) return &slot;
    }
  }
  template <class F>
  void look(std::string_view text, std::size_t at, std::uint32_t key, F&& found) const;

  std::string bytes_;
  std::vector<Placed> literals_;
  std::vector<Use> uses_;
  std::vector<Slot> slots_;
  Filter fours_{}, threes_{};
  std::size_t longest_ = 0;
};

template <class F>
void LiteralScan::look(std::string_view text, std::size_t at, std::uint32_t key, F&& found) const {
  const auto* slot = find(key);
  if (slot == nullptr) return;
  for (const auto* next = &literals_[slot->first - 1];; ++next) {
    const auto& literal = *next;
    const auto begin = at - literal.key_at;
    if (literal.key_at <= at && text.size() - begin >= literal.size &&
        (literal.size < kKey || load(text.data() + begin + literal.check_at) == literal.check) &&
        equal(text.data() + begin, bytes_.data() + literal.begin, literal.size) &&
        (!literal.begins_word || begin == 0 || !is_word(text[begin - 1])) &&
        (!literal.ends_word || begin + literal.size == text.size() || !is_word(text[begin + literal.size])))
      found(std::span(uses_).subspan(literal.first_use, literal.uses), begin + literal.size);
    if (literal.last) return;
  }
}

template <class F>
void LiteralScan::scan(std::string_view text, F&& found) const {
  if (literals_.empty() || text.size() < 3) return;
  std::size_t i = 0;
  // Which places are worth a look cannot be guessed, so nothing branches on it before all of a block is known.
  for (; i + kBlock + kKey <= text.size(); i += kBlock) {
    std::uint64_t fours = 0, threes = 0;
    for (unsigned k = 0; k < kBlock; ++k) {
      const auto four = load(text.data() + i + k);
      fours |= std::uint64_t{has(fours_, hash(four))} << k;
      threes |= std::uint64_t{has(threes_, hash(four << 8U))} << k;
    }
    for (; fours != 0; fours &= fours - 1) {
      const auto at = i + static_cast<std::size_t>(std::countr_zero(fours));
      look(text, at, load(text.data() + at), found);
    }
    for (; threes != 0; threes &= threes - 1) {
      const auto at = i + static_cast<std::size_t>(std::countr_zero(threes));
      look(text, at, load(text.data() + at) << 8U, found);
    }
  }
  for (; i + kKey <= text.size(); ++i) {
    const auto four = load(text.data() + i);
    if (has(fours_, hash(four))) look(text, i, four, found);
    if (has(threes_, hash(four << 8U))) look(text, i, four << 8U, found);
  }
  std::array<char, 4> last{};
  __builtin_memcpy(last.data(), text.data() + i, 3);
  const auto three = load(last.data()) << 8U;
  if (has(threes_, hash(three))) look(text, i, three, found);
}

}  // namespace plimsoll::detect
