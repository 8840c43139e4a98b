// A worker's router: what its files share.
#pragma once

#include <vector>

#include "route/breaker.h"
#include "table.h"

namespace plimsoll::route {

struct Router::Impl {
  Impl(const Table& table, Surroundings surroundings);
  ~Impl();

  const Upstream& upstream(std::size_t i) const { return table.settings.upstreams[i]; }
  Counts& counts(std::size_t i) const { return *table.counts[i]; }
  // Counts a breaker's changes.
  void record(std::size_t i, Breaker::Outcome outcome);
  // The attempt that follows, if one may.
  std::optional<Next> follow(Plan& plan, std::size_t i, std::optional<std::chrono::milliseconds> here);

  const Table::Impl& table;
  const Surroundings around;
  std::vector<Breaker> breakers;
};

}  // namespace plimsoll::route
