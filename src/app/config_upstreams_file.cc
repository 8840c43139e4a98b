// `upstreams` and `routes` of the configuration file: docs/upstreams.md lists their keys.
#include <cmath>

#include "config_upstreams.h"

namespace plimsoll::app {
namespace {

using std::chrono::milliseconds;
using yaml::Fields;
using yaml::Node;
using yaml::Problems;

void read_seconds(Fields& fields, std::string_view key, milliseconds& out, yaml::Range range) {
  double seconds = static_cast<double>(out.count()) / 1'000;
  fields.read(key, seconds, range);
  out = milliseconds(std::llround(seconds * 1'000));
}

void read_small(Fields& fields, std::string_view key, unsigned& out, std::uint64_t least,
                std::uint64_t most) {
  std::uint64_t value = out;
  fields.read(key, value, least, most);
  out = static_cast<unsigned>(value);
}

// Calls `read` with every item of a list that is there.
template <class Read>
void items(Fields& above, std::string_view key, Problems& problems, Read read) {
  const Node* node = above.get(key);
  if (node == nullptr) return;
  if (node->kind != Node::Kind::kList) {
    problems.add(node->mark,
                 "'" + std::string(key) + "' must be a list; found " + std::string(yaml::describe(*node)));
    return;
  }
  for (const Node& item : node->items) read(item);
}

void read_provider(Fields& fields, route::Upstream& upstream, Problems& problems) {
  fields.require("provider");
  const Node* node = fields.get("provider");
  if (node == nullptr) return;
  if (const auto text = yaml::read_text(*node, "provider", problems)) {
    if (const auto provider = route::parse_provider(*text))
      upstream.provider = *provider;
    else
      problems.add(node->mark, "'provider': " + provider.error().message);
  }
}

void read_protocols(Fields& fields, route::Upstream& upstream, Problems& problems) {
  const Node* node = fields.get("protocols");
  if (node == nullptr) return;
  const auto names = yaml::read_texts(*node, "protocols", problems);
  if (!names) return;
  if (names->empty()) problems.add(node->mark, "'protocols' names none; leave it out for the provider's own");
  for (const auto& name : *names) {
    if (const auto protocol = route::parse_protocol(name))
      upstream.protocols.add(*protocol);
    else
      problems.add(node->mark, "'protocols': " + protocol.error().message);
  }
}

void read_tls(Fields& fields, net::ClientOptions& client, Problems& problems) {
  fields.read("ca_file", client.ca_file);
  const Node* node = fields.get("pins");
  if (node == nullptr) return;
  const auto texts = yaml::read_texts(*node, "pins", problems);
  if (!texts) return;
  if (texts->empty())
    problems.add(node->mark, "'pins' names none; leave it out to accept every certificate that verifies");
  for (const auto& text : *texts) {
    if (auto pin = net::parse_pin(text))
      client.pins.push_back(*std::move(pin));
    else
      problems.add(node->mark, "'pins': " + pin.error().message);
  }
}

NamedUpstream read_upstream(const Node& node, Problems& problems) {
  NamedUpstream out;
  route::Upstream& u = out.upstream;
  Fields fields(node, "an upstream", problems);
  fields.require("name");
  fields.read("name", u.name);
  read_provider(fields, u, problems);
  fields.read("url", out.url);
  fields.read("api_key_env", out.api_key_env);
  fields.read("api_key_file", out.api_key_file);
  fields.read("pass_authorization", u.pass_authorization);
  if (node.find("api_key") != nullptr)
    problems.add(
        fields.get("api_key")->mark,
        "'api_key' must not stand in this file; name the variable (api_key_env) or the file (api_key_file) "
        "that holds it");
  read_protocols(fields, u, problems);
  section(fields, "timeouts", problems, [&](Fields& f) {
    read_seconds(f, "connect_s", u.client.connect_timeout, {0.1, 600});
    read_seconds(f, "response_s", u.client.response_timeout, {0.1, 3'600});
    read_seconds(f, "read_s", u.client.read_timeout, {0.1, 3'600});
  });
  section(fields, "tls", problems, [&](Fields& f) { read_tls(f, u.client, problems); });
  section(fields, "aws", problems, [&](Fields& f) {
    f.read("region", u.aws.region);
    f.read("access_key_id_env", out.access_key_id_env);
    f.read("secret_access_key_env", out.secret_access_key_env);
    f.read("session_token_env", out.session_token_env);
  });
  section(fields, "breaker", problems, [&](Fields& f) {
    read_small(f, "failures", u.breaker.failures, 0, 1'000);
    f.read("share", u.breaker.share, {0.01, 2});
    read_small(f, "window", u.breaker.window, 1, 64);
    read_seconds(f, "pause_s", u.breaker.pause, {0.1, 3'600});
    read_seconds(f, "longest_pause_s", u.breaker.longest_pause, {0.1, 3'600});
  });
  read_small(fields, "retries", u.retries, 0, 5);
  read_seconds(fields, "retry_after_most_s", u.retry_after_most, {0, 60});
  fields.finish();
  return out;
}

// An upstream's name, or a mapping with more.
std::optional<route::Target> read_target(const Node& node, bool weighted, Problems& problems) {
  route::Target out;
  if (node.kind == Node::Kind::kScalar) {
    out.upstream = node.text;
    return out;
  }
  if (node.kind != Node::Kind::kMap) {
    problems.add(node.mark, "a target must be an upstream's name, or a mapping with 'upstream'; found " +
                                std::string(yaml::describe(node)));
    return std::nullopt;
  }
  Fields fields(node, "a target", problems);
  fields.require("upstream");
  fields.read("upstream", out.upstream);
  if (weighted) read_small(fields, "weight", out.weight, 0, 1'000'000);
  fields.read("model", out.model);
  fields.finish();
  return out;
}

route::Route read_route(const Node& node, Problems& problems) {
  route::Route out;
  Fields fields(node, "a route", problems);
  fields.require("model");
  fields.read("model", out.model);
  fields.require("to");
  items(fields, "to", problems, [&](const Node& item) {
    if (auto target = read_target(item, true, problems)) out.to.push_back(*std::move(target));
  });
  items(fields, "fallback", problems, [&](const Node& item) {
    if (auto target = read_target(item, false, problems)) out.fallback.push_back(*std::move(target));
  });
  fields.finish();
  return out;
}

}  // namespace

void read_upstreams(Fields& file, Config& c, Problems& problems) {
  items(file, "upstreams", problems,
        [&](const Node& node) { c.upstreams.push_back(read_upstream(node, problems)); });
  items(file, "routes", problems, [&](const Node& node) { c.routes.push_back(read_route(node, problems)); });
}

}  // namespace plimsoll::app
