#include "config.h"

#include <unistd.h>

#include <algorithm>
#include <charconv>

#include "config_auth.h"
#include "config_upstreams.h"

namespace plimsoll::app {
namespace {

bool is_loopback(std::string_view host) {
  return host == "localhost" || host == "::1" || host.starts_with("127.");
}

// One text value into one setting; what was expected when it does not fit.
std::optional<std::string> set(std::string_view text, bool& out) {
  std::string lower(text);
  std::ranges::transform(lower, lower.begin(),
                         [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  if (lower == "true" || lower == "1" || lower == "yes" || lower == "on")
    out = true;
  else if (lower == "false" || lower == "0" || lower == "no" || lower == "off" || lower.empty())
    out = false;
  else
    return "expected true or false";
  return std::nullopt;
}

template <std::unsigned_integral T>
std::optional<std::string> set(std::string_view text, T& out, T least, T most) {
  T value{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size() || value < least || value > most)
    return "expected a whole number from " + std::to_string(least) + " to " + std::to_string(most);
  out = value;
  return std::nullopt;
}

std::optional<std::string> set(std::string_view text, std::string& out) {
  out = text;
  return std::nullopt;
}

// Passwords of URLs, of PostgreSQL's other ways to write an address, too.
std::string without_passwords(std::string text) {
  constexpr std::string_view kHidden = "***", kNamed = "password=";
  for (auto at = text.find("://"); at != std::string::npos; at = text.find("://", at + 3)) {
    const auto host = text.substr(at + 3, text.find_first_of("/?# ", at + 3) - at - 3);
    const auto end = host.rfind('@'), begin = host.find(':');
    if (end != std::string::npos && begin < end) text.replace(at + 4 + begin, end - begin - 1, kHidden);
  }
  for (auto at = text.find(kNamed); at != std::string::npos; at = text.find(kNamed, at + kNamed.size())) {
    const auto value = at + kNamed.size();
    const auto end = text.find_first_of("& ", value);
    text.replace(value, (end == std::string::npos ? text.size() : end) - value, kHidden);
  }
  return text;
}

}  // namespace

void read_environment(const Environment& environment, Config& c, std::vector<std::string>& problems) {
  const auto read = [&](std::string_view name, auto setter) {
    const auto value = environment(name);
    if (!value) return;
    if (const auto expected = setter(*value)) problems.push_back(std::string(name) + ": " + *expected);
  };
  const auto text = [&](std::string_view name, std::string& out) {
    read(name, [&](std::string_view v) { return set(v, out); });
  };
  const auto flag = [&](std::string_view name, bool& out) {
    read(name, [&](std::string_view v) { return set(v, out); });
  };
  const auto port = [&](std::string_view name, std::uint16_t& out) {
    read(name, [&](std::string_view v) { return set<std::uint16_t>(v, out, 1, 65'535); });
  };
  text("API_HOST", c.host);
  port("API_PORT", c.ports.control);
  port("GATEWAY_PORT", c.ports.gateway);
  port("EVIDENCE_PORT", c.ports.evidence);
  read("API_WORKERS", [&](std::string_view v) { return set<unsigned>(v, c.workers, 1, 256); });
  text("DASHBOARD_HOST", c.dashboard_host);
  port("DASHBOARD_PORT", c.ports.dashboard);
  text("DATABASE_PATH", c.database);
  text("DATABASE_URL", c.database);
  flag("DATABASE_BACKUP_ENABLED", c.database_backup);
  flag("METRICS_ENABLED", c.metrics);
  port("PROMETHEUS_PORT", c.ports.prometheus);
  flag("ENABLE_AUTH", c.auth);
  text("JWT_SECRET_KEY", c.jwt_secret);
  text("JWT_JWKS_URL", c.jwks_url);
  text("JWT_JWKS_FILE", c.jwks_file);
  text("JWT_JWKS_CA_FILE", c.jwks_ca_file);
  text("JWT_ISSUER", c.jwt_issuer);
  text("JWT_AUDIENCE", c.jwt_audience);
  flag("JWT_SINGLE_USE", c.single_use_tokens);
  text("API_KEYS_FILE", c.keys_file);
  text("LOG_LEVEL", c.log_level);
  text("PAC_CONFIG", c.policy_file);
  text("PLIMSOLL_RISK_MODEL", c.risk_model);
  text("PLIMSOLL_CORPUS", c.corpus);
  text("PAC_UPSTREAM_URL", c.upstream_url);
  text("PAC_UPSTREAM_API_KEY", c.upstream_key);
  text("PAC_UPSTREAM_CA_FILE", c.upstream_ca_file);
  read("PAC_UPSTREAM_TIMEOUT",
       [&](std::string_view v) { return set<std::uint32_t>(v, c.upstream_timeout_s, 1, 3'600); });
  text("PAC_LLM_PROVIDER", c.provider);
  text("STORAGE_PATH", c.storage);
  text("PLIMSOLL_ATTESTATION_BASE", c.attestation_base);
  text("TLS_CERT_FILE", c.tls_certificate);
  text("TLS_KEY_FILE", c.tls_key);
  read_upstream_secrets(environment, c, problems);
  read_guard_secrets(environment, c, problems);
  read_notice_secrets(environment, c, problems);
}

std::vector<std::string> Config::problems() const {
  std::vector<std::string> out;
  const auto add = [&](std::string text) { out.push_back(std::move(text)); };
  if (!auth && !insecure && !is_loopback(host))
    add("API_HOST (listen.host): without authentication only loopback may be bound; set ENABLE_AUTH=true "
        "with a "
        "JWT_SECRET_KEY, or pass --insecure to accept that anyone who reaches the port may use it");
  for (auto& problem : auth_problems(*this)) add(std::move(problem));
  if (!parse_log_level(log_level)) add("LOG_LEVEL (log.level): expected debug, info, warn or error");
  if (const auto g = guard_servers(); !g) out.insert(out.end(), g.error().begin(), g.error().end());
  if (const auto r = routing(); !r) out.insert(out.end(), r.error().begin(), r.error().end());
  if (!policy_file.empty() && ::access(policy_file.c_str(), R_OK) != 0)
    add("PAC_CONFIG (policy): " + policy_file + " cannot be read");
  if (tls_certificate.empty() != tls_key.empty())
    add("TLS_CERT_FILE and TLS_KEY_FILE (listen.tls_certificate, listen.tls_key): one is useless without the "
        "other; set both, or neither for plain HTTP");
  for (const auto& file : {tls_certificate, tls_key})
    if (!file.empty() && ::access(file.c_str(), R_OK) != 0)
      add("TLS_CERT_FILE, TLS_KEY_FILE (listen.tls_certificate, listen.tls_key): " + file +
          " cannot be read");
  if (!attestation_base.starts_with("https://") || attestation_base.ends_with('/') ||
      attestation_base.size() > 200 || attestation_base.find_first_of(" \"<>\\^`{|}?#") != std::string::npos)
    add("PLIMSOLL_ATTESTATION_BASE (evidence.attestation_base): expected a URL of yours such as "
        "https://ai.example.com, without a slash at its end");
  if (const auto d = destinations(); !d) out.insert(out.end(), d.error().begin(), d.error().end());
  for (const auto& problem : anchors.problems()) add("anchors: " + problem);
  if (storage.empty()) add("STORAGE_PATH (storage.path): must not be empty");
  return out;
}

std::string Config::describe() const {
  const auto yes = [](bool b) { return b ? "true" : "false"; };
  const auto secret = [](const std::string& s) { return s.empty() ? "(not set)" : "(set)"; };
  std::string out;
  const auto line = [&](std::string_view name, const std::string& value) {
    out.append(name).append(": ").append(value.empty() ? "\"\"" : without_passwords(value)).append("\n");
  };
  line("listen.host", host);
  line("listen.gateway_port", std::to_string(ports.gateway));
  line("listen.evidence_port", std::to_string(ports.evidence));
  line("listen.control_port", std::to_string(ports.control));
  line("listen.dashboard_host", dashboard_host);
  line("listen.dashboard_port", std::to_string(ports.dashboard));
  line("listen.prometheus_port", std::to_string(ports.prometheus));
  line("listen.tls_certificate", tls_certificate);
  line("listen.tls_key", tls_key);
  line("listen.max_body_bytes", std::to_string(max_body_bytes));
  line("listen.max_compression_ratio", std::to_string(max_compression_ratio));
  line("listen.http2", yes(http2));
  line("listen.max_concurrent_streams", std::to_string(max_concurrent_streams));
  line("workers", workers == 0 ? "one per processor" : std::to_string(workers));
  line("policy", policy_file.empty() ? "(shipped)" : policy_file);
  line("risk_model", risk_model.empty() ? "(the program's own)" : risk_model);
  line("corpus", corpus.empty() ? "(none)" : corpus);
  line("storage.path", storage);
  line("storage.segment_bytes", std::to_string(segment_bytes));
  line("storage.master_key_command", master_key_command);
  line("storage.database", database);
  line("storage.database_backup", yes(database_backup));
  line("upstream.provider", provider);
  line("upstream.url", upstream_url);
  line("upstream.api_key", secret(upstream_key));
  line("upstream.ca_file", upstream_ca_file);
  line("upstream.timeout_s", std::to_string(upstream_timeout_s));
  line("upstream.max_answer_bytes", std::to_string(max_answer_bytes));
  for (std::size_t i = 0; i < upstreams.size(); ++i)
    line("upstreams[" + std::to_string(i) + "]", describe_upstream(upstreams[i]));
  for (std::size_t i = 0; i < guards.size(); ++i)
    line("guards[" + std::to_string(i) + "]",
         guards[i].server.name + ": " +
             std::string(guards[i].server.encoder ? "onnx" : to_string(guards[i].server.kind)) + ", " +
             std::to_string(guards[i].server.deadline.count()) + " ms");
  for (std::size_t i = 0; i < routes.size(); ++i)
    line("routes[" + std::to_string(i) + "]", describe_route(routes[i]));
  for (const auto& w : anchors.witnesses) line("anchors.witnesses", w.key.name + " at " + w.url);
  line("anchors.quorum", std::to_string(anchors_quorum));
  line("anchors.time_stamps.url", anchors.stamp_url);
  if (const auto d = destinations())
    for (std::size_t i = 0; i < d->size(); ++i)
      line("notices[" + std::to_string(i) + "]", (*d)[i].describe());
  line("evidence.attestation_base", attestation_base);
  line("metrics.enabled", yes(metrics));
  line("auth.enabled", yes(auth));
  line("auth.jwt_secret", secret(jwt_secret));
  line("auth.jwks_url", jwks_url);
  line("auth.jwks_file", jwks_file);
  line("auth.jwks_ca_file", jwks_ca_file);
  line("auth.jwks_refresh_s", std::to_string(jwks_refresh_s));
  line("auth.jwks_least_interval_s", std::to_string(jwks_least_interval_s));
  line("auth.issuer", jwt_issuer);
  line("auth.audience", jwt_audience);
  line("auth.single_use_tokens", yes(single_use_tokens));
  line("auth.keys_file", api_keys_file(*this));
  line("log.level", log_level);
  return out;
}

}  // namespace plimsoll::app
