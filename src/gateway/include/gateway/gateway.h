// The request path: identify, inspect, decide, record, act, forward; and the answer through the same.
#pragma once

#include <atomic>
#include <boost/asio/io_context.hpp>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/snapshot.h"
#include "decide/accumulate.h"
#include "decide/faults.h"
#include "decide/governance.h"
#include "detect/detector.h"
#include "gateway/guard_server.h"
#include "identity/authenticator.h"
#include "identity/rate_limiter.h"
#include "ledger/ledger.h"
#include "net/http.h"
#include "net/metrics.h"
#include "policy/policy.h"
#include "route/router.h"
#include "vault/vault.h"
#include "verbatim/index.h"

namespace plimsoll::gateway {

struct Options {
  decide::Faults faults;       // none, outside of tests
  std::string commitment_key;  // 32 bytes, where there is no vault; see docs/log_format.md
  // Outlives the gateway. Null: callers are who their request's context says.
  identity::Authenticator* authenticator = nullptr;
  identity::RateLimiter* limiter = nullptr;  // outlives the gateway; null: no limits
  // Protected works that answers are compared with; outlives the gateway. Null, or a null in it: none.
  const Snapshot<verbatim::Index>* corpus = nullptr;
  // What counts risks over time; outlives the gateway. Null: nothing does.
  decide::Accumulators* accumulators = nullptr;
  vault::Vault* vault = nullptr;  // where texts are kept; outlives the gateway. Null: nowhere
  std::string instance;           // names this process in Via: "plimsoll-<id>"
  std::chrono::milliseconds record_timeout{5'000};  // how long a reply waits for its record to be on disk
  std::vector<GuardServer> guards;                  // for second opinions; policies name them
  std::size_t max_answer_bytes = 32U << 20U;        // of an upstream's answer, streamed or not
};

class Meters;

// Requests that were meant for a model, since the start.
struct Traffic {
  std::uint64_t requests = 0;
  std::uint64_t failures = 0;  // answered with a status of 500 or more
  double p95_seconds = 0;      // the bound of the bucket that holds the 95th percentile; 0: no requests
};

// What the workers share. Made once by the composition root; outlives every Gateway.
class Shared {
 public:
  Shared(Options options, const Snapshot<decide::Governance>& governance, ledger::Sink& log,
         net::Metrics& metrics, const route::Table& upstreams);
  ~Shared();

  Traffic traffic() const;

  const Options options;
  const Snapshot<decide::Governance>& governance;  // always has a detector
  ledger::Sink& log;
  net::Metrics& metrics;
  const route::Table& upstreams;
  const std::unique_ptr<Meters> meters;
  std::atomic<std::uint64_t> decisions = 0;  // that were to be recorded, since the start
};

// One per worker: its event loop, upstream connections and scanning memory. Routes: docs/api.md.
class Gateway {
 public:
  Gateway(boost::asio::io_context& loop, Shared& shared);
  ~Gateway();

  // Method and path of every route, as identity::permissions() calls it.
  static std::vector<std::pair<std::string_view, std::string_view>> routes();

  // Answers one request. Several run at once, interleaved on the worker's loop.
  // With a refusal: answers that, in the shape of the route's errors.
  net::Task<> handle(net::Exchange& exchange, std::optional<net::Refusal> refused = {});

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace plimsoll::gateway
