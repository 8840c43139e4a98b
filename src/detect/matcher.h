// Matches programs at given places of a text, as RE2 does with the same patterns: the match that begins there and
// that the pattern prefers.
//
// Each program runs as a deterministic automaton of which only those states are made that texts have asked for.
// RE2 does that too, but takes a quarter of a microsecond to begin: rules are tried at many places, and a try is mostly
// over within a few bytes.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "program.h"

namespace plimsoll::detect {

// Memory of one thread, for the programs numbered below `programs`. It is bounded: when it has grown to kMostMoves, or
// to as many places in all states, what is known is forgotten.
class Matcher {
 public:
  static constexpr std::size_t kMostMoves = 1U << 18U;  // of eight bytes

  explicit Matcher(std::size_t programs) : begin_(programs, Begin{0, 0, 0}) { forget(); }

  // Where the preferred match that begins at `at` ends; nothing when there is none. It lies within [at, end); what
  // stands before and behind may be looked at. `number`: the same for the same program.
  std::optional<std::size_t> match(const Program& program, std::size_t number, std::string_view text,
                                   std::size_t at, std::size_t end);

  // What is known takes, about.
  std::size_t bytes() const {
    return moves_.size() * sizeof(Move) + places_ * sizeof(std::uint32_t) + keys_.size() * 64;
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
  // From a state by a byte: the next state, and kMatched when a match ends before that byte. Those of all programs are in
  // one table, so that few lines of the cache hold what texts make use of. A state and a byte are one number, the
  // byte in the low bits; states are numbered out of order, so that their numbers are their hashes.
  struct Move {
    std::uint32_t from = 0;  // 0: free
    std::uint32_t to = 0;
  };
  static constexpr std::uint32_t kByteBits = 9, kByteMask = (1U << kByteBits) - 1, kMatched = 1;
  static constexpr std::uint32_t kEnd = 256;  // instead of a byte: the text is over
  std::size_t slot(std::uint32_t state, std::uint32_t byte) const {
    return (state >> kByteBits ^ byte * 0x9E3779B1U >> 12U) & mask_;
  }

  // `state` without a byte.
  std::uint32_t move(const Program& program, std::uint32_t state, std::uint32_t byte) {
    const auto from = state | byte;
    const auto* const moves = moves_.data();
    for (auto i = slot(state, byte);; i = (i + 1) & mask_) {
      if (moves[i].from == from) [[likely]]
        return moves[i].to;
      if (moves[i].from == 0) return make_move(program, state, byte);
    }
  }
  std::uint32_t make_move(const Program& program, std::uint32_t state, std::uint32_t byte);
  void keep(Move move);
  std::uint32_t number_of(const Key& key);
  void forget();

  using Begin = std::array<std::uint32_t, 3>;  // by what stands before; 0: not known
  std::vector<Begin> begin_;                   // by program
  std::vector<Move> moves_;                    // linear probing
  std::size_t mask_ = 0;                       // how many there is room for, less one
  std::size_t count_ = 0;                      // of moves
  std::size_t places_ = 0;                     // in all states
  std::unordered_map<Key, std::uint32_t, KeyHash> numbers_;
  std::vector<const Key*> keys_;  // in the order in which states were made
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
