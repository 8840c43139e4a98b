#include "rate_headers.h"

namespace plimsoll::gateway {
namespace {

using identity::Quota;
using identity::Standing;

constexpr int kHour = 3'600, kDay = 86'400;
constexpr std::chrono::seconds kWorthWaiting{60};

// "1h2m3s", as OpenAI writes durations.
std::string spelled(std::chrono::seconds time) {
  const auto all = time.count();
  std::string out;
  if (all >= kHour) out += std::to_string(all / kHour) + "h";
  if (all >= 60) out += std::to_string(all / 60 % 60) + "m";
  return out + std::to_string(all % 60) + "s";
}

}  // namespace

void add_limits(const Standing& standing, const wire::Surface* api, Time now, net::Headers& headers) {
  const bool anthropic = api != nullptr && api->protocol == wire::Protocol::kMessages;
  std::string policy, state;
  const auto add = [&](const Quota& quota, std::string_view what, int window) {
    if (quota.limit == 0) return;
    const auto limit = std::to_string(quota.limit), left = std::to_string(quota.left);
    const std::string_view comma = policy.empty() ? "" : ", ";
    policy.append(comma).append("\"").append(what).append("\";q=").append(limit);
    policy.append(";w=").append(std::to_string(window));
    state.append(comma).append("\"").append(what).append("\";r=").append(left);
    state.append(";t=").append(std::to_string(quota.reset.count()));
    const std::string name(what);
    if (anthropic) {
      headers.add("anthropic-ratelimit-" + name + "-limit", limit);
      headers.add("anthropic-ratelimit-" + name + "-remaining", left);
      headers.add("anthropic-ratelimit-" + name + "-reset", to_rfc3339(now + quota.reset));
    } else {
      headers.add("x-ratelimit-limit-" + name, limit);
      headers.add("x-ratelimit-remaining-" + name, left);
      headers.add("x-ratelimit-reset-" + name, spelled(quota.reset));
    }
  };
  add(standing.requests, "requests", kHour);
  add(standing.tokens, "tokens", kDay);
  if (policy.empty()) return;
  headers.add("RateLimit-Policy", policy);
  headers.add("RateLimit", state);
}

wire::Problem limit_problem(const Standing& standing) {
  const Quota& quota = *standing.exceeded();
  const bool tokens = standing.refused.value_or(false);
  return {.kind = wire::ProblemKind::kLimited,
          .status = 429,
          .message = std::string("rate limit reached: ") + std::to_string(quota.limit) +
                     (tokens ? " tokens a day" : " requests an hour") + "; it begins again in " +
                     spelled(quota.reset),
          .code = "rate_limit_exceeded"};
}

void add_retry(const Standing& standing, net::Headers& headers) {
  const Quota& quota = *standing.exceeded();
  headers.add("Retry-After", std::to_string(quota.reset.count()));
  if (quota.reset > kWorthWaiting) headers.add("x-should-retry", "false");
}

}  // namespace plimsoll::gateway
