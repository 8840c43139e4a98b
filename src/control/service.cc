#include "control/service.h"

#include <algorithm>
#include <array>
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

#include "base/hash.h"
#include "base/id.h"
#include "base/log.h"
#include "base/time.h"
#include "impl.h"

namespace plimsoll::control {

namespace {
constexpr auto kLook = std::chrono::milliseconds(20);
constexpr auto kCatchUp = std::chrono::milliseconds(2'000);  // that a query waits for the store at most
constexpr unsigned kQueryThreads = 2;
}  // namespace

net::Response problem_response(int status, std::string_view message, std::string_view field,
                               std::string_view type) {
  json::object error{{"message", message}, {"type", type}};
  error["param"] = field.empty() ? json::value(nullptr) : json::value(field);
  return net::json_response(status, to_json(json::object{{"error", std::move(error)}}));
}

net::Response refusal_response(const identity::Refusal& refusal) {
  auto response = problem_response(refusal.status, refusal.message, {},
                                   refusal.status == 401   ? "authentication_error"
                                   : refusal.status == 403 ? "permission_error"
                                                           : "server_error");
  identity::add_headers(refusal, response.headers);
  return response;
}

net::Response to_response(const net::QueryProblem& problem) {
  return problem_response(422, problem.name + ": " + problem.message, problem.name);
}

net::Response retry_later(int status, std::string_view message) {
  auto response = problem_response(status, message, {}, status == 429 ? "rate_limit_error" : "server_error");
  response.headers.add("Retry-After", "1");
  return response;
}

net::Response to_response(const Error& error) {
  if (error.code == Code::kInvalid) return problem_response(422, error.message);
  if (error.code == Code::kNotFound) return problem_response(404, error.message);
  log_error("control request failed", {{"error", error.message}});
  if (error.code == Code::kUnavailable || error.code == Code::kTimeout)
    return retry_later(503, "the store or the log cannot be reached at the moment; try again");
  return problem_response(500, "internal error; the server's log says more", {}, "server_error");
}

Service::Impl::Impl(Options o, const Snapshot<decide::Governance>& g, ledger::Sink& l,
                    const ledger::LogReader& r, store::Store& s, store::Projector& pr, net::Metrics& m)
    : options(std::move(o)),
      governance(g),
      log(l),
      published(r),
      store(s),
      projector(pr),
      metrics(m),
      overdue(s, l, ids_known, options.instance),
      queries(s, kQueryThreads, kMostWaitingQueries),
      workers(std::max(1U, options.threads)),
      learning([this] { learn_ids(); }) {
  register_metrics(m);
  register_watch(m);
  watching = std::jthread([this] { watch_all_the_time(); });
}

Service::Impl::~Impl() {
  stopping = true;
  replays.join();
  workers.stop();
  workers.join();
}

// Once the store has what the log had at the start, it knows every event that is not this process's.
void Service::Impl::learn_ids() {
  const auto begun = std::chrono::steady_clock::now();
  const auto goal = published.checkpoint().size;
  while (!stopping && projector.position() < goal) projector.wait_for(goal, kLook);
  Time recalled;  // as far as windows were
  for (auto pause = kLook; !stopping; pause = std::min(pause * 2, std::chrono::milliseconds(2'000))) {
    auto reader = store.reader();
    auto done = reader ? store::for_each_event_key(**reader, [this](std::int64_t key) { ids.add(key); })
                       : Result<void>(std::unexpected(reader.error()));
    if (done && options.accumulators != nullptr) done = recall_windows(**reader, goal, recalled);
    if (done) {
      ids_known = true;
      const auto took =
          std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::steady_clock::now() - begun);
      log_info("control ready", {{"events", ids.size()}, {"ms", took.count()}});
      return;
    }
    log_warn("the store cannot say which events there are", {{"error", done.error().message}});
    std::this_thread::sleep_for(pause);
  }
}

// What counted over time in processes before this one, as far as a window reaches back.
Result<void> Service::Impl::recall_windows(store::Reader& reader, ledger::Index below, Time& upto) {
  const auto policy = governance.get()->policy;
  if (!policy || policy->accumulations().empty()) return {};
  std::chrono::minutes longest{0};
  for (const auto& one : policy->accumulations()) longest = std::max(longest, one.window);
  const Time from = std::max<Time>(upto, std::chrono::system_clock::now() - 2 * longest);
  return store::for_each_accumulated(
      reader, from, published.checkpoint().origin, below, [&](const store::EventRow& event) {
        upto = event.occurred + std::chrono::milliseconds(1);
        const decide::Subject subject{.org = event.org, .user = event.user, .session = event.session};
        for (const auto& row : store::read_accumulated(event.accumulated)) {
          const auto found = std::ranges::find(policy->accumulations(), row.id, &policy::Accumulation::name);
          if (found == policy->accumulations().end()) continue;
          options.accumulators->recall(*found, row.values.per, subject, event.occurred, row.values.score,
                                       found->reached(row.values.count, row.values.sum));
        }
      });
}

void Service::Impl::catch_up() {
  const auto goal = std::max<ledger::Index>(published.checkpoint().size, recorded);
  const auto until = std::chrono::steady_clock::now() + kCatchUp;
  while (projector.position() < goal && std::chrono::steady_clock::now() < until) {
    projector.wake();
    projector.wait_for(goal, kLook);
  }
}

void Service::Impl::note_recorded(ledger::Index index) {
  auto known = recorded.load(std::memory_order_relaxed);
  while (known <= index && !recorded.compare_exchange_weak(known, index + 1)) {
  }
}

void Service::Impl::register_metrics(net::Metrics& m) {
  for (std::size_t i = 0; i < kActionCount; ++i)
    ingested.at(i) = &m.counter("plimsoll_ingested_events_total", "Reported events recorded, by action.",
                                {{"action", std::string(to_string(static_cast<Action>(i)))}});
  const auto batch = [&](const char* outcome) {
    return &m.counter("plimsoll_ingest_batches_total", "Batches of reported events, by outcome.",
                      {{"outcome", outcome}});
  };
  batches_accepted = batch("accepted");
  batches_refused = batch("refused");
  batches_put_off = batch("put_off");
  const auto gauge = [&](std::string_view name, std::string_view help, auto read) {
    m.gauge(name, help, [read] { return net::Metrics::Samples{{{}, static_cast<double>(read())}}; });
  };
  gauge("plimsoll_store_lag_entries", "Entries that the store has not taken from the log yet.",
        [this] { return projector.lag(); });
  gauge("plimsoll_store_lag_seconds", "How long the store has been behind the log.",
        [this] { return static_cast<double>(projector.behind().count()) / 1'000; });
  gauge("plimsoll_reviews_overdue", "Reviews that were overdue at the last look, a minute ago at most.",
        [this] { return overdue.count(); });
  gauge("plimsoll_store_failures", "Attempts of the store to follow the log that failed.",
        [this] { return projector.failures(); });
}

Service::Service(asio::io_context&, Options options, const Snapshot<decide::Governance>& governance,
                 ledger::Sink& log, const ledger::LogReader& published, store::Store& store,
                 store::Projector& projector, net::Metrics& metrics)
    : impl_(std::make_unique<Impl>(std::move(options), governance, log, published, store, projector,
                                   metrics)) {}
Service::~Service() = default;

std::uint64_t Service::decisions() const {
  return impl_->decisions;
}

std::span<const Service::Impl::Entry> Service::Impl::entries() {
  static const auto kRoutes = [] {
    auto all = std::to_array<Entry>({
        {"GET", "/", &Impl::root},
        {"GET", "/health", &Impl::health},
        {"GET", "/readyz", &Impl::ready},
        {"GET", "/docs", &Impl::docs},
        {"GET", "/openapi.json", &Impl::openapi},
        {"POST", "/ingest", &Impl::ingest},
        {"GET", "/metrics", &Impl::metrics_route},
        {"GET", "/hourly-stats", &Impl::hourly},
        {"GET", "/thresholds", &Impl::thresholds},
        {"GET", "/thresholds/history", &Impl::threshold_history},
        {"POST", "/thresholds/rollback", &Impl::roll_back},
        {"GET", "/events", &Impl::events},
        {"GET", "/events/{id}", &Impl::event},
        {"GET", "/review-queue", &Impl::review_queue},
        {"GET", "/review/{id}/content", &Impl::review_content},
        {"GET", "/review/{id}/released", &Impl::released},
        {"GET", "/review/{id}", &Impl::review_item},
        {"POST", "/review/{id}", &Impl::review},
        {"POST", "/replay", &Impl::replay},
        {"GET", "/capability-evaluations", &Impl::list_evaluations},
        {"POST", "/capability-evaluations", &Impl::add_evaluation},
        {"GET", "/capability-evaluations/{id}", &Impl::show_evaluation},
        {"POST", "/capability-evaluations/{id}", &Impl::decide_evaluation},
        {"GET", "/frameworks/capability", &Impl::capability_frameworks},
        {"GET", "/watch", &Impl::watch_report},
        {"GET", "/export/iso-evidence", &Impl::export_iso},
        {"GET", "/export/nist-ai-rmf", &Impl::export_nist},
        {"GET", "/export/eu-ai-act", &Impl::export_ai_act},
        {"GET", "/export/controls", &Impl::export_any},
        {"GET", "/keys", &Impl::list_keys},
        {"POST", "/keys", &Impl::create_key},
        {"DELETE", "/keys/{id}", &Impl::revoke_key},
    });
    for (Entry& entry : all)
      entry.permission = identity::find_permission(identity::Listener::kControl, entry.method, entry.path);
    return all;
  }();
  return kRoutes;
}

std::vector<std::pair<std::string_view, std::string_view>> Service::routes() {
  std::vector<std::pair<std::string_view, std::string_view>> out;
  for (const auto& entry : Impl::entries()) out.emplace_back(entry.method, entry.path);
  return out;
}

Service::Impl::Found Service::Impl::find_route(std::string_view method, std::string_view path) {
  Found found;
  for (const Entry& entry : entries()) {
    const auto mark = entry.path.find("{id}");
    std::string_view id;
    if (mark != std::string_view::npos) {
      const auto before = entry.path.substr(0, mark), behind = entry.path.substr(mark + 4);
      if (!path.starts_with(before) || !path.ends_with(behind) ||
          path.size() <= before.size() + behind.size())
        continue;
      id = path.substr(mark, path.size() - before.size() - behind.size());
    } else if (path != entry.path) {
      continue;
    }
    if (found.suffixed && !entry.path.ends_with(path.substr(path.rfind('/')))) continue;
    found.suffixed = mark != std::string_view::npos && mark + 4 < entry.path.size();
    found.allowed.append(found.known ? ", " : "").append(entry.method);
    found.known = true;
    if (entry.method != method && !(method == "HEAD" && entry.method == "GET")) continue;
    found.route = entry.route;
    found.permission = entry.permission;
    found.id = id;
    break;
  }
  return found;
}

net::Task<> Service::handle(net::Exchange& exchange, std::optional<net::Refusal> refused) {
  Impl& self = *impl_;
  const auto& request = exchange.request();
  const Impl::Found found = Impl::find_route(request.method, request.path);
  Passage p{.exchange = exchange, .id = found.id, .request_id = new_id()};
  std::optional<net::Response> no;
  if (found.route == nullptr && found.known) {
    no = problem_response(405, "method not allowed on this path");
    no->headers.add("Allow", found.allowed);
  } else if (found.route == nullptr && request.path.starts_with("/v1/")) {
    no = problem_response(
        404,
        "this is the control plane, and no model: models are asked through the gateway (port 8081), "
        "whose PAC_UPSTREAM_URL names the model's server");
  } else if (found.route == nullptr) {
    no = problem_response(404, "no such path; GET /docs lists them");
  }
  if (!no && !found.open() && self.options.authenticator != nullptr) {
    auto admitted = self.options.authenticator->admit(request.headers, found.permission,
                                                      std::chrono::system_clock::now());
    if (!admitted) {
      no = refusal_response(admitted.error());
    } else {
      p.identity = *std::move(admitted);
    }
  }
  if (!no && refused) no = problem_response(refused->status, refused->why);
  if (!no && found.permission != nullptr && found.permission->recorded) self.record_use(p, *found.permission);
  if (no)
    co_await exchange.respond(*std::move(no));
  else
    co_await (self.*found.route)(p);
}

std::string Service::Impl::actor_of(const Passage& p) const {
  return p.identity ? p.identity->pseudonym(options.commitment_key) : std::string();
}

// Rides the next batch: nobody waits for it.
void Service::Impl::record_use(const Passage& p, const identity::Permission& permission) {
  const auto parameters = net::parse_query(p.exchange.request().query, {"framework", "days"});
  std::string of;
  if (parameters)
    if (const auto at = parameters->find("framework"); at != parameters->end())
      if (at->second.size() <= 16 &&
          at->second.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789-") == std::string::npos)
        of = at->second;
  if (auto queued =
          log.append(identity::use_entry(permission, actor_of(p), of, std::chrono::system_clock::now()));
      !queued)
    log_warn("an administrative act is not in the log", {{"error", queued.error().message}});
}

net::Task<Result<ledger::Index>> Service::Impl::record(std::string entry) {
  const net::Executor executor = co_await asio::this_coro::executor;
  auto waiting = std::make_shared<net::Waiting<Result<ledger::Index>>>(executor);
  waiting->timer.expires_after(options.record_timeout);
  auto queued = log.append(std::move(entry), [waiting, executor](Result<ledger::Index> index) {
    asio::post(executor, [waiting, index = std::move(index)]() mutable {
      waiting->outcome = std::move(index);
      waiting->timer.cancel();
    });
  });
  if (!queued) co_return std::unexpected(std::move(queued).error());
  co_await waiting->timer.async_wait(net::kAwait);
  if (!waiting->outcome) co_return fail(Code::kTimeout, "the log did not answer in time");
  if (*waiting->outcome) note_recorded(**waiting->outcome);
  co_return *std::move(waiting->outcome);
}

}  // namespace plimsoll::control
