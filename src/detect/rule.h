// What a rule is, once it is known to be usable. Personal data and secrets are tables in the program
// (rules_pii.cc, rules_secrets.cc); everything else is data: rules/*.yaml.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include "model/category.h"

namespace plimsoll::detect {

// What the words of a match are about: a weapon, making something, asking how. Means something only where it
// meets other ideas. Numbered by the rule set that names it.
enum class Idea : std::uint8_t { kNone };
inline constexpr std::size_t kMostIdeas = 32;  // kNone among them

// What follows a match and belongs to it, however long: the text up to the first byte that does not fit.
enum class Tail : std::uint8_t {
  kNone,
  kToken,  // [A-Za-z0-9_.~+/=-]
  kPem,    // up to the END line of a PEM block
};

// Whether a match is the real thing: a checksum, a range, entropy. Gets what the finding would span.
using Check = bool (*)(std::string_view);

struct Rule {
  std::string_view id;  // "pii.email"
  Category category = Category::kPii;
  std::string_view entity;

  // The subset of regular expressions of pattern.h; what the first group matched is the finding, or else all.
  std::string_view pattern;
  bool exact_case = false;
  Check check = nullptr;
  Tail tail = Tail::kNone;

  double confidence = .9;  // that a match is what the rule is named after

  // What one match says about a category that has a score. Rules of one entity say the same thing twice, so
  // only the strongest counts; what different entities say adds up.
  double weight = 0;
  Idea idea = Idea::kNone;  // not kNone: no finding of its own, only part of a Meeting

  // How the rule is found. As a rule by the literals that every match contains; or by a trigger, a pattern
  // that occurs in every match; or, for an idea of everyday words, only once a text holds what it could meet.
  std::string_view trigger = {};
  bool needs_digits = false;  // a match has at least six digits: rests while a text has fewer
  bool everyday = false;
};

// Ideas that occur within `distance` bytes of each other.
struct Meeting {
  std::string_view id;
  Category category;
  std::string_view entity;
  std::uint32_t ideas = 0;  // bits by Idea; two to four
  std::size_t distance = 120;
  double weight = 0;
};

std::span<const Rule> pii_rules();
std::span<const Rule> secret_rules();

}  // namespace plimsoll::detect
