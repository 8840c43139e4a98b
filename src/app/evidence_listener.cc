#include "evidence_listener.h"

#include <boost/asio/post.hpp>
#include <filesystem>
#include <future>

namespace plimsoll::app {

namespace asio = boost::asio;

Result<std::unique_ptr<EvidenceListener>> EvidenceListener::create(
    const Config& config, const std::string& commitment_key, ledger::Ledger& log, net::Metrics& metrics,
    std::function<std::optional<res::Traffic>()> traffic, std::function<std::string()> cosigned) {
  const std::filesystem::path storage(config.storage);
  auto attestation_key =
      evidence::PrivateKey::load_or_create((storage / "keys" / "attestation.pem").string());
  if (!attestation_key) return std::unexpected(std::move(attestation_key).error());
  res::Options options{.log_directory = {},
                       .artifact_directory = {},
                       .commitment_key = {},
                       .authenticator = {},
                       .attestation_key = *attestation_key,
                       .attestation_base = config.attestation_base,
                       .published = &log.reader(),
                       .cosigned = std::move(cosigned),
                       .traffic = std::move(traffic)};
  options.log_directory = (storage / "log").string();
  options.artifact_directory = (storage / "artifacts").string();
  options.commitment_key = commitment_key;
  if (config.auth) options.authenticator.emplace(config.jwt_secret);
  std::unique_ptr<EvidenceListener> out(new EvidenceListener(std::move(options), log, metrics));

  net::ServerOptions listen;
  listen.host = config.host;
  listen.port = config.ports.evidence;
  listen.max_body_bytes = evidence::kMaxSubmissionBytes;
  listen.max_compression_ratio = config.max_compression_ratio;
  listen.http2 = config.http2;
  listen.max_concurrent_streams = config.max_concurrent_streams;
  listen.certificate_file = config.tls_certificate;
  listen.key_file = config.tls_key;
  auto* const service = &out->service_;
  listen.open_sink = [service](const net::Request& head) { return service->open_sink(head); };
  auto server = net::Server::listen(
      out->loop_, listen, [service](net::Exchange& exchange) { return service->handle(exchange); },
      [service](net::Exchange& exchange, net::Refusal why) { return service->handle(exchange, why); });
  if (!server) return std::unexpected(std::move(server).error());
  out->server_ = *std::move(server);
  return out;
}

EvidenceListener::EvidenceListener(res::Options options, ledger::Sink& log, net::Metrics& metrics)
    : service_(loop_, std::move(options), log, metrics) {}

EvidenceListener::~EvidenceListener() {
  stop(std::chrono::milliseconds(0));
}

void EvidenceListener::start() {
  thread_ = std::thread([this] {
    const auto keep = asio::make_work_guard(loop_);
    loop_.run();
  });
}

void EvidenceListener::stop(std::chrono::milliseconds patience) {
  if (!thread_.joinable()) return;
  asio::post(loop_, [this] { server_->drain(); });
  const auto end = std::chrono::steady_clock::now() + patience;
  for (bool idle = false; !idle && std::chrono::steady_clock::now() < end;) {
    std::promise<std::size_t> left;
    auto connections = left.get_future();
    asio::post(loop_, [this, &left] { left.set_value(server_->connections()); });
    idle = connections.get() == 0;
    if (!idle) std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
  asio::post(loop_, [this] {
    server_->close();
    loop_.stop();
  });
  thread_.join();
}

}  // namespace plimsoll::app
