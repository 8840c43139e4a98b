// Names that outlive the rules they come from: findings, records and metrics keep them as views.
#pragma once

#include <string_view>

namespace plimsoll::detect {

// The same characters, for as long as the program runs. Thread-safe. One copy of each name is kept, and names
// only come from rules, so what this holds is bounded by what operators write.
std::string_view intern(std::string_view name);

}  // namespace plimsoll::detect
