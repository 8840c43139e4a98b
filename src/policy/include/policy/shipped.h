// The policy that is part of the program.
#pragma once

#include <string_view>

namespace plimsoll::policy {

// The text of policies/adr-006.embedded-governance.yaml as it was when the program was built.
std::string_view shipped_yaml();

// What it is called in messages.
inline constexpr std::string_view kShippedName = "adr-006.embedded-governance.yaml (built in)";

}  // namespace plimsoll::policy
