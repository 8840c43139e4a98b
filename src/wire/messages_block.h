// Content blocks of Anthropic's Messages API, in a request or in an answer.
#pragma once

#include <boost/json/value.hpp>

#include "collector.h"

namespace plimsoll::wire {

// Content: a string, or an array of blocks. In a request the blocks must be well-shaped; what is not as
// expected in an answer is text to inspect, not an error.
bool collect_messages_content(Collector& into, const boost::json::value& content, Role role,
                              Direction direction);

// Settings: every string below that is no short identifier is text.
bool collect_labels(Collector& into, const boost::json::value& value, Role role);

// Base64 in either alphabet, or an identifier, of at most a mebibyte: what only its issuer can read.
bool is_opaque(std::string_view text);

// Problems in Anthropic's words, at the collector's place.
bool field_required(Collector& into, std::string_view member);
bool field_should_be(Collector& into, std::string_view expected);

// "messages[2].role" as "messages.2.role", and in front of the message.
BadBody in_anthropic_words(BadBody problem);

}  // namespace plimsoll::wire
