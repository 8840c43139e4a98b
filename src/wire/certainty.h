// How sure an inspection is of each category.
#pragma once

#include <algorithm>
#include <array>
#include <vector>

#include "model/category.h"
#include "model/finding.h"

namespace plimsoll::wire {

inline constexpr double kCertainEnough = 0.5;

// A category's score; where it has none, the confidence of its surest finding.
inline Scores certainties(const Scores& scores, const std::vector<Finding>& findings) {
  Scores certain = scores;
  for (const auto& finding : findings)
    if (scores[finding.category] == 0) certain.raise(finding.category, finding.confidence);
  return certain;
}

inline bool has_finding(const std::vector<Finding>& findings, Category category, std::string_view entity) {
  return std::ranges::any_of(findings,
                             [&](const Finding& f) { return f.category == category && f.entity == entity; });
}

inline bool has_other_finding(const std::vector<Finding>& findings, Category category,
                              std::string_view entity) {
  return std::ranges::any_of(findings,
                             [&](const Finding& f) { return f.category == category && f.entity != entity; });
}

}  // namespace plimsoll::wire
