// The configuration file: docs/configuration.md lists its keys.
#include "config.h"
#include "config_upstreams.h"
#include "yaml/fields.h"

namespace plimsoll::app {
namespace {

void read_port(yaml::Fields& fields, std::string_view key, std::uint16_t& out) {
  std::uint64_t port = out;
  fields.read(key, port, 1, 65'535);
  out = static_cast<std::uint16_t>(port);
}

void read_seconds(yaml::Fields& fields, std::string_view key, std::uint32_t& out) {
  std::uint64_t seconds = out;
  fields.read(key, seconds, 1, 86'400);
  out = static_cast<std::uint32_t>(seconds);
}

}  // namespace

void read_file(const std::string& path, Config& c, std::vector<std::string>& out) {
  const auto text = yaml::read_file(path);
  if (!text) {
    for (const auto& problem : text.error()) out.push_back(yaml::to_string(problem));
    return;
  }
  yaml::Problems problems(path);
  if (const auto root = yaml::parse_yaml(*text, problems)) {
    yaml::Fields file(*root, "the configuration", problems);
    section(file, "listen", problems, [&](yaml::Fields& f) {
      f.read("host", c.host);
      read_port(f, "gateway_port", c.ports.gateway);
      read_port(f, "evidence_port", c.ports.evidence);
      read_port(f, "control_port", c.ports.control);
      f.read("dashboard_host", c.dashboard_host);
      read_port(f, "dashboard_port", c.ports.dashboard);
      read_port(f, "prometheus_port", c.ports.prometheus);
      f.read("tls_certificate", c.tls_certificate);
      f.read("tls_key", c.tls_key);
      f.read("max_body_bytes", c.max_body_bytes, 1'024, 1U << 30U);
      f.read("max_compression_ratio", c.max_compression_ratio, 1, 10'000);
      f.read("http2", c.http2);
      f.read("max_concurrent_streams", c.max_concurrent_streams, 1, 10'000);
    });
    std::uint64_t workers = c.workers;
    file.read("workers", workers, 1, 256);
    c.workers = static_cast<unsigned>(workers);
    file.read("policy", c.policy_file);
    file.read("risk_model", c.risk_model);
    file.read("corpus", c.corpus);
    section(file, "storage", problems, [&](yaml::Fields& f) {
      f.read("path", c.storage);
      f.read("master_key_command", c.master_key_command);
      f.read("segment_bytes", c.segment_bytes, 128U << 10U, 1U << 30U);
      f.read("database", c.database);
      f.read("database_backup", c.database_backup);
    });
    section(file, "evidence", problems,
            [&](yaml::Fields& f) { f.read("attestation_base", c.attestation_base); });
    section(file, "upstream", problems, [&](yaml::Fields& f) {
      f.read("provider", c.provider);
      f.read("url", c.upstream_url);
      f.read("api_key", c.upstream_key);
      f.read("ca_file", c.upstream_ca_file);
      std::uint64_t timeout = c.upstream_timeout_s;
      f.read("timeout_s", timeout, 1, 3'600);
      c.upstream_timeout_s = static_cast<std::uint32_t>(timeout);
      f.read("max_answer_bytes", c.max_answer_bytes, 1'024, 1U << 30U);
    });
    read_upstreams(file, c, problems);
    read_guards(file, c, problems);
    read_anchors(file, c, problems);
    read_notices(file, c, problems);
    section(file, "metrics", problems, [&](yaml::Fields& f) { f.read("enabled", c.metrics); });
    section(file, "auth", problems, [&](yaml::Fields& f) {
      f.read("enabled", c.auth);
      f.read("jwt_secret", c.jwt_secret);
      f.read("jwks_url", c.jwks_url);
      f.read("jwks_file", c.jwks_file);
      f.read("jwks_ca_file", c.jwks_ca_file);
      read_seconds(f, "jwks_refresh_s", c.jwks_refresh_s);
      read_seconds(f, "jwks_least_interval_s", c.jwks_least_interval_s);
      f.read("issuer", c.jwt_issuer);
      f.read("audience", c.jwt_audience);
      f.read("single_use_tokens", c.single_use_tokens);
      f.read("keys_file", c.keys_file);
    });
    section(file, "log", problems, [&](yaml::Fields& f) { f.read("level", c.log_level); });
    file.finish();
  }
  for (const auto& problem : problems.take()) out.push_back(yaml::to_string(problem));
}

}  // namespace plimsoll::app
