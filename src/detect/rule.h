// What a rule is. The rules themselves are tables: rules_*.cc.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include "model/category.h"

namespace plimsoll::detect {

// Ideas whose meeting in one place means something that neither means alone.
enum class Concept : std::uint8_t {
  kNone,
  kWeaponAgent,   // an agent or a device of mass harm, by a name that means nothing else
  kPrecursor,     // a pathogen, poison or explosive, by a name that may be honest
  kWeaponAct,     // making, getting or spreading it
  kWeaponIntent,  // that people shall be harmed, or nobody shall know
  kMalware,       // software or a technique of attack
  kMalwareAct,    // writing or using it
  kCrimeIntent,   // a victim, stealth, theft
  kMethodAsk,     // asking how
  kCount,
};

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

struct Rule {
  std::string_view id;  // "pii.email"
  Category category = Category::kPii;
  std::string_view entity;

  // The subset of regular expressions of pattern.h; what the first group matched is the finding, or else all.
  std::string_view pattern;
  bool exact_case = false;
  Check check = nullptr;
  Around around = nullptr;
  Tail tail = Tail::kNone;

  double confidence = .9;  // that a match is what the rule is named after

  // What one match says about a category that has a score. Rules of one entity say the same thing twice, so
  // only the strongest counts; what different entities say adds up.
  double weight = 0;
  Concept idea = Concept::kNone;  // not kNone: no finding of its own, only part of a Meeting

  // How the rule is found. As a rule by the literals that every match contains; or by a trigger, a pattern
  // that occurs in every match; or, for an idea of everyday words, only once a text holds what it could meet.
  std::string_view trigger = {};
  bool needs_digits = false;  // a match has at least six digits: rests while a text has fewer
  bool everyday = false;
};

// Ideas (the third may be kNone) that occur within `distance` bytes of each other.
struct Meeting {
  std::string_view id;
  Category category;
  std::string_view entity;
  Concept first;
  Concept second;
  Concept third = Concept::kNone;
  std::size_t distance = 120;
  double weight = 0;
};

std::span<const Rule> pii_rules();
std::span<const Rule> secret_rules();
std::span<const Rule> injection_rules();
std::span<const Rule> harm_rules();
std::span<const Meeting> meetings();

}  // namespace plimsoll::detect
