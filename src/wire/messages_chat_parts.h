// What the translations between chat completions and the Messages API have in common.
#pragma once

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <initializer_list>
#include <optional>
#include <string_view>

#include "collector.h"

namespace plimsoll::wire {

bool is_one_of(std::string_view key, std::initializer_list<std::string_view> keys);
// Absent, null or empty: says nothing.
bool says_nothing(const boost::json::value* value);

// A collector gives a translation its sense of place. no_word() refuses what stands there; only() refuses the
// first member of `object` that says something and is none of `keys`.
bool no_word(Collector& at);
bool only(Collector& at, const boost::json::object& object, std::initializer_list<std::string_view> keys);
// The problem with the member's name in its message.
BadBody by_name(BadBody problem);

// "data:image/png;base64,AAAA", and back.
struct Base64 {
  std::string_view media_type;
  std::string_view data;
};
std::optional<Base64> from_data_url(std::string_view url);
std::string to_data_url(std::string_view media_type, std::string_view data);

// Why an answer stopped, as the other protocol says it.
std::string_view finish_reason_of(std::string_view stop_reason);
std::string_view stop_reason_of(std::string_view finish_reason, bool has_calls);

// Counts of tokens. Chat counts what was read from a cache among the prompt's tokens, Messages apart.
boost::json::object chat_usage(const boost::json::value& messages_usage);
boost::json::object messages_usage(const boost::json::value& chat_usage);

// One text part as a string, several as they are, none as null.
boost::json::value as_content(boost::json::array parts);

}  // namespace plimsoll::wire
