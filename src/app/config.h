// What `plimsoll serve` is told: defaults, then a YAML file, then the environment, then flags.
#pragma once

#include <cstdint>
#include <expected>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "anchor/anchors.h"
#include "base/log.h"
#include "base/result.h"
#include "evidence/entry.h"
#include "gateway/guard_server.h"
#include "notify/notifier.h"
#include "route/upstream.h"

namespace plimsoll::app {

// Every listener's port. The dashboard is configured already so that one file serves every version.
struct Ports {
  std::uint16_t gateway = 8081;
  std::uint16_t evidence = 8080;
  std::uint16_t control = 8000;
  std::uint16_t dashboard = 8501;
  std::uint16_t prometheus = 9090;
};

// One of `guards`: its key is read from the environment at start.
struct NamedGuard {
  gateway::GuardServer server;  // but for its origin and key
  std::string url;
  std::string api_key_env;
};

// One of `upstreams`: what the file says of it. Keys are read from where it says at start.
struct NamedUpstream {
  route::Upstream upstream;  // but for its origin and, until read_environment(), its keys
  std::string url;           // empty: the provider's own
  std::string api_key_env;
  std::string api_key_file;
  std::string access_key_id_env;  // these three empty: AWS_ACCESS_KEY_ID and so on
  std::string secret_access_key_env;
  std::string session_token_env;
};

// One of `notices`: its secrets are read from where it says at start.
struct NamedDestination {
  notify::Destination destination;  // but for its secrets
  std::string url_env, url_file, secret_env, secret_file;
  std::string url, secret;  // from the variables
};

// Which listeners a process runs.
enum class Listeners : std::uint8_t { kAll, kGateway, kEvidence, kControl };

struct Config {
  Listeners role = Listeners::kAll;          // --role
  std::string host = "127.0.0.1";            // API_HOST, listen.host: of every API listener
  std::string dashboard_host = "127.0.0.1";  // DASHBOARD_HOST
  Ports ports;
  unsigned workers = 0;   // API_WORKERS; 0: one per processor
  bool insecure = false;  // --insecure: bind beyond loopback without authentication

  std::string policy_file;         // PAC_CONFIG; empty: the shipped policy
  std::string risk_model;          // PLIMSOLL_RISK_MODEL; a model file; empty: the program's own
  std::string corpus;              // PLIMSOLL_CORPUS; index of protected works; empty: none
  std::string storage = "./data";  // STORAGE_PATH
  // Prints the vault's master key (base64), where PLIMSOLL_MASTER_KEY does not hold it; empty: a file of the storage's own
  std::string master_key_command;
  std::string
      database;  // DATABASE_URL or DATABASE_PATH: PostgreSQL's address, or DuckDB's file; empty: inside the storage
  bool database_backup = false;  // DATABASE_BACKUP_ENABLED

  std::string provider = "http";                       // PAC_LLM_PROVIDER
  std::string upstream_url = "http://localhost:8000";  // PAC_UPSTREAM_URL
  std::string upstream_key;                            // PAC_UPSTREAM_API_KEY [+]
  std::string upstream_ca_file;                        // PAC_UPSTREAM_CA_FILE [+]
  std::uint32_t upstream_timeout_s = 120;
  std::uint64_t max_answer_bytes = 32U << 20U;  // streamed or not
  route::AwsCredentials aws;                    // AWS_REGION, AWS_ACCESS_KEY_ID, …: for bedrock

  std::vector<NamedGuard> guards;        // asked for second opinions
  std::vector<NamedUpstream> upstreams;  // beside the one above, which is called "default"
  std::vector<route::Route> routes;

  anchor::Options anchors;         // who is shown the log's checkpoints; its folder is inside the storage
  std::size_t anchors_quorum = 0;  // how many witnesses must have signed one

  std::vector<NamedDestination> notices;  // who is told of what the log says

  bool metrics = true;       // METRICS_ENABLED
  bool auth = false;         // ENABLE_AUTH
  std::string jwt_secret;    // JWT_SECRET_KEY; empty: no tokens of HS256
  std::string jwks_url;      // JWT_JWKS_URL: of the token issuer's keys
  std::string jwks_file;     // JWT_JWKS_FILE: or a file of them
  std::string jwks_ca_file;  // JWT_JWKS_CA_FILE: certificates to trust for the URL
  std::uint32_t jwks_refresh_s = 300, jwks_least_interval_s = 10;  // see identity::KeySourceOptions
  std::string jwt_issuer, jwt_audience;  // JWT_ISSUER, JWT_AUDIENCE: what tokens must say
  bool single_use_tokens = false;        // JWT_SINGLE_USE
  std::string keys_file;                 // API_KEYS_FILE; empty: inside the storage
  std::string log_level = "info";        // LOG_LEVEL

  std::string tls_certificate;  // TLS_CERT_FILE, listen.tls_certificate: PEM chain; empty: plain HTTP
  std::string tls_key;          // TLS_KEY_FILE, listen.tls_key: PEM
  std::uint64_t max_body_bytes = 8U << 20U;
  std::uint64_t max_compression_ratio = 100;  // these three: net::ServerOptions
  std::uint64_t max_concurrent_streams = 100;
  bool http2 = true;
  std::uint64_t segment_bytes = 64U << 20U;  // of the decision log's files
  std::string attestation_base{
      evidence::kPlaceholderBase};  // PLIMSOLL_ATTESTATION_BASE, evidence.attestation_base

  // The guards as the gateway takes them, or every reason why not.
  std::expected<std::vector<gateway::GuardServer>, std::vector<std::string>> guard_servers() const;

  // Who gets notices, as the notifier takes them; reads the files that hold secrets. Or every reason why not.
  std::expected<std::vector<notify::Destination>, std::vector<std::string>> destinations() const;

  // The upstreams and routes as the gateway takes them; reads the files that hold keys. Or every reason why not.
  std::expected<route::Settings, std::vector<std::string>> routing() const;

  // Every reason this cannot be served, each naming the setting and what to do. Empty when usable.
  std::vector<std::string> problems() const;

  // All settings, secrets as "(set)" or "(not set)": for `config show` and the start-up log.
  std::string describe() const;
};

// Reads one variable of the environment; nullopt when it is not set. `getenv` in the program, a map in tests.
using Environment = std::function<std::optional<std::string>(std::string_view name)>;

// Both add to `problems` what cannot be read, and leave the setting as it was.
void read_file(const std::string& path, Config& config, std::vector<std::string>& problems);
void read_environment(const Environment& environment, Config& config, std::vector<std::string>& problems);

}  // namespace plimsoll::app
