// Time zones: offsets from UTC as a function of time.
//
// Named zones are read from the system's zone files (TZif, RFC 8536) when a program is compiled; evaluation
// only looks them up.
#pragma once

#include <cstdint>
#include <expected>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "zone_rule.h"

namespace plimsoll::cel {

class Zone {
 public:
  // "UTC", an offset such as "+02:00" or "-9:30", or a name such as "Europe/Berlin"; else what is wrong.
  static std::expected<std::shared_ptr<const Zone>, std::string> load(std::string_view name);

  // "UTC" and offsets only: seconds east of UTC.
  static std::optional<std::int64_t> fixed_offset(std::string_view name);

  // For tests and fuzzing: the contents of a zone file. nullopt when they make no sense.
  static std::optional<Zone> parse(std::string_view tzif);

  // Seconds to add to UTC for local time at that moment.
  std::int64_t offset_at(std::int64_t seconds) const;

 private:
  struct Transition {
    std::int64_t at;
    std::int64_t offset;
  };
  std::int64_t first_offset_ = 0;
  std::vector<Transition> transitions_;
  std::optional<ZoneRule> rule_;  // what holds after the last transition
};

}  // namespace plimsoll::cel
