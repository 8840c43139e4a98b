// "Did you mean": the closest of the names that exist.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace plimsoll::cel {

// "; did you mean 'prompt'?", or nothing when no candidate is close.
std::string suggestion(std::string_view wrong, const std::vector<std::string_view>& candidates);

}  // namespace plimsoll::cel
