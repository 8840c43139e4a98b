// The regular expressions that rules may use, taken apart.
//
// Literals, \d \w \s \b, leading (?:^), classes, groups, alternation, bounded repeats, and, where case matters,
// \L: a letter of two bytes (Latin, Greek, Cyrillic). No `.`, no negated class, no * or +. Every match is
// therefore short, begins and ends between ASCII bytes or whole characters, and can be recognised while it is
// still being written. An apostrophe also fits the typographic one, unless case is exact.
#pragma once

#include <bitset>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace plimsoll::detect {

using Bytes = std::bitset<256>;

struct SyntaxNode {
  enum class Kind { kBytes, kSequence, kChoice, kRepeat, kBoundary, kLineStart } kind = Kind::kSequence;
  Bytes bytes;
  std::vector<SyntaxNode> parts;
  unsigned least = 1, most = 1;
  bool lazy = false;   // a repeat that prefers to be short
  unsigned group = 0;  // the number of the group that it is, from 1; 0: none
};

struct Syntax {
  SyntaxNode root;
  int groups = 0;
};

// kInvalid for anything outside the subset.
Result<Syntax> parse_syntax(std::string_view pattern, bool exact_case);

// The same pattern in words that Hyperscan and RE2 understand alike (\s, and the two apostrophes).
std::string portable_pattern(std::string_view pattern, bool exact_case);

}  // namespace plimsoll::detect
