// Instants as text.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

namespace plimsoll {

using Time = std::chrono::system_clock::time_point;

// RFC 3339 in UTC: "2025-01-31T23:59:59Z", or with milliseconds "2025-01-31T23:59:59.250Z".
std::string to_rfc3339(Time time);
std::string to_rfc3339_ms(Time time);

// Reads RFC 3339 with any fraction and any offset. nullopt for anything else, impossible dates included.
std::optional<Time> from_rfc3339(std::string_view text);

}  // namespace plimsoll
