// What a verdict can ask for.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace plimsoll {

// Weakest first: the strictest of several wins.
enum class Action : std::uint8_t {
  kAllow,
  kLogOnly,
  kSafeMode,    // forward with the safety preamble, no tools, tightened sampling
  kSummarize,   // a summary in place of verbatim text
  kRedact,      // replace the spans found
  kEscalate,    // withhold until a person decides
  kBlock,       // refuse
  kErrorBlock,  // refuse because no decision could be made
};
inline constexpr std::size_t kActionCount = 8;

std::string_view to_string(Action action);                  // "allow", "log_only", …
std::optional<Action> parse_action(std::string_view name);  // these, and the aliases "pass" and "mask"

// Whether the traffic itself may go on, as it is or changed.
constexpr bool allows(Action action) {
  return action < Action::kEscalate;
}

// A set of actions.
class Actions {
 public:
  void add(Action action) { bits_ |= bit(action); }
  bool has(Action action) const { return (bits_ & bit(action)) != 0; }
  Action strictest() const {
    for (std::size_t i = kActionCount; i-- > 0;)
      if (has(static_cast<Action>(i))) return static_cast<Action>(i);
    return Action::kAllow;
  }

 private:
  static std::uint8_t bit(Action a) { return static_cast<std::uint8_t>(1U << static_cast<unsigned>(a)); }
  std::uint8_t bits_ = 0;
};

}  // namespace plimsoll
