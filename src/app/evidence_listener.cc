#include "evidence_listener.h"

#include <filesystem>

namespace plimsoll::app {

Result<std::unique_ptr<EvidenceListener>> EvidenceListener::create(
    const Config& config, const std::string& commitment_key, ledger::Ledger& log, net::Metrics& metrics,
    identity::Authenticator* authenticator, std::function<std::optional<res::Traffic>()> traffic,
    std::function<std::string()> cosigned, std::function<std::vector<IncidentClock>()> clocks) {
  const std::filesystem::path storage(config.storage);
  auto attestation_key =
      evidence::PrivateKey::load_or_create((storage / "keys" / "attestation.pem").string());
  if (!attestation_key) return std::unexpected(std::move(attestation_key).error());
  res::Options options{.log_directory = {},
                       .artifact_directory = {},
                       .commitment_key = {},
                       .authenticator = authenticator,
                       .attestation_key = *attestation_key,
                       .attestation_base = config.attestation_base,
                       .published = &log.reader(),
                       .cosigned = std::move(cosigned),
                       .traffic = std::move(traffic),
                       .clocks = std::move(clocks)};
  options.log_directory = (storage / "log").string();
  options.artifact_directory = (storage / "artifacts").string();
  options.commitment_key = commitment_key;
  std::unique_ptr<EvidenceListener> out(new EvidenceListener(std::move(options), log, metrics));

  auto listen = server_options(config, config.ports.evidence, evidence::kMaxSubmissionBytes);
  auto* const service = &out->service_;
  listen.open_sink = [service](const net::Request& head) { return service->open_sink(head); };
  if (auto bound = out->listener_.listen(listen, out->service_); !bound)
    return std::unexpected(std::move(bound).error());
  return out;
}

EvidenceListener::EvidenceListener(res::Options options, ledger::Sink& log, net::Metrics& metrics)
    : service_(listener_.loop(), std::move(options), log, metrics) {}

EvidenceListener::~EvidenceListener() {
  stop(std::chrono::milliseconds(0));  // the listener goes before what it serves
}

}  // namespace plimsoll::app
