// Invented secrets, identifiers and phrases for the tests of this module. Put together from pieces, so that
// no scanner takes this file for a leak.
#pragma once

#include <span>
#include <string>

namespace plimsoll::detect {

std::span<const std::string> samples();

}  // namespace plimsoll::detect
