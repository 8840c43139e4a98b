// Words and phrases of ten languages, as patterns.
//
// A phrase is a pattern (pattern.h) written for people: a blank stands for one character of white space; ü also fits as ue,
// and its like; the first letter of a phrase in a script of its own fits in either case; a `*` at either end lets the word
// go on there. What is searched has no accents on Latin letters, and patterns lose theirs (ruleset.h); only a short phrase
// of Vietnamese, without them, is a word of other languages too often.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "text/normalizer.h"

namespace plimsoll::detect {

// The phrase as part of a longer pattern.
std::string inner_pattern(std::string_view phrase);

// Patterns that together find any of the phrases standing as words: one for those that begin with a Latin letter or a
// digit, at a word boundary; one for the others, which have no such boundaries; and `toned`, as RuleDefinition has them.
struct WordPatterns {
  std::vector<std::string> patterns, toned;
};
WordPatterns word_patterns(std::span<const std::string> phrases, const text::Normalizer& normalizer);

}  // namespace plimsoll::detect
