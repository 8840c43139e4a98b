#include "config_auth.h"

#include <unistd.h>

#include <algorithm>
#include <array>

namespace plimsoll::app {
namespace {

// What documents and examples put where a secret belongs.
bool is_placeholder(std::string_view secret) {
  std::string lower(secret);
  std::ranges::transform(lower, lower.begin(),
                         [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  constexpr std::array kKnown = {"your-secret-key", "your_secret_key", "changeme", "change-me", "change_me",
                                 "secret",          "placeholder",     "password", "example",   "replace"};
  return std::ranges::any_of(kKnown,
                             [&](std::string_view known) { return lower.find(known) != std::string::npos; });
}

bool is_repetitive(std::string_view secret) {
  return std::ranges::all_of(secret, [&](char c) { return c == secret.front(); });
}

}  // namespace

std::string api_keys_file(const Config& config) {
  return config.keys_file.empty() ? config.storage + "/keys/api-keys.json" : config.keys_file;
}

identity::KeySourceOptions key_source_options(const Config& config) {
  identity::KeySourceOptions out;
  out.url = config.jwks_url;
  out.file = config.jwks_file;
  out.ca_file = config.jwks_ca_file;
  out.refresh = std::chrono::seconds(config.jwks_refresh_s);
  out.least_interval = std::chrono::seconds(config.jwks_least_interval_s);
  return out;
}

std::vector<std::string> auth_problems(const Config& c) {
  std::vector<std::string> out;
  if (!c.auth) return out;
  const auto add = [&](std::string text) { out.push_back(std::move(text)); };
  const bool issuer = !c.jwks_url.empty() || !c.jwks_file.empty();
  const bool keys = ::access(api_keys_file(c).c_str(), F_OK) == 0;
  if (c.jwt_secret.size() < 32 && (!c.jwt_secret.empty() || (!issuer && !keys)))
    add("JWT_SECRET_KEY (auth.jwt_secret): with authentication on it must have at least 32 characters; "
        "make one with: openssl rand -hex 32. Without it callers need keys of a token issuer (JWT_JWKS_URL) "
        "or API keys (plimsoll api-key create)");
  else if (!c.jwt_secret.empty() && (is_placeholder(c.jwt_secret) || is_repetitive(c.jwt_secret)))
    add("JWT_SECRET_KEY (auth.jwt_secret): this is a placeholder, not a secret; make one with: openssl rand "
        "-hex 32");
  for (const auto& problem : key_source_options(c).problems())
    add("JWT_JWKS_URL, JWT_JWKS_FILE (auth.jwks_url, auth.jwks_file): " + problem);
  if (issuer && (c.jwt_issuer.empty() || c.jwt_audience.empty()))
    add("JWT_ISSUER, JWT_AUDIENCE (auth.issuer, auth.audience): both are needed with keys of a token issuer, "
        "who issues tokens for others, too");
  return out;
}

}  // namespace plimsoll::app
