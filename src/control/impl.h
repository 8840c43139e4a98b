// What the service's route files share.
#pragma once

#include <atomic>
#include <boost/asio/thread_pool.hpp>
#include <functional>
#include <future>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <thread>

#include "assess.h"
#include "base/json.h"
#include "control/service.h"
#include "event_ids.h"
#include "net/query.h"
#include "net/wait.h"
#include "overdue.h"
#include "store/pool.h"
#include "store/queries.h"

namespace plimsoll::watch {
struct Report;
}

namespace plimsoll::control {

namespace asio = boost::asio;

// One request on its way through.
struct Passage {
  net::Exchange& exchange;
  std::string id = {};  // the last part of the path, where the route has one
  std::string request_id = {};
  identity::IdentityPtr identity = {};  // null: not asked for

  net::Request& request() { return exchange.request(); }
};

net::Response problem_response(int status, std::string_view message, std::string_view field = {},
                               std::string_view type = "invalid_request_error");
net::Response to_response(const net::QueryProblem& problem);
net::Response to_response(const Error& error);  // of the log or the store
net::Response refusal_response(const identity::Refusal& refusal);
net::Response retry_later(int status, std::string_view message);

inline constexpr std::size_t kMostWaitingQueries = 64;
inline constexpr std::size_t kMostBatches = 64;              // at once
inline constexpr std::size_t kMostBatchBytes = 256U << 20U;  // of these, as they came
inline constexpr std::size_t kMostEventsInFlight = 50'000;

struct Service::Impl {
  Impl(Options options, const Snapshot<decide::Governance>& governance, ledger::Sink& log,
       const ledger::LogReader& published, store::Store& store, store::Projector& projector,
       net::Metrics& metrics);
  ~Impl();

  using Route = net::Task<> (Impl::*)(Passage&);
  struct Found {
    Route route = nullptr;
    bool known = false;     // the path, if not the method
    bool suffixed = false;  // its end is not part of the id
    const identity::Permission* permission = nullptr;
    bool open() const { return permission != nullptr && permission->open(); }  // to callers without a token
    std::string allowed;
    std::string id = {};
  };
  struct Entry {
    std::string_view method, path;  // "{id}" stands for what is there, up to what follows it
    Route route;
    const identity::Permission* permission = nullptr;
  };
  static std::span<const Entry> entries();
  static Found find_route(std::string_view method, std::string_view path);

  // The routes.
  net::Task<> root(Passage& p);
  net::Task<> health(Passage& p);
  net::Task<> ready(Passage& p);
  net::Task<> docs(Passage& p);
  net::Task<> openapi(Passage& p);
  net::Task<> metrics_route(Passage& p);
  net::Task<> ingest(Passage& p);
  net::Task<> hourly(Passage& p);
  net::Task<> thresholds(Passage& p);
  net::Task<> threshold_history(Passage& p);
  net::Task<> roll_back(Passage& p);
  net::Task<> events(Passage& p);
  net::Task<> event(Passage& p);
  net::Task<> review_queue(Passage& p);
  net::Task<> review_item(Passage& p);
  net::Task<> review(Passage& p);
  net::Task<> review_content(Passage& p);
  net::Task<> released(Passage& p);
  net::Task<> answer_content(Passage& p, bool to_reviewer);
  net::Task<> replay(Passage& p);
  net::Task<> export_iso(Passage& p);
  net::Task<> export_nist(Passage& p);
  net::Task<> export_ai_act(Passage& p);
  net::Task<> export_any(Passage& p);
  net::Task<> list_keys(Passage& p);
  net::Task<> create_key(Passage& p);
  net::Task<> revoke_key(Passage& p);
  net::Task<> export_controls(Passage& p, std::string_view framework);

  net::Task<> add_evaluation(Passage& p);
  net::Task<> list_evaluations(Passage& p);
  net::Task<> show_evaluation(Passage& p);
  net::Task<> decide_evaluation(Passage& p);
  net::Task<> capability_frameworks(Passage& p);
  net::Task<> watch_report(Passage& p);
  net::Task<Result<std::optional<store::Evaluation>>> find_evaluation(std::string id);

  net::Response replayed(const std::string& body, std::pair<ledger::Index, ledger::Index> range,
                         const store::Window& window);

  // A query, on a thread of the pool, over what the log had when it was asked; `as_it_is`: over what the store has.
  template <class T>
  net::Task<Result<T>> ask(std::function<Result<T>(store::Reader&)> query, bool as_it_is = false);
  // Waits, for a while, until the store has all that was acknowledged here: who reported something sees it.
  void catch_up();
  void note_recorded(ledger::Index index);
  // Appends an entry and waits for the disk.
  net::Task<Result<ledger::Index>> record(std::string entry);
  net::Task<> let_go(Passage& p);
  net::Task<Result<bool>> hold_review(Passage& p, std::chrono::seconds hold);
  net::Task<Result<ThresholdChanged>> change_threshold(ThresholdChange change, std::string event_id,
                                                       std::string actor, std::string second,
                                                       std::optional<ledger::Index> undone = {});
  std::string actor_of(const Passage& p) const;  // who did something, as the log has it; empty: not known
  bool asked_for(const Passage& p, const store::EventRow& event) const;
  void record_use(const Passage& p, const identity::Permission& permission);

  // Compares now with before, and records what somebody should know.
  Result<std::shared_ptr<const watch::Report>> look(store::Reader& reader, const policy::Policy& policy,
                                                    Time now);
  void record_alert(const watch::Alert& alert);
  void watch_all_the_time();
  void register_watch(net::Metrics& metrics);

  void learn_ids();
  Result<void> recall_windows(store::Reader& reader, ledger::Index below, Time& upto);
  void register_metrics(net::Metrics& metrics);

  const Options options;
  const Snapshot<decide::Governance>& governance;
  ledger::Sink& log;
  const ledger::LogReader& published;
  store::Store& store;
  store::Projector& projector;
  net::Metrics& metrics;

  EventIds ids;
  std::atomic<bool> ids_known{false};
  std::atomic<std::uint64_t> decisions{0};
  std::atomic<ledger::Index> recorded{0};  // entries below it were acknowledged here, or before
  std::atomic<bool> stopping{false};

  // The loop's.
  std::size_t batches = 0, batch_bytes = 0, events_in_flight = 0;

  std::array<net::Counter*, kActionCount> ingested{};
  net::Counter* batches_accepted = nullptr;
  net::Counter* batches_refused = nullptr;
  net::Counter* batches_put_off = nullptr;

  std::atomic<bool> replaying{false};
  asio::thread_pool replays{1};  // one at a time

  Overdue overdue;
  store::Pool queries;
  asio::thread_pool workers;  // last but one: joined first
  std::jthread learning;

  mutable std::mutex watch_mutex;
  std::shared_ptr<const watch::Report> last_report;                 // of the last look; guarded
  std::map<std::string, net::Counter*, std::less<>> alerts_raised;  // by kind
  std::jthread watching;                                            // gone before all that it uses
};

template <class T>
net::Task<Result<T>> Service::Impl::ask(std::function<Result<T>(store::Reader&)> query, bool as_it_is) {
  const net::Executor executor = co_await asio::this_coro::executor;
  auto waiting = std::make_shared<net::Waiting<Result<T>>>(executor);
  waiting->timer.expires_at(std::chrono::steady_clock::time_point::max());
  const bool taken = queries.submit(
      [this, waiting, executor, as_it_is, query = std::move(query)](Result<store::Reader*> reader) {
        Result<T> answer = fail(Code::kInternal, "the query failed");
        if (!reader) {
          answer = std::unexpected(reader.error());
        } else {
          if (!as_it_is) catch_up();
          try {
            answer = query(**reader);
          } catch (const std::exception&) {
            answer = fail(Code::kInternal, "the query failed");
          }
        }
        asio::post(executor, [waiting, answer = std::move(answer)]() mutable {
          waiting->outcome = std::move(answer);
          waiting->timer.cancel();
        });
      });
  if (!taken) co_return fail(Code::kUnavailable, "too many queries at once");
  while (!waiting->outcome) co_await waiting->timer.async_wait(net::kAwait);
  co_return *std::move(waiting->outcome);
}

}  // namespace plimsoll::control
