#include "policy/watch.h"

#include "impl.h"
#include "read_window.h"
#include "yaml/fields.h"

namespace plimsoll::policy {

using namespace yaml;

void read_watch(const Node& node, WatchSettings& watch, Problems& problems) {
  Fields fields(node, "'monitoring.watch'", problems);
  const auto window = [&](std::string_view name, std::chrono::minutes& out, std::chrono::minutes least,
                          std::chrono::minutes most) {
    const Node* value = fields.get(name);
    if (value == nullptr) return;
    const auto text = read_text(*value, name, problems);
    const auto parsed = text ? parse_window(*text) : std::nullopt;
    if (parsed && *parsed >= least && *parsed <= most)
      out = *parsed;
    else if (text)
      problems.add(value->mark, "'" + std::string(name) + "' must be a time from '" + window_text(least) +
                                    "' to '" + window_text(most) + "'");
  };
  fields.read("enabled", watch.enabled);
  window("reference", watch.reference, std::chrono::hours(1), std::chrono::days(366));
  window("window", watch.window, std::chrono::hours(1), std::chrono::days(92));
  window("every", watch.every, std::chrono::minutes(1), std::chrono::days(1));
  fields.read("alpha", watch.alpha, {1e-9, 0.5});
  fields.finish();
}

const WatchSettings& watch_settings(const Policy& policy) {
  return policy.impl().document.watch;
}

}  // namespace plimsoll::policy
