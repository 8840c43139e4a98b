// Regular expressions for matches(): RE2, so that time is linear in the text whatever the pattern.
#pragma once

#include <expected>
#include <memory>
#include <string>
#include <string_view>

namespace re2 {
class RE2;
}

namespace plimsoll::cel {

// The pattern, or what is wrong with it.
std::expected<std::shared_ptr<const re2::RE2>, std::string> compile_pattern(std::string_view pattern);

// Whether the pattern occurs anywhere in the text.
bool occurs(const re2::RE2& pattern, std::string_view text);

}  // namespace plimsoll::cel
