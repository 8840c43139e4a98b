#include "model/caller.h"

#include <algorithm>
#include <array>

namespace plimsoll {
namespace {
constexpr std::array<std::string_view, kTierCount> kTiers = {"general", "enterprise", "research_sandbox"};
constexpr std::array<std::string_view, 6> kBases = {
    "consent", "contract", "legal_obligation", "legitimate_interest", "public_task", "vital_interests"};
}  // namespace

std::string_view to_string(Tier tier) {
  return kTiers.at(static_cast<std::size_t>(tier));
}

std::optional<Tier> parse_tier(std::string_view name) {
  for (std::size_t i = 0; i < kTiers.size(); ++i)
    if (kTiers.at(i) == name) return static_cast<Tier>(i);
  return std::nullopt;
}

bool is_lawful_basis(std::string_view name) {
  return std::ranges::find(kBases, name) != kBases.end();
}

}  // namespace plimsoll
