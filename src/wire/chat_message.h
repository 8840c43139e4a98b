// One message of OpenAI's chat protocol, in a request or in an answer.
#pragma once

#include <boost/json/value.hpp>

#include "collector.h"

namespace plimsoll::wire {

// Turns the message's texts into segments. A request's message must have a known role and well-shaped
// content; an answer's is read as it comes: what is not as expected is text to inspect, not an error.
bool collect_message(Collector& into, const boost::json::value& message, Direction direction);

// Content: a string, null, or an array of parts.
bool collect_content(Collector& into, const boost::json::value& content, Role role, Direction direction);

}  // namespace plimsoll::wire
