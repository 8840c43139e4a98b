// The routes, with names resolved, and what is counted.
#pragma once

#include <atomic>
#include <map>
#include <vector>

#include "net/metrics.h"
#include "route/router.h"

namespace plimsoll::route {

// Whether `name` is `pattern`, whose '*' stand for any run of characters. Time: at most the product of the two.
bool fits(std::string_view pattern, std::string_view name);

struct Counts {
  net::Counter answered, limited, failed, unreachable, timed_out, retried, opened, rejected;
  std::atomic<std::uint64_t> open_now{0};
};

// A target, its upstream found.
struct Way {
  std::size_t upstream = 0;
  unsigned weight = 1;
  std::string model;
};
struct Ways {
  std::vector<Way> to;
  std::vector<Way> fallback;
};

struct Table::Impl {
  explicit Impl(Settings given);

  const Ways* find(std::string_view model) const;
  Ways ways(const Route& route) const;
  std::size_t index_of(std::string_view name) const;

  Settings settings;
  std::map<std::string, Ways, std::less<>> exact;
  std::vector<std::pair<std::string, Ways>> patterns;
  std::optional<Ways> otherwise;
  std::vector<std::unique_ptr<Counts>> counts;  // one per upstream
};

}  // namespace plimsoll::route
