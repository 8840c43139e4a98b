// The Risk & Evidence Service: what is submitted as evidence, what it adds up to, and incidents. Routes: docs/evidence.md.
#pragma once

#include <boost/asio/io_context.hpp>
#include <expected>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "evidence/ed25519.h"
#include "evidence/index.h"
#include "evidence/log_entries.h"
#include "identity/authenticator.h"
#include "ledger/ledger.h"
#include "ledger/log_reader.h"
#include "model/incident_clock.h"
#include "net/http.h"
#include "net/metrics.h"

namespace plimsoll::res {

// What a gateway in the same process has done since the start.
struct Traffic {
  std::uint64_t requests = 0;  // to models
  std::uint64_t failures = 0;  // of these, answered with a status of 500 or more
  double p95_seconds = 0;      // an upper bound: of the histogram's bucket
};

struct Options {
  std::string log_directory;       // of the log that `log` writes
  std::string artifact_directory;  // of what is uploaded
  std::string commitment_key;      // 32 bytes: users stand in the log as pseudonyms under it
  identity::Authenticator* authenticator =
      nullptr;  // outlives the service; null: anybody who reaches the port
  std::chrono::milliseconds record_timeout{5'000};  // how long a reply waits for its entry to be on disk

  // Signs statements about what is submitted, and exports.
  evidence::PrivateKey attestation_key;
  std::string attestation_base{evidence::kPlaceholderBase};  // URI below which our own predicates are

  // What the log publishes of itself; outlives the service. Null: no checkpoints, and so no proofs and no bundles.
  const ledger::LogReader* published = nullptr;
  // The latest checkpoint that enough witnesses signed; empty when there is none. May be empty itself.
  std::function<std::string()> cosigned = {};

  std::function<std::optional<Traffic>()> traffic;  // may be empty

  // The clocks that incidents have, as the policy says at the moment; any thread. May be empty: the usual ones.
  std::function<std::vector<IncidentClock>()> clocks = {};
};

// Answers requests on one loop. What reads files or computes for long runs on a thread of its own, so that the loop
// goes on; at most kMaxWaiting such requests wait for it, others get 503.
class Service {
 public:
  // The index is rebuilt from the log in the background; until then everything but health answers 503.
  Service(boost::asio::io_context& loop, Options options, ledger::Sink& log, net::Metrics& metrics);
  ~Service();
  Service(const Service&) = delete;
  Service& operator=(const Service&) = delete;

  // Method and path of every route, as identity::permissions() calls it.
  static std::vector<std::pair<std::string_view, std::string_view>> routes();

  // With a refusal: answers that.
  net::Task<> handle(net::Exchange& exchange, std::optional<net::Refusal> refused = {});
  // For ServerOptions::open_sink: uploads go to disk as they arrive.
  std::expected<std::shared_ptr<net::BodySink>, net::Refusal> open_sink(const net::Request& head);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

inline constexpr std::size_t kMaxWaiting = 64;

}  // namespace plimsoll::res
