#include "texts.h"

extern "C" {
extern const char plimsoll_control_frameworks[];      // NOLINT: defined by texts.S
extern const char plimsoll_control_frameworks_end[];  // NOLINT
extern const char plimsoll_control_capability[];      // NOLINT
extern const char plimsoll_control_capability_end[];  // NOLINT
}

namespace plimsoll::control {

std::string_view frameworks_text() {
  return {plimsoll_control_frameworks, plimsoll_control_frameworks_end};
}

std::string_view capability_text() {
  return {plimsoll_control_capability, plimsoll_control_capability_end};
}

}  // namespace plimsoll::control
