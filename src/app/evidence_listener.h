// The Risk & Evidence Service, running: a thread, its loop, its listener.
#pragma once

#include <memory>
#include <string>

#include "listener.h"
#include "res/service.h"

namespace plimsoll::app {

class EvidenceListener {
 public:
  // Listens; answers from start() on. `log` is the log in Config::storage, and outlives this.
  // `authenticator` may be null, `traffic` and `cosigned` may be empty.
  static Result<std::unique_ptr<EvidenceListener>> create(
      const Config& config, const std::string& commitment_key, ledger::Ledger& log, net::Metrics& metrics,
      identity::Authenticator* authenticator, std::function<std::optional<res::Traffic>()> traffic,
      std::function<std::string()> cosigned, std::function<std::vector<IncidentClock>()> clocks);
  ~EvidenceListener();
  EvidenceListener(const EvidenceListener&) = delete;
  EvidenceListener& operator=(const EvidenceListener&) = delete;

  void start() { listener_.start(); }
  void stop(std::chrono::milliseconds patience) { listener_.stop(patience); }

 private:
  explicit EvidenceListener(res::Options options, ledger::Sink& log, net::Metrics& metrics);

  Listener listener_;
  res::Service service_;
};

}  // namespace plimsoll::app
