#include "rule.h"
#include "validate.h"

namespace plimsoll::detect {
namespace {

constexpr Rule kRules[] = {
    {.id = "pii.email",
     .entity = "EMAIL_ADDRESS",
     .pattern = R"([A-Za-z0-9._%+-]{1,64}@(?:[A-Za-z0-9-]{1,24}\.){1,3}[A-Za-z]{2,16}\b)",
     .confidence = .98,
     .trigger = R"(@[A-Za-z0-9-]{1,24}\.[A-Za-z0-9])"},
    {.id = "pii.card",
     .entity = "CREDIT_CARD",
     .pattern = R"(\b\d(?:[ -]?\d){11,18}\b)",
     .check = is_card_number,
     .confidence = .95,
     .needs_digits = true},
};

}  // namespace

std::span<const Rule> pii_rules() {
  return kRules;
}

}  // namespace plimsoll::detect
