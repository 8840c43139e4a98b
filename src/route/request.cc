// A request as one upstream wants it.
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/string.hpp>

#include "impl.h"
#include "provider.h"
#include "sigv4.h"

namespace plimsoll::route {
namespace {

namespace json = boost::json;
using wire::Protocol;

constexpr std::string_view kAnthropicVersion = "2023-06-01";
constexpr std::string_view kBedrockVersion = "bedrock-2023-05-31";

json::string_view view(std::string_view text) {
  return {text.data(), text.size()};
}

// As the client writes it into the request.
std::string host_of(const net::Origin& origin) {
  const bool v6 = origin.host.find(':') != std::string::npos;
  std::string host = v6 ? "[" + origin.host + "]" : origin.host;
  if (origin.port != (origin.tls ? 443 : 80)) host += ":" + std::to_string(origin.port);
  return host;
}

void pass(const net::Headers& client, std::string_view name, net::Headers& out) {
  if (client.has(name)) out.add(name, client.get(name));
}

// The client's credentials: as they are where the client speaks the upstream's own dialect, else in its style.
void pass_credentials(const Sending& sending, KeyStyle style, net::Headers& out) {
  constexpr std::string_view kBearer = "Bearer ";
  const auto& client = sending.client;
  const bool bearer = client.has("authorization");
  const bool key = client.has("x-api-key");
  const bool native = (sending.asked == Protocol::kMessages) == (style == KeyStyle::kXApiKey);
  if (native || bearer == key) {
    if (bearer) out.add("Authorization", client.get("authorization"));
    if (key && style == KeyStyle::kXApiKey) out.add("x-api-key", client.get("x-api-key"));
    return;
  }
  if (style == KeyStyle::kBearer) {
    out.add("Authorization", bearer ? std::string(client.get("authorization"))
                                    : std::string(kBearer).append(client.get("x-api-key")));
    return;
  }
  std::string_view value = client.get(key ? "x-api-key" : "authorization");
  if (!key && value.starts_with(kBearer)) value.remove_prefix(kBearer.size());
  out.add("x-api-key", value);
}

void add_credentials(const Upstream& upstream, const Sending& sending, Protocol protocol, net::Headers& out) {
  const KeyStyle style = key_style(upstream, protocol);
  if (!upstream.api_key.empty()) {
    if (style == KeyStyle::kXApiKey)
      out.add("x-api-key", upstream.api_key);
    else
      out.add("Authorization", "Bearer " + upstream.api_key);
  } else if (upstream.pass_authorization) {
    pass_credentials(sending, style, out);
  }
}

// What only one kind of API understands.
void add_dialect(const Upstream& upstream, const Sending& sending, Protocol protocol, net::Headers& out) {
  const auto& client = sending.client;
  if (upstream.provider == Provider::kBedrock) return;
  if (protocol != Protocol::kMessages) {
    for (const std::string_view name : {"openai-organization", "openai-project"}) pass(client, name, out);
    return;
  }
  const bool own = sending.asked == Protocol::kMessages;
  const auto version = own ? client.get("anthropic-version") : std::string_view();
  out.add("anthropic-version", version.empty() ? kAnthropicVersion : version);
  if (own) pass(client, "anthropic-beta", out);
}

net::Headers headers_for(const Upstream& upstream, const Sending& sending, Protocol protocol) {
  net::Headers out;
  out.add("X-Request-Id", sending.request_id);
  out.add("Via", "1.1 " + std::string(sending.instance));
  add_credentials(upstream, sending, protocol, out);
  for (const std::string_view name : {"traceparent", "tracestate"}) pass(sending.client, name, out);
  add_dialect(upstream, sending, protocol, out);
  return out;
}

// "a,b" as ["a","b"]; what is no plain word is left out.
json::array betas(std::string_view header) {
  constexpr std::size_t kMost = 32;
  json::array out;
  while (!header.empty() && out.size() < kMost) {
    const auto comma = std::min(header.find(','), header.size());
    std::string_view word = header.substr(0, comma);
    header.remove_prefix(std::min(comma + 1, header.size()));
    while (word.starts_with(' ')) word.remove_prefix(1);
    while (word.ends_with(' ')) word.remove_suffix(1);
    constexpr std::string_view kAllowed = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._";
    if (!word.empty() && word.size() <= 64 && word.find_first_not_of(kAllowed) == std::string_view::npos)
      out.emplace_back(view(word));
  }
  return out;
}

}  // namespace

void Router::fit(json::value& body, const Attempt& attempt, const Sending& sending) const {
  auto* object = body.if_object();
  if (object == nullptr) return;
  if (impl_->upstream(attempt.upstream).provider != Provider::kBedrock) {
    if (!attempt.model.empty()) (*object)["model"] = view(attempt.model);
    return;
  }
  object->erase("model");
  object->erase("stream");
  (*object)["anthropic_version"] = view(kBedrockVersion);
  if (sending.asked != Protocol::kMessages) return;
  if (auto list = betas(sending.client.get("anthropic-beta")); !list.empty())
    (*object)["anthropic_beta"] = std::move(list);
}

Outgoing Router::request(const Attempt& attempt, const Sending& sending, std::string body) {
  const Upstream& upstream = impl_->upstream(attempt.upstream);
  const bool bedrock = upstream.provider == Provider::kBedrock;
  impl_->breakers[attempt.upstream].begin(impl_->around.clock());

  Outgoing out;
  out.path = attempt.count_tokens ? path_under_v1(upstream, "/messages/count_tokens")
                                  : path_of(upstream, attempt.protocol, attempt.model, sending.stream);
  out.body = std::move(body);
  out.aws_frames = bedrock && sending.stream;
  out.headers = headers_for(upstream, sending, attempt.protocol);
  out.headers.add("Content-Type", "application/json");
  out.headers.add("Accept", out.aws_frames   ? "application/vnd.amazon.eventstream"
                            : sending.stream ? "text/event-stream"
                                             : "application/json");
  if (bedrock && upstream.api_key.empty() && !upstream.aws.access_key_id.empty()) {
    ToSign sign{.method = out.method, .path = {}, .headers = {}, .body = out.body, .service = "bedrock"};
    const std::string whole = upstream.origin.base_path + out.path;
    sign.path = whole;
    sign.headers.add("Host", host_of(upstream.origin));
    sign.headers.add("Content-Type", "application/json");
    for (const auto& [name, value] : signature(sign, upstream.aws, impl_->around.wall()))
      out.headers.add(name, value);
  }
  return out;
}

std::optional<Outgoing> Router::list_models(std::size_t index, const Sending& sending) const {
  const Upstream& upstream = impl_->upstream(index);
  if (upstream.provider == Provider::kBedrock) return std::nullopt;
  const bool anthropic = upstream.provider == Provider::kAnthropic;
  Outgoing out;
  out.method = "GET";
  out.path = path_under_v1(upstream, "/models");
  out.headers = headers_for(upstream, sending, anthropic ? Protocol::kMessages : Protocol::kChat);
  out.headers.add("Accept", "application/json");
  return out;
}

}  // namespace plimsoll::route
