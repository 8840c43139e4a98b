// How much each caller has asked for, against the limits of its tier.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "base/hash.h"
#include "base/result.h"
#include "base/time.h"
#include "policy/policy.h"

namespace plimsoll::identity {

// What is counted of one thing at one moment.
struct Quota {
  std::uint64_t limit = 0;  // 0: none
  std::uint64_t left = 0;
  std::chrono::seconds reset{0};  // until the count begins again
};

struct Standing {
  Quota requests;  // of the current hour
  Quota tokens;    // of the current day
  // The one that is used up, which the request is refused for; null: none.
  const Quota* exceeded() const { return refused ? (*refused ? &tokens : &requests) : nullptr; }
  std::optional<bool> refused;  // by the tokens' limit; else by the requests'
};

// Counts by the hour and the day of UTC, exactly: of N requests that arrive at once under a limit of M, M pass. Tokens are
// charged once they are known, so that requests on their way may go over that limit together. Holds kMaxAccounts, and of
// more drops who asked least. Thread-safe; no lock is held for longer than a look-up.
class RateLimiter {
 public:
  // `file` keeps the counts for the next start; empty: nowhere.
  explicit RateLimiter(std::string file);
  ~RateLimiter();
  RateLimiter(const RateLimiter&) = delete;
  RateLimiter& operator=(const RateLimiter&) = delete;

  // Counts a request, unless it is over a limit.
  Standing admit(const Digest& account, const policy::RateLimit& limits, Time now);
  void charge(const Digest& account, std::uint64_t tokens, Time now);

  // A file that cannot be read is as good as none: says so, and counts from 0.
  void load(Time now);
  // Writes what has changed since. One thread.
  void save(Time now);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

inline constexpr std::size_t kMaxAccounts = 100'000;

}  // namespace plimsoll::identity
