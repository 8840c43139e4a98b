// The Risk & Evidence Service, running: a thread, its loop, its listener.
#pragma once

#include <boost/asio/io_context.hpp>
#include <memory>
#include <string>
#include <thread>

#include "config.h"
#include "net/server.h"
#include "res/service.h"

namespace plimsoll::app {

class EvidenceListener {
 public:
  // Listens; answers from start() on. `log` is the log in Config::storage, and outlives this.
  // `traffic` and `cosigned` may be empty.
  static Result<std::unique_ptr<EvidenceListener>> create(
      const Config& config, const std::string& commitment_key, ledger::Ledger& log, net::Metrics& metrics,
      std::function<std::optional<res::Traffic>()> traffic, std::function<std::string()> cosigned);
  ~EvidenceListener();
  EvidenceListener(const EvidenceListener&) = delete;
  EvidenceListener& operator=(const EvidenceListener&) = delete;

  void start();
  // Lets requests finish, for as long as `patience`, and stops.
  void stop(std::chrono::milliseconds patience);

 private:
  explicit EvidenceListener(res::Options options, ledger::Sink& log, net::Metrics& metrics);

  boost::asio::io_context loop_{1};
  res::Service service_;
  std::unique_ptr<net::Server> server_;
  std::thread thread_;
};

}  // namespace plimsoll::app
