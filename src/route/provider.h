// What is the same for every server of one provider.
#pragma once

#include <string>
#include <string_view>

#include "route/upstream.h"

namespace plimsoll::route {

// Where a protocol is spoken, after the origin's base path: "/v1/messages", or "/messages" where the base path
// ends with "/v1" already. `model` and `stream` are for Bedrock, whose paths have them.
std::string path_of(const Upstream& upstream, wire::Protocol protocol, std::string_view model, bool stream);
std::string path_under_v1(const Upstream& upstream, std::string_view path);

// How a key is shown.
enum class KeyStyle {
  kBearer,   // Authorization: Bearer
  kXApiKey,  // x-api-key, as Anthropic does
};
KeyStyle key_style(const Upstream& upstream, wire::Protocol protocol);

bool speaks(const Upstream& upstream, wire::Protocol protocol);
// "chat, completions and embeddings", for messages to clients.
std::string spoken(const Upstream& upstream);

}  // namespace plimsoll::route
