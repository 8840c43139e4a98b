// The rule at the end of a zone file for the years it does not list: POSIX TZ, "CET-1CEST,M3.5.0,M10.5.0/3".
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace plimsoll::cel {

class ZoneRule {
 public:
  static std::optional<ZoneRule> parse(std::string_view text);

  // Seconds to add to UTC for local time at that moment.
  std::int64_t offset_at(std::int64_t seconds) const;

 private:
  // The moment of a year at which the clocks change.
  struct Change {
    enum class Kind { kWeekOfMonth, kDayOfYear, kJulianDay };
    Kind kind = Kind::kDayOfYear;
    unsigned month = 1;  // 1…12
    unsigned week = 1;   // 1…5, 5 being the last
    unsigned day = 0;    // of the week or of the year
    std::int64_t time = 7200;

    // Local time, in seconds since the epoch.
    std::int64_t in_year(std::int64_t year) const;
  };
  class Reader;

  std::int64_t standard_ = 0;
  std::int64_t daylight_ = 0;
  bool has_daylight_ = false;
  Change begin_;
  Change end_;
};

}  // namespace plimsoll::cel
