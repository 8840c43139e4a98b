// Upstreams, a clock and chance, for tests.
#pragma once

#include <gtest/gtest.h>

#include "base/time.h"
#include "route/router.h"

namespace plimsoll::route {

inline Upstream upstream(std::string name, Provider provider = Provider::kOpenAi,
                         std::string_view url = "http://h") {
  Upstream out;
  out.name = std::move(name);
  out.provider = provider;
  out.origin = *net::parse_origin(url);
  return out;
}

inline Upstream bedrock(std::string name) {
  Upstream out = upstream(std::move(name), Provider::kBedrock, usual_url(Provider::kBedrock, "us-east-1"));
  out.aws = {.region = "us-east-1", .access_key_id = "AKID", .secret_access_key = "s", .session_token = {}};
  return out;
}

// What wire::can_translate says: between the three that talk.
inline bool carries(wire::Protocol from, wire::Protocol to) {
  const auto talks = [](wire::Protocol p) {
    return p == wire::Protocol::kChat || p == wire::Protocol::kMessages || p == wire::Protocol::kResponses;
  };
  return talks(from) && talks(to);
}

// A table and one worker's router, in a world that stands still until told.
struct World {
  std::chrono::steady_clock::time_point now{std::chrono::hours(1)};
  double chance = 0;
  std::unique_ptr<Table> table;
  std::unique_ptr<Router> router;

  explicit World(Settings settings) {
    auto made = Table::create(std::move(settings));
    EXPECT_TRUE(made) << made.error().message;
    table = *std::move(made);
    router = another();
  }
  std::unique_ptr<Router> another() {
    return std::make_unique<Router>(*table,
                                    Surroundings{.clock = [this] { return now; },
                                                 .wall = [] { return *from_rfc3339("2015-08-30T12:36:00Z"); },
                                                 .chance = [this] { return chance; },
                                                 .carries = carries});
  }

  std::expected<Plan, wire::Problem> plan(std::string_view model,
                                          wire::Protocol protocol = wire::Protocol::kChat) const {
    return router->plan({.protocol = protocol, .model = model});
  }
  // The upstreams' names, in order: "a b".
  std::string order(std::string_view model, wire::Protocol protocol = wire::Protocol::kChat) const {
    const auto made = plan(model, protocol);
    if (!made) return std::to_string(made.error().status);
    std::string out;
    for (const auto& attempt : made->attempts)
      out.append(out.empty() ? "" : " ").append(table->upstreams()[attempt.upstream].name);
    return out;
  }
};

}  // namespace plimsoll::route
