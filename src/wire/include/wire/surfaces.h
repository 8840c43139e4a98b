// Every model API there is.
#pragma once

#include "wire/surface.h"

namespace plimsoll::wire {

const Surface& surface(Protocol protocol);
// Where in a whole answer of this protocol a stream's text would have stood, as far as its channel tells.
std::string pointer_of(Protocol protocol, Channel channel);

const Surface& count_tokens_surface();  // Anthropic's /v1/messages/count_tokens

}  // namespace plimsoll::wire
