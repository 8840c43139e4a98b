// What may not be configured.
#include <algorithm>
#include <set>

#include "provider.h"

namespace plimsoll::route {
namespace {

constexpr std::size_t kLongestName = 64;
constexpr std::size_t kLongestModel = 256;

// Goes into logs and metrics.
bool is_name(std::string_view text) {
  constexpr std::string_view kAllowed = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._";
  return !text.empty() && text.size() <= kLongestName &&
         text.find_first_not_of(kAllowed) == std::string_view::npos;
}

bool fits_header(std::string_view text) {
  return std::ranges::all_of(text, [](unsigned char c) { return c > 0x20 && c < 0x7f; });
}

using Add = std::vector<std::string>&;

void check_credentials(const Upstream& u, const std::string& at, Add out) {
  const int ways =
      (u.api_key.empty() ? 0 : 1) + (u.pass_authorization ? 1 : 0) + (u.aws.access_key_id.empty() ? 0 : 1);
  if (ways > 1)
    out.push_back(
        at + ": has several kinds of credentials; keep one of an API key, pass_authorization and AWS keys");
  if (!fits_header(u.api_key))
    out.push_back(at +
                  ".api_key: must not contain spaces, line breaks or other characters than printable ASCII");
  if (u.provider != Provider::kBedrock) {
    if (!u.aws.access_key_id.empty()) out.push_back(at + ".aws: only for the provider bedrock");
    return;
  }
  if (u.aws.region.empty() && u.api_key.empty() && !u.pass_authorization)
    out.push_back(at + ".aws.region: must be set, such as us-east-1");
  if (u.aws.access_key_id.empty() != u.aws.secret_access_key.empty())
    out.push_back(at + ".aws: access key id and secret access key belong together; set both");
  if (!is_name(u.aws.region) && !u.aws.region.empty())
    out.push_back(at + ".aws.region: expected a region's name");
  if (!fits_header(u.aws.access_key_id) || !fits_header(u.aws.session_token))
    out.push_back(at + ".aws: a key or token has characters that cannot be sent in a header");
  if (ways == 0)
    out.push_back(
        at + ".aws: has no credentials; set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or api_key_env");
}

void check_upstream(const Upstream& u, const std::string& at, Add out) {
  if (!is_name(u.name)) out.push_back(at + ".name: expected 1 to 64 letters, digits, '-', '_' or '.'");
  if (u.origin.host.empty()) out.push_back(at + ".url: must be set");
  check_credentials(u, at, out);
  if (u.provider == Provider::kBedrock && !u.protocols.empty() &&
      u.protocols != Protocols{wire::Protocol::kMessages})
    out.push_back(at + ".protocols: bedrock speaks messages only");
  if (!u.client.pins.empty() && !u.origin.tls) out.push_back(at + ".tls.pins: need an https:// url");
  for (const auto& pin : u.client.pins)
    if (pin.size() != 32)
      out.push_back(at + ".tls.pins: a pin must be the SHA-256 of a public key, 32 bytes");
  if (u.breaker.window < 1 || u.breaker.window > 64) out.push_back(at + ".breaker.window: expected 1 to 64");
}

void check_targets(const std::vector<Target>& targets, const std::string& at,
                   const std::set<std::string>& names, Add out) {
  for (std::size_t i = 0; i < targets.size(); ++i) {
    const std::string here = at + "[" + std::to_string(i) + "]";
    if (!names.contains(targets[i].upstream)) {
      std::string known;
      for (const auto& name : names) known.append(known.empty() ? "" : ", ").append(name);
      out.push_back(here + ": no upstream of this name; there are: " + known);
    }
    if (targets[i].model.size() > kLongestModel) out.push_back(here + ".model: longer than 256 bytes");
  }
}

void check_routes(const std::vector<Route>& routes, const std::set<std::string>& names, Add out) {
  std::set<std::string> models;
  bool all = false;
  for (std::size_t i = 0; i < routes.size(); ++i) {
    const Route& route = routes[i];
    const std::string at = "routes[" + std::to_string(i) + "]";
    const bool pattern = route.model.find('*') != std::string::npos;
    if (route.model.empty() || route.model.size() > kLongestModel)
      out.push_back(at + ".model: expected a model's name or a pattern, 1 to 256 bytes");
    if (!models.insert(route.model).second)
      out.push_back(at + ".model: is routed twice; put all its upstreams under one route's to");
    else if (pattern && all)
      out.push_back(at + ".model: never applies, for \"*\" stands before it; move \"*\" to the end");
    all = all || (pattern && route.model.find_first_not_of('*') == std::string::npos);
    if (route.to.empty()) out.push_back(at + ".to: must name at least one upstream");
    if (!route.to.empty() && std::ranges::all_of(route.to, [](const Target& t) { return t.weight == 0; }))
      out.push_back(at + ".to: every weight is 0; give one upstream a weight above");
    check_targets(route.to, at + ".to", names, out);
    check_targets(route.fallback, at + ".fallback", names, out);
  }
}

}  // namespace

std::vector<std::string> problems(const Settings& settings) {
  std::vector<std::string> out;
  std::set<std::string> names;
  if (settings.upstreams.empty()) out.emplace_back("upstreams: there must be one at least");
  for (std::size_t i = 0; i < settings.upstreams.size(); ++i) {
    const std::string at = "upstreams[" + std::to_string(i) + "]";
    check_upstream(settings.upstreams[i], at, out);
    if (!names.insert(settings.upstreams[i].name).second)
      out.push_back(at + ".name: is taken already; choose another");
  }
  check_routes(settings.routes, names, out);
  if (!settings.otherwise.empty() && !names.contains(settings.otherwise))
    out.push_back("upstreams: there is none of the name " + settings.otherwise +
                  ", which takes what is not routed");
  return out;
}

}  // namespace plimsoll::route
