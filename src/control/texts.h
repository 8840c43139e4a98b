// Texts that are part of the program.
#pragma once

#include <string_view>

namespace plimsoll::control {

std::string_view frameworks_text();  // frameworks.json

}  // namespace plimsoll::control
