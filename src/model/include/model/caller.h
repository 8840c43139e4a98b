// Who asks.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace plimsoll {

enum class Tier : std::uint8_t { kGeneral, kEnterprise, kResearchSandbox };
inline constexpr std::size_t kTierCount = 3;

std::string_view to_string(Tier tier);  // "general", "enterprise", "research_sandbox"
std::optional<Tier> parse_tier(std::string_view name);

// As established by a key, a token, or (without authentication) the request's context. Empty = unknown.
struct Caller {
  std::string user;
  std::string org;
  std::optional<Tier> tier;  // nullopt: the policy's `untiered` column decides
  bool authenticated = false;
  bool lawful_basis = false;  // for personal data
};

// Whether a stated basis permits personal data: `true` or one of GDPR Art. 6(1)'s six, as listed in the
// contract.
bool is_lawful_basis(std::string_view name);

}  // namespace plimsoll
