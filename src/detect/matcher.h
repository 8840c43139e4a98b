// Matches programs at given places of a text, as RE2 does with the same patterns: the match that begins there and
// that the pattern prefers.
//
// Each program runs as a deterministic automaton of which only those states are made that texts have asked for.
// RE2 does that too, but takes a quarter of a microsecond to begin: rules are tried at many places, and a try is mostly
// over within a few bytes.
#pragma once

#include <emmintrin.h>

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/huge_pages.h"
#include "program.h"

namespace plimsoll::detect {

// Memory of one thread, for the programs numbered below `programs`. It is bounded: when the automata have grown to
// kMostStates, or what is kept of them to kMostCells, what is known is forgotten.
class Matcher {
 public:
  static constexpr std::size_t kMostStates = 1U << 16U, kMostCells = 1U << 18U;  // of 64 bytes, and of four

  explicit Matcher(std::size_t programs) : begin_(programs, Begin{0, 0, 0}) { forget(); }

  // Where the preferred match that begins at `at` ends; nothing when there is none. It lies within [at, end); what
  // stands before and behind may be looked at. `number`: the same for the same program.
  std::optional<std::size_t> match(const Program& program, std::size_t number, std::string_view text,
                                   std::size_t at, std::size_t end);

  // What is known takes, about.
  std::size_t bytes() const {
    return rows_.capacity() * sizeof(Row) + (wide_.capacity() + places_) * sizeof(std::uint32_t) +
           keys_.size() * 64;
  }
  // How many bytes of text the last match() read.
  std::size_t read() const { return read_; }

  struct Group {
    std::size_t begin = 0, end = 0;
    bool matched = false;
  };
  // What the first group matched in the match [begin, end) that match() found. Nothing when that takes too long.
  std::optional<Group> group(const Program& program, std::string_view text, std::size_t begin,
                             std::size_t end);

 private:
  // A state is where a program may be after a byte, preferred places first, behind the program's number and what that
  // byte was. State 0 leads nowhere.
  using Key = std::vector<std::uint32_t>;
  struct KeyHash {
    std::size_t operator()(const Key& key) const {
      std::uint64_t h = key.size();
      for (const auto k : key) h = (h ^ k) * 0x9E3779B97F4A7C15U, h ^= h >> 29U;
      return h;
    }
  };
  // Where bytes of some classes lead from a state: to a state, whose number is shifted by one, with kMatched when a match
  // ends before that byte. A state mostly sees few classes, so that all of it lies in one line of the cache. What sees
  // more has a cell for every class in wide_, from to[0] on; there 0 is what nobody has asked for, and what is known has
  // kKnown. The text's end counts as a class.
  struct alignas(64) Row {
    static constexpr std::size_t kFew = 12;
    std::array<std::uint8_t, kFew> classes;  // kNoClass: not used
    std::array<std::uint32_t, kFew> to;
    std::uint32_t count;  // kFew + 1: wide
  };
  static_assert(sizeof(Row) == 64);
  static const Row kNoMoves;
  static constexpr std::uint32_t kMatched = 1, kKnown = 1U << 31U;
  static constexpr std::uint8_t kNoClass = UINT8_MAX;

  static constexpr std::uint32_t kEnd = 256;  // instead of a byte: the text is over
  static std::uint32_t class_of(const Program& program, std::uint32_t byte) {
    return byte == kEnd ? static_cast<std::uint32_t>(program.classes())
                        : program.class_of(static_cast<unsigned char>(byte));
  }
  // `byte` is kEnd, or any of its class.
  std::uint32_t move(const Program& program, std::uint32_t state, std::uint32_t byte) {
    const Row& row = rows_[state];
    const auto wanted = class_of(program, byte);
    // Mostly the first that a state ever saw. Guessing that, the processor need not wait to know the state.
    if (row.classes[0] == wanted && wanted != kNoClass) return row.to[0];
    const auto same = _mm_cmpeq_epi8(_mm_loadu_si128(reinterpret_cast<const __m128i*>(row.classes.data())),
                                     _mm_set1_epi8(static_cast<char>(wanted)));
    const auto found = static_cast<std::uint32_t>(_mm_movemask_epi8(same)) & ((1U << Row::kFew) - 1);
    if (found != 0 && wanted < kNoClass) [[likely]]
      return row.to[static_cast<std::size_t>(std::countr_zero(found))];
    if (row.count > Row::kFew)
      if (const auto known = wide_[row.to[0] + wanted]; known != 0) return known & ~kKnown;
    return make_move(program, state, byte);
  }
  std::uint32_t make_move(const Program& program, std::uint32_t state, std::uint32_t byte);
  void keep(const Program& program, std::uint32_t state, std::uint32_t wanted, std::uint32_t move);
  std::uint32_t state_of(const Key& key);
  void forget();

  using Begin = std::array<std::uint32_t, 3>;  // by what stands before; 0: not known
  std::vector<Begin> begin_;                   // by program
  HugeVector<Row> rows_;
  std::vector<std::uint32_t> wide_;
  std::size_t places_ = 0;  // in all states
  std::unordered_map<Key, std::uint32_t, KeyHash> states_;
  std::vector<const Key*> keys_;  // by state
  std::size_t read_ = 0;
  // For make_move().
  std::vector<std::uint32_t> stack_, seen_;
  std::uint32_t generation_ = 0;
  Key next_;
  // For group().
  struct Branch {
    std::uint32_t step;
    std::size_t at;
    Group group;
  };
  std::vector<Branch> branches_;
};

}  // namespace plimsoll::detect
