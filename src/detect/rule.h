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
inline constexpr std::size_t kMostIdeas = 64;  // kNone among them
using IdeaSet = std::uint64_t;                 // a bit for each
constexpr IdeaSet set_of(Idea idea) {
  return IdeaSet{1} << static_cast<unsigned>(idea);
}

// What follows a match and belongs to it, however long: the text up to the first byte that does not fit.
enum class Tail : std::uint8_t {
  kNone,
  kToken,  // [A-Za-z0-9_.~+/=-]
  kPem,    // up to the END line of a PEM block
};

// Whether a match is the real thing: a checksum, a range, entropy. Gets what the finding would span.
using Check = bool (*)(std::string_view);

// Whether a match stands where the real thing would. `before` ends where the finding begins and `after` begins
// where it ends: what the pattern matched besides the finding, and one byte more where the text has one. What
// stands in the wrong place is passed over whole.
using Around = bool (*)(std::string_view before, std::string_view after);

// Data is looked for as it is written, and in every view of it; what words say, in plain views and what is made of them.
constexpr bool tells_of_words(Category category) {
  return category != Category::kPii && category != Category::kSecret;
}

// Bytes in which a match speaks for or against others.
inline constexpr std::size_t kWithdrawal = 64;

struct Rule {
  std::string_view id;  // "pii.email"
  Category category = Category::kPii;
  std::string_view entity;

  // The subset of regular expressions of pattern.h; what the first group matched is the finding, or else all.
  std::string_view pattern;
  bool exact_case = false;
  bool toned = false;  // a letter of Vietnamese alone must stand in what is matched
  Check check = nullptr;
  Around around = nullptr;
  Tail tail = Tail::kNone;

  double confidence = .9;  // that a match is what the rule is named after

  // What one match says about a category that has a score. Rules of one entity say the same thing twice, so
  // only the strongest counts; what different entities say adds up.
  double weight = 0;
  Idea idea = Idea::kNone;  // not kNone: no finding of its own, only part of a Meeting

  // How the rule is found. As a rule by the literals that every match contains; or by a trigger, a pattern
  // that occurs in every match; or, for an idea of everyday words, only once a text holds what it could meet.
  std::string_view trigger = {};
  // What stands within kWithdrawal before a match was not meant, or what begins within it after one.
  IdeaSet withdraws = 0, excuses = 0;
  // A weaker hint counts towards the score, but is not worth a finding.
  static constexpr double kLeastReported = .3;
  // Whether a match is a finding, with a place in the text.
  bool reports() const { return idea == Idea::kNone && (weight == 0 || weight >= kLeastReported); }

  // A finding of harm, not of data.
  bool tells_of_harm() const { return reports() && tells_of_words(category); }

  // What counts only beside others, everyday words aside.
  bool tells_of_ideas() const { return !reports() && tells_of_words(category) && !everyday; }

  bool needs_digits = false;  // a match has at least six digits
  bool everyday = false;
  bool optional = false;  // off unless a policy enables it
};

// Ideas that occur within `distance` bytes of each other.
struct Meeting {
  std::string_view id;
  Category category;
  std::string_view entity;
  IdeaSet ideas = 0;  // two to four
  std::size_t distance = 120;
  double weight = 0;
};

std::span<const Rule> pii_rules();
std::span<const Rule> secret_rules();

}  // namespace plimsoll::detect
