// What the live watch on drift and rates compares: `monitoring.watch` of the policy (docs/watch.md).
#pragma once

#include <chrono>
#include <string_view>

namespace plimsoll::policy {

class Policy;

struct WatchSettings {
  bool enabled = true;
  std::chrono::minutes reference = std::chrono::days(28);  // what was: so long, before
  std::chrono::minutes window = std::chrono::days(7);      // what is
  std::chrono::minutes every{15};                          // between looks
  double alpha = 0.01;  // chance of any false alarm about a rate within a window, all rates together
};

const WatchSettings& watch_settings(const Policy& policy);

}  // namespace plimsoll::policy
