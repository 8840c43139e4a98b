#include "rule.h"

namespace plimsoll::detect {
namespace {

constexpr auto kJailbreak = Category::kJailbreak;

constexpr Rule kRules[] = {
    {.id = "jailbreak.ignore_instructions",
     .category = kJailbreak,
     .entity = "IGNORE_INSTRUCTIONS",
     .pattern =
         R"(\b(?:ignore|disregard|forget|override|bypass)\s{1,3}(?:\w{1,12}\s{1,3}){0,3}(?:previous|prior|above|earlier|preceding)\s{1,3}(?:\w{1,12}\s{1,3}){0,2}(?:instructions?|rules?|prompts?|directions?|guidelines?|directives?)\b)",
     .weight = .9},
};

}  // namespace

std::span<const Rule> injection_rules() {
  return kRules;
}

}  // namespace plimsoll::detect
