#include "rule.h"
#include "validate.h"

namespace plimsoll::detect {
namespace {

constexpr auto kSecret = Category::kSecret;

constexpr Rule kRules[] = {
    {.id = "secret.aws_access_key",
     .category = kSecret,
     .entity = "AWS_ACCESS_KEY",
     .pattern = R"(\b(?:AKIA|ASIA|ABIA|ACCA)[A-Z2-7]{16}\b)",
     .exact_case = true,
     .confidence = .98},
    {.id = "secret.github_token",
     .category = kSecret,
     .entity = "GITHUB_TOKEN",
     .pattern = R"(\bgh[pousr]_[A-Za-z0-9]{36}\b)",
     .exact_case = true,
     .confidence = .98},
    {.id = "secret.private_key",
     .category = kSecret,
     .entity = "PRIVATE_KEY",
     .pattern = R"(-----BEGIN (?:[A-Z0-9]{2,10} ){0,3}PRIVATE KEY(?: BLOCK)?-----)",
     .exact_case = true,
     .tail = Tail::kPem,
     .confidence = .99},
};

}  // namespace

std::span<const Rule> secret_rules() {
  return kRules;
}

}  // namespace plimsoll::detect
