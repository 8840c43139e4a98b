// Where, at the end of what has arrived of a text, a match may have begun that is not over.
//
// All rules run at once, a byte at a time, as one automaton whose threads remember where they began. A thread
// that dies can no longer become a match, so the oldest living thread tells how much of the text is settled:
// exactly, but for assertions within patterns, which are taken to hold.
#pragma once

#include <array>
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
  friend class MatchScratch;
  static constexpr RuleIndex kNone = 0xFFFF;
  struct State {
    std::uint32_t next_begin = 0;  // its end is where the next state's begin
    std::uint16_t reads = 0;       // which class
    RuleIndex accepts = kNone;
  };
  using Classes = std::array<std::uint64_t, 32>;
  bool reads(std::uint32_t state, const Classes& classes) const {
    const auto c = states_[state].reads;
    return (classes[c >> 6U] >> (c & 63U) & 1U) != 0;
  }
  std::span<const std::uint32_t> after(std::uint32_t state) const {
    const auto begin = states_[state].next_begin;
    return std::span(next_).subspan(begin, states_[state + 1].next_begin - begin);
  }

  std::vector<State> states_;  // and one that is none
  std::vector<std::uint32_t> next_;
  // Per byte: the classes that contain it, and the states that a match can begin with, by what must stand before.
  std::vector<Classes> classes_of_;
  std::array<std::array<std::vector<std::uint32_t>, 256>, 3> starts_;
  // Bytes that all classes treat alike share a number below kinds_.
  std::array<std::uint8_t, 256> kind_{};
  std::size_t kinds_ = 0;
};

// What texts share, in turns, as it is as large as the automaton: which states were entered for the byte being
// read; and the first bytes of matches, each sequence of which is worked out once.
class MatchScratch {
 public:
  explicit MatchScratch(const MatchAutomaton& automaton);

 private:
  friend class OpenMatches;
  // What a few bytes from the beginning of a match lead to. Number 0 leads nowhere.
  struct Beginning {
    std::vector<std::uint32_t> states;
    std::vector<RuleIndex> accepts;
    std::vector<std::uint32_t> next;  // by kind of byte; kUnknown until asked for
    std::uint32_t depth = 0;
  };
  static constexpr std::uint32_t kUnknown = UINT32_MAX;
  static constexpr std::uint32_t kDeepest = 8;     // bytes
  static constexpr std::size_t kMost = 1U << 12U;  // beginnings known; about 2 MB

  std::uint32_t begin(bool boundary, bool line, unsigned char byte);
  // kUnknown: one more is not to be known; go on with the states of this one.
  std::uint32_t step(std::uint32_t beginning, unsigned char byte);
  bool nearly_full(std::size_t more) const { return beginnings_.size() + more >= kMost; }
  std::uint32_t add(Beginning fresh);

  // Memory for all states is taken by who reads a first byte: many never do.
  void next_byte() {
    if (++generation_ > 1) return;
    last_.assign(automaton_->states_.size() - 1, 0);
    generation_ = 1;
  }
  // Whether this is the first time.
  bool enter(std::uint32_t state) { return std::exchange(last_[state], generation_) != generation_; }

  const MatchAutomaton* automaton_;
  std::vector<std::uint32_t> last_;
  std::uint32_t generation_ = 0;
  std::vector<Beginning> beginnings_;
  std::array<std::array<std::uint32_t, 256>, 4> first_;  // by what stands before
};

// The threads of one text.
class OpenMatches {
 public:
  // No match covers more than `longest` bytes of the original.
  explicit OpenMatches(const MatchAutomaton& automaton, std::size_t longest = kMaxMatch)
      : automaton_(&automaton), longest_(longest) {}
  void set_longest(std::size_t longest) { longest_ = longest; }

  // Reads the byte at `at` (any numbering that grows by one); it came from original bytes up to `origin_end`.
  // Calls `accepted(rule)` for every rule of which a match may end after it. `scratch`: the same for every byte.
  template <class F>
  void read(unsigned char byte, std::size_t at, std::size_t origin_begin, std::size_t origin_end,
            MatchScratch& scratch, F&& accepted);

  bool any() const { return !threads_.empty() || !begun_.empty(); }
  // Where the oldest began.
  std::size_t oldest() const { return threads_.empty() ? begun_.front().at : threads_.front().at; }

 private:
  struct Thread {
    std::size_t at;
    std::size_t origin;
    std::uint32_t state;  // of the automaton; or the number of a beginning
  };

  const MatchAutomaton* automaton_;
  std::size_t longest_;
  std::vector<Thread> threads_, others_;  // oldest first
  std::vector<Thread> begun_;             // younger than all of those, oldest first
  unsigned char last_ = '\n';
};

template <class F>
void OpenMatches::read(unsigned char byte, std::size_t at, std::size_t origin_begin, std::size_t origin_end,
                       MatchScratch& scratch, F&& accepted) {
  const auto& machine = *automaton_;
  const auto& classes = machine.classes_of_[byte];
  scratch.next_byte();
  others_.clear();
  const auto go_on = [&](const Thread& thread, std::uint32_t from) {
    for (const auto state : machine.after(from)) {
      if (!machine.reads(state, classes) || !scratch.enter(state)) continue;
      others_.push_back({thread.at, thread.origin, state});
      if (const auto rule = machine.states_[state].accepts; rule != MatchAutomaton::kNone) accepted(rule);
    }
  };
  for (const auto& thread : threads_)
    if (origin_end - thread.origin <= longest_) go_on(thread, thread.state);

  const auto come_to = [&](Thread thread, std::uint32_t beginning) {
    const auto& known = scratch.beginnings_[beginning];
    for (const auto rule : known.accepts) accepted(rule);
    if (known.depth < MatchScratch::kDeepest) return true;
    for (const auto state : known.states)
      if (scratch.enter(state)) others_.push_back({thread.at, thread.origin, state});
    return false;
  };
  // One that goes on as states takes all that are older with it: threads stay in order.
  std::size_t leave = 0;
  if (scratch.nearly_full(begun_.size()))
    for (std::size_t i = 0; i < begun_.size(); ++i)
      if (scratch.step(begun_[i].state, byte) == MatchScratch::kUnknown) leave = i + 1;
  std::size_t kept = 0;
  for (std::size_t i = 0; i < begun_.size(); ++i) {
    auto thread = begun_[i];
    if (origin_end - thread.origin > longest_) continue;
    if (i < leave) {
      for (const auto state : scratch.beginnings_[thread.state].states) go_on(thread, state);
      continue;
    }
    const auto next = scratch.step(thread.state, byte);
    if (next == 0) continue;
    thread.state = next;
    if (come_to(thread, next)) begun_[kept++] = thread;
  }
  begun_.resize(kept);

  const auto is_word = [](unsigned char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
  };
  const auto first = scratch.begin(is_word(byte) != is_word(last_), last_ == '\n', byte);
  const Thread fresh{at, origin_begin, first};
  if (first != 0 && come_to(fresh, first)) begun_.push_back(fresh);
  last_ = byte;
  threads_.swap(others_);
}

}  // namespace plimsoll::detect
