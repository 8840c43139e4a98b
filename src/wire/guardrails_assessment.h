// What was found, in Bedrock's words.
#pragma once

#include <boost/json/object.hpp>

#include "wire/guardrails.h"

namespace plimsoll::wire {

// One assessment; `full` lists what was let pass as well.
boost::json::object assess(const GuardrailDecision& decision, bool full);

}  // namespace plimsoll::wire
