// A risk that is spread over many messages: `accumulate` of the policy (docs/policy.md).
//
// A message adds the highest of its scores of `categories`, where that is at least `min_score`. What the messages of one
// user, organisation or session add within `window` is held against `count` and `sum`. Counting is decide/accumulate.h's;
// what the counts mean is Policy::decide's.
#pragma once

#include <array>
#include <chrono>
#include <cmath>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "model/accumulated.h"
#include "model/action.h"
#include "model/caller.h"
#include "model/category.h"

namespace plimsoll::policy {

struct Accumulation {
  // Limits are such that a subject needs to be remembered with this many messages and no more.
  static constexpr std::uint64_t kMostMessages = 500;

  std::string name, description;
  std::vector<Category> categories;
  std::array<bool, kPerCount> per{};
  std::chrono::minutes window{0};
  double min_score = 0.1;
  std::optional<std::uint64_t> count;  // at least one of both; reached at >=
  std::optional<double> sum;
  int level = 0;  // 0: none
  Action action = Action::kAllow;
  bool review = true;   // one item, and no other until a window has passed without the limit reached
  bool shadow = false;  // recorded, without effect
  std::array<bool, kTierCount + 1> tiers{};    // the last: callers without one
  std::array<std::string, kPerCount> ids;      // "accumulate.<name>.user": its rules in verdicts
  std::array<std::string, kPerCount> reasons;  // "slow-biology: over 24 hours, per user"

  // Scores as the log has them, in ten-thousandths, so that a decision can be made again from what is recorded.
  static std::uint64_t places(double score) {
    return static_cast<std::uint64_t>(std::llround(score * 10'000));
  }

  bool judges(std::optional<Tier> tier) const {
    return tiers.at(tier ? static_cast<std::size_t>(*tier) : kTierCount);
  }
  // What a message with these scores adds; 0: it does not count.
  double score_of(const Scores& judged) const {
    double most = 0;
    for (const Category c : categories) most = std::max(most, judged[c]);
    return most > 0 && places(most) >= places(min_score) ? most : 0;
  }
  bool reached(std::uint64_t messages, double total) const {
    return (count && messages >= *count) || (sum && places(total) >= places(*sum));
  }
};

// "1 hour", "24 hours", "7 days".
std::string window_text(std::chrono::minutes window);

}  // namespace plimsoll::policy
