// The model behind the gateway.
#pragma once

#include <string>
#include <string_view>

#include "net/client.h"

namespace plimsoll::gateway {

// What PAC_LLM_PROVIDER names. All but kHttp speak OpenAI's protocol; kHttp speaks the documents' /completion
// and, on the same origin, /v1/chat/completions.
enum class Provider { kHttp, kOpenAi, kVllm, kOllama, kLiteLlm, kTgi };
Result<Provider> parse_provider(std::string_view name);

struct Upstream {
  Provider provider = Provider::kHttp;
  net::Origin origin;
  std::string api_key;             // sent as "Authorization: Bearer"; empty: the client's own header passes
  bool pass_authorization = true;  // false once the gateway authenticates callers itself: their token is ours
};

bool speaks_completion(const Upstream& upstream);  // the documents' own protocol

std::string completion_path(const Upstream& upstream);
std::string chat_path(const Upstream& upstream);  // adds "/v1" unless the origin's path ends with it

// Headers for a request to the upstream: content type, credentials, trace context and ours. Nothing else of
// the client's passes; hop-by-hop fields never do.
net::Headers upstream_headers(const Upstream& upstream, const net::Headers& client,
                              std::string_view request_id, std::string_view instance, bool stream);

}  // namespace plimsoll::gateway
