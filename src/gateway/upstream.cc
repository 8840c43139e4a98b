#include "gateway/upstream.h"

#include <array>
#include <utility>

namespace plimsoll::gateway {

Result<Provider> parse_provider(std::string_view name) {
  constexpr std::array<std::pair<std::string_view, Provider>, 6> kNames = {{{"http", Provider::kHttp},
                                                                            {"openai", Provider::kOpenAi},
                                                                            {"vllm", Provider::kVllm},
                                                                            {"ollama", Provider::kOllama},
                                                                            {"litellm", Provider::kLiteLlm},
                                                                            {"tgi", Provider::kTgi}}};
  for (const auto& [known, provider] : kNames)
    if (known == name) return provider;
  return fail(Code::kInvalid, "unknown provider; expected http, openai, vllm, ollama, litellm or tgi");
}

bool speaks_completion(const Upstream& upstream) {
  return upstream.provider == Provider::kHttp;
}

std::string completion_path(const Upstream& upstream) {
  return speaks_completion(upstream) ? "/completion" : chat_path(upstream);
}

std::string chat_path(const Upstream& upstream) {
  return upstream.origin.base_path.ends_with("/v1") ? "/chat/completions" : "/v1/chat/completions";
}

net::Headers upstream_headers(const Upstream& upstream, const net::Headers& client,
                              std::string_view request_id, std::string_view instance, bool stream) {
  net::Headers headers;
  headers.add("Content-Type", "application/json");
  headers.add("Accept", stream ? "text/event-stream" : "application/json");
  headers.add("X-Request-Id", std::string(request_id));
  headers.add("Via", "1.1 " + std::string(instance));
  if (!upstream.api_key.empty())
    headers.add("Authorization", "Bearer " + upstream.api_key);
  else if (upstream.pass_authorization && client.has("authorization"))
    headers.add("Authorization", std::string(client.get("authorization")));
  for (const std::string_view name : {"traceparent", "tracestate", "openai-organization", "openai-project"})
    if (client.has(name)) headers.add(std::string(name), std::string(client.get(name)));
  return headers;
}

}  // namespace plimsoll::gateway
