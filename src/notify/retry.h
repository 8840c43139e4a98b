// What an answer to a notice means, and when to try again.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string_view>

#include "base/time.h"

namespace plimsoll::notify {

enum class Verdict : std::uint8_t { kDelivered, kAgain, kRefused };

// 2xx; 408, 425, 429 and 5xx; all else, redirects among it: they are not followed.
Verdict judge_http(int status);
// 2xx; 4xx; 5xx (RFC 5321, 4.2.1). 0, no reply: again.
Verdict judge_smtp(int code);

inline constexpr std::chrono::hours kPatience{24};             // a notice is tried for so long
inline constexpr std::chrono::seconds kLongestPause{15 * 60};  // between attempts
inline constexpr std::chrono::seconds kLongestRetryAfter{3'600};

// After so many failures (from 1): 1 s, doubled each time up to kLongestPause, of which `chance` (0 to 1) takes up to
// half away.
std::chrono::milliseconds pause_after(unsigned failures, double chance);

// Retry-After (RFC 9110, 10.2.3): seconds or a date (IMF-fixdate), at most kLongestRetryAfter; nullopt for what is
// neither. A date that is past is 0.
std::optional<std::chrono::seconds> read_retry_after(std::string_view text, Time now);

}  // namespace plimsoll::notify
