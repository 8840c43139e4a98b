// Timestamps and durations: text, arithmetic, calendar.
//
// A duration that an expression computes fits 64-bit nanoseconds (about ±292 years), as in the reference
// implementations; timestamps lie in years 1 to 9999.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "cel/value.h"

namespace plimsoll::cel {

// RFC 3339 in UTC with as many fractional digits as needed.
std::string timestamp_to_text(Timestamp t);
// Seconds with as many fractional digits as needed, then "s": "1.5s".
std::string duration_to_text(Duration d);

// RFC 3339 with any fraction (beyond nanoseconds is refused) and offset. nullopt also outside years 1 to
// 9999.
std::optional<Timestamp> timestamp_from_text(std::string_view text);
// A sequence of decimal numbers with units, "-1h45m7.5s", units h m s ms us ns; or "0".
std::optional<Duration> duration_from_text(std::string_view text);

bool in_range(Timestamp t);

// All nullopt when the result is out of range.
std::optional<Timestamp> timestamp_from_seconds(std::int64_t seconds);
std::optional<Timestamp> add(Timestamp t, Duration d);
std::optional<Timestamp> subtract(Timestamp t, Duration d);
std::optional<Duration> subtract(Timestamp a, Timestamp b);
std::optional<Duration> add(Duration a, Duration b);
std::optional<Duration> subtract(Duration a, Duration b);

// A civil date and time of day.
struct Civil {
  std::int64_t year;
  unsigned month;        // 1…12
  unsigned day;          // 1…31
  unsigned day_of_week;  // 0 is Sunday
  unsigned day_of_year;  // 0…365
  unsigned hour, minute, second;
};
Civil to_civil(std::int64_t seconds);
std::int64_t days_from_civil(std::int64_t year, unsigned month, unsigned day);

}  // namespace plimsoll::cel
