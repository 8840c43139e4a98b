// Where, at the end of what has arrived of a text, a match may have begun that is not over.
//
// All rules run at once, a byte at a time, as one automaton whose threads remember where they began. A thread
// that dies can no longer become a match, so the oldest living thread tells how much of the text is settled:
// exactly, but for assertions within patterns, which are taken to hold.
#pragma once

#include <array>
#include <bitset>
#include <cstdint>
#include <span>
#include <utility>
#include <vector>

#include "ruleset.h"

namespace plimsoll::detect {

// The automaton; immutable.
class MatchAutomaton {
 public:
  explicit MatchAutomaton(std::span<const CompiledRule> rules);

 private:
  friend class OpenMatches;
  friend class Visited;
  static constexpr RuleIndex kNone = 0xFFFF;
  struct State {
    std::uint32_t next_begin = 0;
    std::uint16_t next_count = 0;
    std::uint16_t reads = 0;  // which class
    RuleIndex accepts = kNone;
  };
  struct Start {
    std::uint32_t state;
    Before before;
  };
  std::vector<State> states_;
  std::vector<std::uint32_t> next_;
  // Per byte: the classes that contain it, and the states that a match can begin with.
  std::vector<std::array<std::uint64_t, 32>> classes_of_;
  std::array<std::vector<Start>, 256> starts_;
};

// Which states were entered for the byte being read. As large as the automaton, so texts share it, in turns.
class Visited {
 public:
  explicit Visited(const MatchAutomaton& automaton) : last_(automaton.states_.size(), 0) {}
  void next_byte() {
    if (++generation_ != 0) return;
    last_.assign(last_.size(), 0);
    generation_ = 1;
  }
  // Whether this is the first time.
  bool enter(std::uint32_t state) { return std::exchange(last_[state], generation_) != generation_; }

 private:
  std::vector<std::uint32_t> last_;
  std::uint32_t generation_ = 0;
};

// The threads of one text.
class OpenMatches {
 public:
  // No match covers more than `longest` bytes of the original.
  explicit OpenMatches(const MatchAutomaton& automaton, std::size_t longest = kMaxMatch)
      : automaton_(&automaton), longest_(longest) {}
  void set_longest(std::size_t longest) { longest_ = longest; }

  // Reads the byte at `at` (any numbering that grows by one); it came from original bytes up to `origin_end`.
  // Calls `accepted(rule)` for every rule of which a match may end after it.
  template <class F>
  void read(unsigned char byte, std::size_t at, std::size_t origin_begin, std::size_t origin_end,
            Visited& visited, F&& accepted);

  bool any() const { return !threads_.empty(); }
  // Where the oldest began.
  std::size_t oldest() const { return threads_.front().at; }

 private:
  struct Thread {
    std::size_t at;
    std::size_t origin;
    std::uint32_t state;
  };
  bool reads(std::uint32_t state, const std::array<std::uint64_t, 32>& classes) const {
    const auto c = automaton_->states_[state].reads;
    return (classes[c >> 6U] >> (c & 63U) & 1U) != 0;
  }

  const MatchAutomaton* automaton_;
  std::size_t longest_;
  std::vector<Thread> threads_, others_;  // oldest first
  unsigned char last_ = '\n';
};

template <class F>
void OpenMatches::read(unsigned char byte, std::size_t at, std::size_t origin_begin, std::size_t origin_end,
                       Visited& visited, F&& accepted) {
  const auto& machine = *automaton_;
  const auto& classes = machine.classes_of_[byte];
  visited.next_byte();
  others_.clear();
  const auto enter = [&](std::uint32_t state, std::size_t from, std::size_t origin) {
    if (!visited.enter(state)) return;
    others_.push_back({from, origin, state});
    if (machine.states_[state].accepts != MatchAutomaton::kNone) accepted(machine.states_[state].accepts);
  };
  for (const auto& thread : threads_) {
    if (origin_end - thread.origin > longest_) continue;
    const auto& state = machine.states_[thread.state];
    for (std::uint32_t i = state.next_begin; i < state.next_begin + state.next_count; ++i)
      if (reads(machine.next_[i], classes)) enter(machine.next_[i], thread.at, thread.origin);
  }
  const auto is_word = [](unsigned char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
  };
  const bool boundary = is_word(byte) != is_word(last_);
  for (const auto& start : machine.starts_[byte]) {
    if (start.before == Before::kWordBoundary && !boundary) continue;
    if (start.before == Before::kLineStart && last_ != '\n') continue;
    enter(start.state, at, origin_begin);
  }
  last_ = byte;
  threads_.swap(others_);
}

}  // namespace plimsoll::detect
