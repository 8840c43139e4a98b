#include "provider.h"

#include <array>
#include <utility>

#include "sigv4.h"

namespace plimsoll::route {
namespace {

using wire::Protocol;

struct Known {
  std::string_view name;
  Provider provider;
  Protocols protocols;
};

const std::array<Known, 8>& known_providers() {
  static const std::array<Known, 8> kKnown = {{
      {"http",
       Provider::kHttp,
       {Protocol::kCompletion, Protocol::kChat, Protocol::kMessages, Protocol::kResponses,
        Protocol::kCompletions, Protocol::kEmbeddings}},
      {"openai",
       Provider::kOpenAi,
       {Protocol::kChat, Protocol::kResponses, Protocol::kCompletions, Protocol::kEmbeddings}},
      {"anthropic", Provider::kAnthropic, {Protocol::kMessages}},
      {"vllm", Provider::kVllm, {Protocol::kChat, Protocol::kCompletions, Protocol::kEmbeddings}},
      {"ollama", Provider::kOllama, {Protocol::kChat, Protocol::kCompletions, Protocol::kEmbeddings}},
      {"tgi", Provider::kTgi, {Protocol::kChat, Protocol::kCompletions, Protocol::kEmbeddings}},
      {"litellm",
       Provider::kLiteLlm,
       {Protocol::kChat, Protocol::kMessages, Protocol::kResponses, Protocol::kCompletions,
        Protocol::kEmbeddings}},
      {"bedrock", Provider::kBedrock, {Protocol::kMessages}},
  }};
  return kKnown;
}

const Known& known(Provider provider) {
  for (const auto& entry : known_providers())
    if (entry.provider == provider) return entry;
  return known_providers().front();
}

struct Spoken {
  std::string_view name;
  Protocol protocol;
  std::string_view path;  // under /v1
};
constexpr std::array<Spoken, 6> kSpoken = {{{"chat", Protocol::kChat, "/chat/completions"},
                                            {"messages", Protocol::kMessages, "/messages"},
                                            {"responses", Protocol::kResponses, "/responses"},
                                            {"completions", Protocol::kCompletions, "/completions"},
                                            {"embeddings", Protocol::kEmbeddings, "/embeddings"},
                                            {"completion", Protocol::kCompletion, "/completion"}}};

const Spoken& spoken_as(Protocol protocol) {
  for (const auto& entry : kSpoken)
    if (entry.protocol == protocol) return entry;
  return kSpoken.front();
}

}  // namespace

Result<Provider> parse_provider(std::string_view name) {
  for (const auto& entry : known_providers())
    if (entry.name == name) return entry.provider;
  return fail(Code::kInvalid,
              "unknown provider; expected http, openai, anthropic, vllm, ollama, tgi, litellm or bedrock");
}

std::string_view to_string(Provider provider) {
  return known(provider).name;
}

Result<Protocol> parse_protocol(std::string_view name) {
  for (const auto& entry : kSpoken)
    if (entry.name == name) return entry.protocol;
  return fail(Code::kInvalid,
              "unknown protocol; expected chat, messages, responses, completions, embeddings or completion");
}

std::string_view to_string(Protocol protocol) {
  return spoken_as(protocol).name;
}

Protocols native_protocols(Provider provider) {
  return known(provider).protocols;
}

std::string usual_url(Provider provider, std::string_view region) {
  if (provider == Provider::kOpenAi) return "https://api.openai.com/v1";
  if (provider == Provider::kAnthropic) return "https://api.anthropic.com";
  if (provider == Provider::kBedrock && !region.empty())
    return "https://bedrock-runtime." + std::string(region) + ".amazonaws.com";
  return {};
}

std::string path_under_v1(const Upstream& upstream, std::string_view path) {
  return (upstream.origin.base_path.ends_with("/v1") ? "" : "/v1") + std::string(path);
}

std::string path_of(const Upstream& upstream, Protocol protocol, std::string_view model, bool stream) {
  if (upstream.provider == Provider::kBedrock)
    return "/model/" + uri_encode(model, false) + (stream ? "/invoke-with-response-stream" : "/invoke");
  if (protocol == Protocol::kCompletion) return "/completion";
  return path_under_v1(upstream, spoken_as(protocol).path);
}

KeyStyle key_style(const Upstream& upstream, Protocol protocol) {
  const bool anthropic = upstream.provider == Provider::kAnthropic ||
                         (upstream.provider == Provider::kHttp && protocol == Protocol::kMessages);
  return anthropic ? KeyStyle::kXApiKey : KeyStyle::kBearer;
}

bool speaks(const Upstream& upstream, Protocol protocol) {
  return (upstream.protocols.empty() ? native_protocols(upstream.provider) : upstream.protocols)
      .has(protocol);
}

std::string spoken(const Upstream& upstream) {
  std::string out;
  for (const auto& entry : kSpoken)
    if (speaks(upstream, entry.protocol)) out.append(out.empty() ? "" : ", ").append(entry.name);
  return out;
}

}  // namespace plimsoll::route
