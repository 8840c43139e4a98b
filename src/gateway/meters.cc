#include "meters.h"

#include <algorithm>

namespace plimsoll::gateway {

Meters::Meters(net::Metrics& m) {
  for (const std::string_view name :
       {"filter.prompt", "filter.output", "rules", "ci.check", "health", "metrics", "proxy.completion",
        "chat.completions", "messages", "messages.count_tokens", "responses", "completions", "embeddings",
        "models", "moderations", "guardrail.bedrock", "guardrail.litellm", "other"}) {
    Route route{.name = name};
    for (std::size_t digit = 2; digit < route.by_class.size(); ++digit)
      route.by_class.at(digit) =
          &m.counter("plimsoll_requests_total", "Requests answered, by route and status class.",
                     {{"route", std::string(name)}, {"status", std::to_string(digit) + "xx"}});
    route.seconds = &m.histogram("plimsoll_request_duration_seconds",
                                 "From the request's last byte to the end of the answer.",
                                 net::latency_bounds(), {{"route", std::string(name)}});
    routes_.push_back(route);
  }
  for (const auto direction : {Direction::kPrompt, Direction::kOutput})
    for (std::size_t a = 0; a < kActionCount; ++a)
      decisions_.at(static_cast<std::size_t>(direction)).at(a) =
          &m.counter("plimsoll_decisions_total", "Decisions made, by direction and action.",
                     {{"direction", std::string(to_string(direction))},
                      {"action", std::string(to_string(static_cast<Action>(a)))}});
  for (std::size_t c = 0; c < kCategoryCount; ++c)
    findings_.at(c) = &m.counter("plimsoll_findings_total", "Findings, by category.",
                                 {{"category", std::string(to_string(static_cast<Category>(c)))}});
  const std::vector<double> micros = {1e-6, 2.5e-6, 5e-6, 1e-5, 2.5e-5, 5e-5,
                                      1e-4, 2.5e-4, 5e-4, 1e-3, 1e-2,   0.1};
  inspecting_ = &m.histogram("plimsoll_inspect_seconds", "Time to inspect a conversation.", micros);
  deciding_ = &m.histogram("plimsoll_decide_seconds", "Time to decide.", micros);
  for (std::size_t column = 0; column <= kTierCount; ++column)
    for (const bool tokens : {false, true})
      limited_.at(column).at(tokens ? 1 : 0) = &m.counter(
          "plimsoll_rate_limited_total", "Requests refused because their caller had enough.",
          {{"tier", column < kTierCount ? std::string(to_string(static_cast<Tier>(column))) : "none"},
           {"limit", tokens ? "tokens" : "requests"}});
  unrecorded_ = &m.counter("plimsoll_unrecorded_total",
                           "Decisions that could not be recorded; their requests were refused.");
  check_failures_ = &m.counter("plimsoll_policy_check_fail_total", "Decisions that could not be made.");
  upstream_failures_ =
      &m.counter("plimsoll_upstream_failures_total", "Upstream requests that failed or were cut short.");
}

void Meters::count_request(std::string_view route, int status, std::chrono::nanoseconds took) {
  auto at = std::ranges::find(routes_, route, &Route::name);
  if (at == routes_.end()) at = std::prev(routes_.end());
  const auto digit = static_cast<std::size_t>(std::clamp(status / 100, 2, 5));
  at->by_class.at(digit)->add();
  at->seconds->observe(std::chrono::duration<double>(took).count());
}

void Meters::count_decision(Direction direction, const Judgement& j) {
  decisions_.at(static_cast<std::size_t>(direction)).at(static_cast<std::size_t>(j.verdict.action))->add();
  for (const Finding& f : j.found.findings) findings_.at(static_cast<std::size_t>(f.category))->add();
  inspecting_->observe(std::chrono::duration<double>(j.inspecting).count());
  deciding_->observe(std::chrono::duration<double>(j.deciding).count());
  const bool failed = std::ranges::any_of(j.verdict.rules, [](const RuleHit& r) { return r.failed; });
  if (failed) check_failures_->add();
}

Traffic Meters::traffic() const {
  constexpr std::array<std::string_view, 6> kModels = {"proxy.completion", "chat.completions", "messages",
                                                       "responses",        "completions",      "embeddings"};
  Traffic out;
  std::vector<std::uint64_t> counts(net::latency_bounds().size() + 1);
  for (const Route& route : routes_) {
    if (std::ranges::find(kModels, route.name) == kModels.end()) continue;
    for (std::size_t digit = 2; digit < route.by_class.size(); ++digit)
      out.requests += route.by_class.at(digit)->value();
    out.failures += route.by_class.at(5)->value();
    const auto of_route = route.seconds->counts();
    for (std::size_t i = 0; i < counts.size(); ++i) counts[i] += of_route[i];
  }
  std::uint64_t total = 0, seen = 0;
  for (const auto n : counts) total += n;
  const auto bounds = net::latency_bounds();
  for (std::size_t i = 0; i < counts.size() && total > 0; ++i) {
    seen += counts[i];
    if (static_cast<double>(seen) < 0.95 * static_cast<double>(total)) continue;
    out.p95_seconds = bounds[std::min(i, bounds.size() - 1)];
    break;
  }
  return out;
}

}  // namespace plimsoll::gateway
