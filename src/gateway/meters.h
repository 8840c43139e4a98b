// The gateway's own metrics, registered once.
#pragma once

#include <array>
#include <chrono>
#include <string_view>

#include "decide/judge.h"
#include "gateway/gateway.h"
#include "net/metrics.h"

namespace plimsoll::gateway {

using namespace decide;

class Meters {
 public:
  explicit Meters(net::Metrics& metrics);

  void count_request(std::string_view route, int status, std::chrono::nanoseconds took);
  void count_decision(Direction direction, const Judgement& judgement);
  // `column`: of the policy's tiers; by the limit of tokens, or of requests.
  void count_limited(std::size_t column, bool tokens) { limited_.at(column).at(tokens ? 1 : 0)->add(); }
  void count_unrecorded() { unrecorded_->add(); }
  void count_upstream_failure() { upstream_failures_->add(); }
  Traffic traffic() const;

 private:
  // Routes are a fixed list (gateway.cc); anything else counts as "other".
  struct Route {
    std::string_view name;
    std::array<net::Counter*, 6> by_class{};  // 1xx … 5xx at their first digit
    net::Histogram* seconds = nullptr;
  };
  std::vector<Route> routes_;
  std::array<std::array<net::Counter*, kActionCount>, 2> decisions_{};
  std::array<net::Counter*, kCategoryCount> findings_{};
  net::Histogram* inspecting_ = nullptr;
  net::Histogram* deciding_ = nullptr;
  std::array<std::array<net::Counter*, 2>, kTierCount + 1> limited_{};
  net::Counter* unrecorded_ = nullptr;
  net::Counter* check_failures_ = nullptr;
  net::Counter* upstream_failures_ = nullptr;
};

}  // namespace plimsoll::gateway
