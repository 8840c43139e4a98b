// Words and phrases of ten languages, as patterns.
//
// A phrase is a pattern (pattern.h) written for people: a blank stands for one character of white space; an
// accented Latin letter also fits without its accent (ü also as ue); the first letter of a phrase in a script
// of its own fits in either case; a `*` at either end lets the word go on there.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace plimsoll::detect {

// The phrase as part of a longer pattern.
std::string inner_pattern(std::string_view phrase);

// Patterns that together find any of the phrases standing as words: one for those that begin with an ASCII
// letter or digit, at a word boundary, and one for the others, which have no such boundaries.
std::vector<std::string> word_patterns(std::span<const std::string> phrases);

}  // namespace plimsoll::detect
