// JSON pointers (RFC 6901), and the same places as OpenAI's error messages name them.
#pragma once

#include <boost/json/value.hpp>
#include <string>
#include <string_view>

namespace plimsoll::wire {

// The value that a pointer leads to, or nullptr.
boost::json::value* find_at(boost::json::value& root, std::string_view pointer);

// Appends "/" and the escaped member name.
void append_step(std::string& pointer, std::string_view member);

// "/messages/2/content" as "messages[2].content".
std::string as_param(std::string_view pointer);

}  // namespace plimsoll::wire
