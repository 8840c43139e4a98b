#include "evaluate/report.h"

namespace plimsoll::evaluate {

std::optional<Tier> column_tier(std::size_t column) {
  return column < kTierCount ? std::optional(static_cast<Tier>(column)) : std::nullopt;
}

std::string_view column_name(std::size_t column) {
  const auto tier = column_tier(column);
  return tier ? to_string(*tier) : "untiered";
}

}  // namespace plimsoll::evaluate
