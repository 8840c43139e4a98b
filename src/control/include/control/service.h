// The control plane: what is reported rather than passed through, and what all of it adds up to. Routes: docs/control.md.
#pragma once

#include <boost/asio/io_context.hpp>
#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/snapshot.h"
#include "decide/accumulate.h"
#include "decide/governance.h"
#include "identity/api_keys.h"
#include "identity/authenticator.h"
#include "ledger/ledger.h"
#include "ledger/log_reader.h"
#include "net/http.h"
#include "net/metrics.h"
#include "store/projector.h"
#include "store/store.h"
#include "vault/vault.h"
#include "watch/alert.h"

namespace plimsoll::control {

// One cell of the policy's risk_thresholds.
struct ThresholdChange {
  Category category = Category::kPii;
  std::optional<Tier> tier;  // none: the untiered column
  double value = 0;
};
struct ThresholdChanged {
  std::string from_version, version;  // of the policy
  double old_value = 0;
};

struct Options {
  std::string commitment_key;  // 32 bytes: see docs/log_format.md
  std::string instance;        // names this process's decisions in the log
  identity::Authenticator* authenticator =
      nullptr;                        // outlives the service; null: anybody who reaches the port
  identity::ApiKeys* keys = nullptr;  // that are managed here; outlives the service. Null: none
  decide::Accumulators* accumulators =
      nullptr;                    // counts risks over time; outlives the service. Null: nothing does
  vault::Vault* vault = nullptr;  // where texts are kept; outlives the service. Null: nowhere
  unsigned threads = 1;           // that inspect
  // Puts a changed policy in force, after `record` said that the change is on record. Blocks; any thread. May be empty.
  std::function<Result<ThresholdChanged>(const ThresholdChange&,
                                         const std::function<Result<void>(const ThresholdChanged&)>& record)>
      change_threshold;
  watch::OnAlert on_alert;                           // may be empty
  std::chrono::milliseconds record_timeout{10'000};  // how long a reply waits for its entries to be on disk
};

// Answers requests on one loop; inspects and queries on threads of its own. Thread-safe but for handle().
class Service {
 public:
  // All outlive it. What events the log has is read from the store in the background, once that has come as far as the
  // log is now; until then events are refused (503).
  Service(boost::asio::io_context& loop, Options options, const Snapshot<decide::Governance>& governance,
          ledger::Sink& log, const ledger::LogReader& published, store::Store& store,
          store::Projector& projector, net::Metrics& metrics);
  ~Service();
  Service(const Service&) = delete;
  Service& operator=(const Service&) = delete;

  // Method and path of every route, as identity::permissions() calls it.
  static std::vector<std::pair<std::string_view, std::string_view>> routes();

  // With a refusal: answers that.
  net::Task<> handle(net::Exchange& exchange, std::optional<net::Refusal> refused = {});

  // Decisions that were to be recorded, since the start.
  std::uint64_t decisions() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace plimsoll::control
