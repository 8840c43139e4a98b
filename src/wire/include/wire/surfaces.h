// Every model API there is.
#pragma once

#include "wire/surface.h"

namespace plimsoll::wire {

const Surface& surface(Protocol protocol);
const Surface& count_tokens_surface();  // Anthropic's /v1/messages/count_tokens

}  // namespace plimsoll::wire
