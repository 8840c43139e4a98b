#include "policy/shipped.h"

extern "C" {
extern const char plimsoll_shipped_policy[];      // NOLINT: defined by shipped.S
extern const char plimsoll_shipped_policy_end[];  // NOLINT
}

namespace plimsoll::policy {

std::string_view shipped_yaml() {
  return {plimsoll_shipped_policy, plimsoll_shipped_policy_end};
}

}  // namespace plimsoll::policy
