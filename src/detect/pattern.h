// The regular expressions that rules may use, taken apart.
//
// Literals, \d \w \s \b, leading (?:^), classes, groups, alternation, and bounded repeats: no `.`, no negated
// class, no * or +. Every match is therefore short, begins and ends between ASCII bytes or whole literal
// characters, and can be recognised while it is still being written.
#pragma once

#include <bitset>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace plimsoll::detect {

using Bytes = std::bitset<256>;

// What must be so before the first byte of a match.
enum class Before : std::uint8_t { kAnything, kWordBoundary, kLineStart };

// The pattern as an automaton without empty moves: one state per byte it can read. Assertions other than a
// leading one are taken to hold, so this accepts a little more than the pattern.
struct Automaton {
  struct State {
    Bytes reads;
    bool accepts = false;  // a match may end after this byte
    std::vector<std::uint32_t> next;
  };
  std::vector<State> states;
  std::vector<std::uint32_t> first;
  Before before = Before::kAnything;
  std::size_t longest = 0;  // bytes of the longest match
  int groups = 0;
};

// kInvalid for anything outside the subset.
Result<Automaton> parse_pattern(std::string_view pattern, bool exact_case);

// The same pattern in words that Hyperscan and RE2 understand alike (\s).
std::string portable_pattern(std::string_view pattern);

}  // namespace plimsoll::detect
