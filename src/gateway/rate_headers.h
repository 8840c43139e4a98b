// What callers are told of the limits of their tier.
#pragma once

#include "identity/rate_limiter.h"
#include "net/http.h"
#include "wire/surface.h"

namespace plimsoll::gateway {

// RateLimit and RateLimit-Policy (draft-ietf-httpapi-ratelimit-headers-10), and what the API's own clients read:
// x-ratelimit-… (OpenAI's), anthropic-ratelimit-…
void add_limits(const identity::Standing& standing, const wire::Surface* api, Time now,
                net::Headers& headers);

// The answer to a request that is over a limit: 429.
wire::Problem limit_problem(const identity::Standing& standing);
// Retry-After, and where that is long, that clients should not try by themselves.
void add_retry(const identity::Standing& standing, net::Headers& headers);

}  // namespace plimsoll::gateway
