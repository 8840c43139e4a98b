// Stretches of time as policies write them.
#pragma once

#include <chrono>
#include <optional>
#include <string_view>

namespace plimsoll::policy {

// "30 minutes", "24 hours", "7 days", up to 366 days; nullopt for all else.
std::optional<std::chrono::minutes> parse_window(std::string_view text);

}  // namespace plimsoll::policy
