#include "model/action.h"

#include <array>

namespace plimsoll {
namespace {
constexpr std::array<std::string_view, kActionCount> kNames = {
    "allow", "log_only", "safe_mode", "summarize", "redact", "escalate", "block", "error_block"};
}

std::string_view to_string(Action action) {
  return kNames.at(static_cast<std::size_t>(action));
}

std::optional<Action> parse_action(std::string_view name) {
  if (name == "pass") return Action::kAllow;
  if (name == "mask") return Action::kRedact;
  for (std::size_t i = 0; i < kNames.size(); ++i)
    if (kNames.at(i) == name) return static_cast<Action>(i);
  return std::nullopt;
}

}  // namespace plimsoll
