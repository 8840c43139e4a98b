// A pattern as an automaton, and as the literals it cannot do without.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "first_words.h"
#include "program.h"
#include "syntax.h"

namespace plimsoll::detect {

// What must be so before the first byte of a match.
enum class Before : std::uint8_t { kAnything, kWordBoundary, kLineStart };

// Bytes that a match holds, as literals see them (fold_for_literals); whether a word begins with the first of them, and ends
// with the last: then the byte beside it is none of a word's.
struct Literal {
  std::string bytes;
  bool begins_word = false, ends_word = false;

  // Whether `other` stands there wherever this does.
  bool contains(const Literal& other) const;
  friend auto operator<=>(const Literal&, const Literal&) = default;
};

// An automaton without empty moves: one state per byte it can read. Assertions other than a
// leading one are taken to hold, so this accepts a little more than the pattern.
struct Automaton {
  struct State {
    Bytes reads;
    bool accepts = false;  // a match may end after this byte
    std::vector<std::uint32_t> next;
  };
  std::vector<State> states;
  std::vector<std::uint32_t> first;
  Bytes begins;                      // what the first byte of a match may be
  bool begins_beyond_ascii = false;  // and none of them is ASCII
  Before before = Before::kAnything;
  std::size_t longest = 0;  // bytes of the longest match
  int groups = 0;
  std::vector<Literal> literals;
  // Of a pattern that is a choice and no more, each alternative: its states and its literals.
  std::vector<Automaton> alternatives;
  std::vector<Beginning> beginnings;  // of matches that begin with a word and have no literals; may be empty
  Program program;                    // the pattern itself
};

// What is known of a part of a pattern: that what matches it stands at the edge of a word, if it begins with a word, or ends
// with one.
struct Edges {
  bool before = false, behind = false;
};

// kInvalid for anything outside the subset.
Result<Automaton> parse_pattern(std::string_view pattern, bool exact_case);

// Literals of which every match contains at least one; the set whose members are least likely to occur elsewhere, and how often
// they are likely to in a megabyte. Empty when each set has members that are too short. `edges`: of what is around matches.
struct RequiredLiterals {
  std::vector<Literal> literals;
  double often = 0;
};
RequiredLiterals required_literals(const SyntaxNode& root, Edges edges = {});

}  // namespace plimsoll::detect
