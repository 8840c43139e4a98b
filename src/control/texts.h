// Texts that are part of the program.
#pragma once

#include <string_view>

namespace plimsoll::control {

std::string_view frameworks_text();  // frameworks.json
std::string_view capability_text();  // capability.json

}  // namespace plimsoll::control
