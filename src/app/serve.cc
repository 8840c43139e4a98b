#include "serve.h"

#include <sys/resource.h>

#include <algorithm>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/steady_timer.hpp>
#include <cstdlib>
#include <filesystem>
#include <future>
#include <thread>

#include "admin_log.h"
#include "base/files.h"
#include "base/hash.h"
#include "base/id.h"
#include "base/json.h"
#include "base/log.h"
#include "base/memory.h"
#include "base/time.h"
#include "control_listener.h"
#include "detectors.h"
#include "erasure.h"
#include "evidence_listener.h"
#include "gateway/gateway.h"
#include "identities.h"
#include "net/server.h"
#include "notices.h"
#include "policy/store.h"
#include "retention.h"
#include "route/router.h"
#include "verbatim/index.h"

namespace plimsoll::app {
namespace {

namespace asio = boost::asio;
constexpr auto kPolicyLook = std::chrono::milliseconds(500);
constexpr auto kErasureLook = std::chrono::milliseconds(200);
constexpr auto kTally = std::chrono::hours(1), kPrune = std::chrono::hours(1);
constexpr auto kRetention = std::chrono::hours(24);
constexpr auto kRetentionLook = std::chrono::milliseconds(200);
constexpr auto kDrainPatience = std::chrono::seconds(30);
constexpr auto kFollowPatience = std::chrono::seconds(10);

// SO_REUSEPORT would let a second server share the port in silence: look first whether somebody has it.
Result<void> check_free(const std::string& host, std::uint16_t port, std::string_view setting) {
  asio::io_context loop;
  boost::system::error_code error;
  const auto address = asio::ip::make_address(host == "localhost" ? "127.0.0.1" : host, error);
  if (error) return fail(Code::kInvalid, "API_HOST (listen.host): '" + host + "' is not an IP address");
  asio::ip::tcp::acceptor probe(loop);
  const asio::ip::tcp::endpoint endpoint(address, port);
  probe.open(endpoint.protocol());
  probe.set_option(asio::socket_base::reuse_address(true));
  probe.bind(endpoint, error);
  if (error)
    return fail(Code::kUnavailable, "cannot listen on " + host + ":" + std::to_string(port) + ": " +
                                        error.message() + "; stop what uses the port or set another (" +
                                        std::string(setting) + ")");
  return {};
}

// A thread, its loop, its listener and its gateway.
class Worker {
 public:
  Worker(gateway::Shared& shared) : loop_(1), gateway_(loop_, shared) {}

  Result<void> listen(const net::ServerOptions& options) {
    auto server = net::Server::listen(
        loop_, options, [this](net::Exchange& exchange) { return gateway_.handle(exchange); },
        [this](net::Exchange& exchange, net::Refusal why) { return gateway_.handle(exchange, why); });
    if (!server) return std::unexpected(std::move(server).error());
    server_ = *std::move(server);
    return {};
  }
  void start() {
    thread_ = std::thread([this] {
      const auto keep = asio::make_work_guard(loop_);
      loop_.run();
    });
  }
  void drain(std::atomic<int>& busy) {
    asio::post(loop_, [this, &busy] {
      server_->drain();
      wait_until_idle(busy);
    });
  }
  void stop() {
    asio::post(loop_, [this] {
      server_->close();
      loop_.stop();
    });
    if (thread_.joinable()) thread_.join();
  }

 private:
  void wait_until_idle(std::atomic<int>& busy) {
    if (server_->connections() == 0) {
      --busy;
      return;
    }
    idle_.expires_after(std::chrono::milliseconds(20));
    idle_.async_wait([this, &busy](const boost::system::error_code& error) {
      if (!error) wait_until_idle(busy);
    });
  }

  asio::io_context loop_;
  gateway::Gateway gateway_;
  std::unique_ptr<net::Server> server_;
  asio::steady_timer idle_{loop_};
  std::thread thread_;
};

net::Task<> answer_metrics(net::Exchange& exchange, const net::Metrics& metrics) {
  net::Response response{
      .status = exchange.request().path == "/metrics" ? 200 : 404, .headers = {}, .body = {}};
  response.headers.add("Content-Type", "text/plain; version=0.0.4; charset=utf-8");
  if (response.status == 200) response.body = metrics.to_prometheus();
  co_await exchange.respond(std::move(response));
}

void log_problems(std::string_view message, const std::vector<policy::Problem>& problems) {
  for (const auto& problem : problems) log_error(message, {{"problem", policy::to_string(problem)}});
}

void look_at_policy(policy::Store& policies, Governor& governor, ledger::Sink& log, bool force) {
  const auto before = policies.current();
  const auto problems =
      force ? policies.reload() : policies.reload_if_changed().value_or(std::vector<policy::Problem>());
  if (!problems.empty()) return log_problems("policy refused; the last good one stays in force", problems);
  const auto after = policies.current();
  if (after == before) return;
  if (const auto followed = governor.follow_policy(); !followed)
    return log_error("policy refused; the last good one stays in force",
                     {{"problem", followed.error().message}});
  record_act(log, "policy_loaded", {{"from_version", before->version()}, {"version", after->version()}});
  log_info("policy loaded",
           {{"version", after->version()}, {"detectors", governor.snapshot().get()->detector->revision()}});
}

void reload_model(Governor& governor, ledger::Sink& log) {
  const auto before = governor.snapshot().get()->detector;
  if (const auto reloaded = governor.reload_model(); !reloaded)
    return log_error("risk model refused; the last good one stays in force",
                     {{"problem", reloaded.error().message}});
  const auto after = governor.snapshot().get()->detector;
  if (after == before) return;
  record_act(log, "risk_model_loaded", {{"detectors", after->revision()}});
  log_info("risk model loaded", {{"detectors", after->revision()}});
}

void watch_policy(asio::steady_timer& timer, policy::Store& policies, Governor& governor, ledger::Sink& log) {
  timer.expires_after(kPolicyLook);
  timer.async_wait([&](const boost::system::error_code& error) {
    if (error) return;
    look_at_policy(policies, governor, log, false);
    watch_policy(timer, policies, governor, log);
  });
}

using Corpus = Snapshot<verbatim::Index>;

// Null where there is no path.
Result<std::shared_ptr<const verbatim::Index>> open_corpus(const std::string& path) {
  if (path.empty()) return nullptr;
  auto index = verbatim::Index::open(path);
  if (!index) return std::unexpected(std::move(index).error().in("PLIMSOLL_CORPUS (corpus)"));
  return index;
}

void reload_corpus(const std::string& path, Corpus& corpus, ledger::Sink& log) {
  auto index = open_corpus(path);
  if (!index)
    return log_error("corpus refused; the last good one stays in force",
                     {{"problem", index.error().message}});
  const auto before = corpus.get();
  if (!*index || before->revision() == (*index)->revision()) return;
  record_act(log, "corpus_loaded", {{"revision", (*index)->revision()}});
  log_info("corpus loaded", {{"revision", (*index)->revision()}, {"works", (*index)->works()}});
  corpus.replace(*std::move(index));
}

void watch_hangup(asio::signal_set& hangup, policy::Store& policies, Governor& governor,
                  const std::string& path, Corpus& corpus, ledger::Sink& log) {
  hangup.async_wait([&](const boost::system::error_code& error, int) {
    if (error) return;
    look_at_policy(policies, governor, log, true);
    reload_model(governor, log);
    reload_corpus(path, corpus, log);
    watch_hangup(hangup, policies, governor, path, corpus, log);
  });
}

// Every connection needs a descriptor.
void raise_descriptor_limit() {
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
  limit.rlim_cur = limit.rlim_max;
  ::setrlimit(RLIMIT_NOFILE, &limit);
}

void show_upstreams(net::Metrics& metrics, const route::Table& routes) {
  metrics.gauge("plimsoll_upstream_attempts", "Requests sent to upstreams, by what became of them.",
                [&routes] {
                  net::Metrics::Samples out;
                  for (const auto& s : routes.stats()) {
                    const std::string name(s.name);
                    const std::pair<std::string, std::uint64_t> outcomes[] = {{"answered", s.answered},
                                                                              {"limited", s.limited},
                                                                              {"failed", s.failed},
                                                                              {"unreachable", s.unreachable},
                                                                              {"timed_out", s.timed_out}};
                    for (const auto& [outcome, n] : outcomes)
                      out.push_back({{{"upstream", name}, {"outcome", outcome}}, static_cast<double>(n)});
                  }
                  return out;
                });
  const auto show = [&](std::string_view name, std::string_view help,
                        std::uint64_t route::UpstreamStats::* member) {
    metrics.gauge(name, help, [&routes, member] {
      net::Metrics::Samples out;
      for (const auto& s : routes.stats())
        out.push_back({{{"upstream", std::string(s.name)}}, static_cast<double>(s.*member)});
      return out;
    });
  };
  show("plimsoll_upstream_retries", "Attempts that were followed by another.",
       &route::UpstreamStats::retried);
  show("plimsoll_upstream_breaker_opened", "Times that a worker's circuit breaker opened.",
       &route::UpstreamStats::opened);
  show("plimsoll_upstream_breaker_open", "Workers whose circuit breaker is open.",
       &route::UpstreamStats::open_now);
  show("plimsoll_upstream_rejected", "Times that an open circuit breaker kept a request away.",
       &route::UpstreamStats::rejected);
}

// Null where nobody is to be shown anything.
Result<std::unique_ptr<anchor::Anchors>> open_anchors(const Config& config, const ledger::LogReader& log) {
  auto options = config.anchors;
  if (options.witnesses.empty() && options.stamp_url.empty()) return nullptr;
  options.folder = config.storage + "/anchors";
  options.quorum = [least = config.anchors_quorum](std::span<const ledger::Verified> all) {
    return all.size() >= least;
  };
  return anchor::Anchors::open(std::move(options), log);
}

void show_anchors(net::Metrics& metrics, const anchor::Anchors& anchors) {
  const auto each = [&](std::string_view name, std::string_view help, auto value) {
    metrics.gauge(name, help, [&anchors, value] {
      net::Metrics::Samples out;
      for (const auto& w : anchors.status().witnesses)
        out.push_back({{{"witness", w.name}}, static_cast<double>(value(w))});
      return out;
    });
  };
  using Witness = anchor::Anchors::Status::Witness;
  each("plimsoll_witness_size", "Entries of the last checkpoint that the witness signed.",
       [](const Witness& w) { return w.size; });
  each("plimsoll_witness_failures", "Times that the witness did not answer as it should.",
       [](const Witness& w) { return w.failures; });
  each("plimsoll_witness_refusals", "Times that the witness said the log does not go on from what it signed.",
       [](const Witness& w) { return w.refusals; });
  metrics.gauge("plimsoll_cosigned_size", "Entries of the last checkpoint that enough witnesses signed.",
                [&anchors] {
                  return net::Metrics::Samples{{{}, static_cast<double>(anchors.status().cosigned_size)}};
                });
  metrics.gauge("plimsoll_time_stamps", "Time stamps on checkpoints, by outcome.", [&anchors] {
    const auto s = anchors.status();
    return net::Metrics::Samples{{{{"outcome", "kept"}}, static_cast<double>(s.stamps)},
                                 {{{"outcome", "failed"}}, static_cast<double>(s.stamp_failures)}};
  });
}

void show_accumulators(net::Metrics& metrics, const decide::Accumulators& accumulators) {
  const auto show = [&](std::string_view name, std::string_view help,
                        std::uint64_t decide::Accumulators::Stats::* member) {
    metrics.gauge(name, help, [&accumulators, member] {
      return net::Metrics::Samples{{{}, static_cast<double>(accumulators.stats().*member)}};
    });
  };
  using Stats = decide::Accumulators::Stats;
  show("plimsoll_accumulated_subjects",
       "Users, organisations and sessions whose risks are counted over time.", &Stats::subjects);
  show("plimsoll_accumulated_bytes", "Memory that these counts take.", &Stats::bytes);
  show("plimsoll_accumulated_forgotten", "Subjects that were forgotten for others, since the start.",
       &Stats::forgotten);
}

// How many decisions this process has made, so that one that is not in the log shows (`plimsoll ledger reconcile`).
void tally(ledger::Sink& log, std::string_view listener, std::string_view instance, std::uint64_t decisions) {
  auto entry = to_canonical_json(json::object{{"decisions", decisions},
                                              {"instance", instance},
                                              {"listener", listener},
                                              {"time", to_rfc3339_ms(std::chrono::system_clock::now())},
                                              {"type", "tally"},
                                              {"v", 1}});
  if (auto kept = log.append(std::move(entry)); !kept)
    log_warn("the count of decisions is not recorded", {{"error", kept.error().message}});
}

void hourly(asio::steady_timer& timer, const std::function<void()>& work) {
  timer.expires_after(kTally);
  timer.async_wait([&timer, work](const boost::system::error_code& error) {
    if (error) return;
    work();
    hourly(timer, work);
  });
}

// Has the policy and its detector follow on the thread that owns them.
Result<control::ThresholdChanged> change_threshold(
    policy::Store& policies, Governor& governor, asio::io_context& admin,
    const control::ThresholdChange& change,
    const std::function<Result<void>(const control::ThresholdChanged&)>& record) {
  const auto amended = policies.amend(
      {.category = change.category, .tier = change.tier, .value = change.value},
      [&](const policy::Store::Amended& a) { return record({a.from_version, a.version, a.old_value}); });
  if (!amended) return std::unexpected(amended.error());
  auto followed = std::make_shared<std::promise<Result<void>>>();
  auto outcome = followed->get_future();
  asio::post(admin, [followed, &governor] { followed->set_value(governor.follow_policy()); });
  if (outcome.wait_for(kFollowPatience) != std::future_status::ready)
    return fail(Code::kTimeout, "the policy is changed, and comes into force a little later");
  if (auto done = outcome.get(); !done) return std::unexpected(std::move(done).error());
  log_info("a threshold was changed", {{"version", amended->version}});
  return control::ThresholdChanged{amended->from_version, amended->version, amended->old_value};
}

int refuse(std::string_view message) {
  log_error("cannot start", {{"error", message}});
  return 2;
}

}  // namespace

Result<std::string> commitment_key(const std::filesystem::path& storage) {
  const auto directory = (storage / "keys").string(), path = (storage / "keys" / "commitment.key").string();
  if (auto made = make_directory(directory); !made) return std::unexpected(std::move(made).error());
  auto key = plimsoll::read_file(path, 1024);
  if (key && key->size() == 32) return key;
  if (key) return fail(Code::kInvalid, path + " is damaged: expected 32 bytes; restore it from a backup");
  if (key.error().code != Code::kNotFound) return key;
  key = random_bytes(32);
  if (auto kept = replace_file(path, *key); !kept) return std::unexpected(std::move(kept).error());
  return key;
}

int serve(const Config& config) {
  const auto problems = config.problems();
  for (const auto& problem : problems) log_error("configuration", {{"problem", problem}});
  if (!problems.empty()) return 2;
  set_log_level(*parse_log_level(config.log_level));
  raise_descriptor_limit();

  std::error_code failed;
  std::filesystem::create_directories(config.storage, failed);
  if (failed)
    return refuse("STORAGE_PATH (storage.path): " + config.storage +
                  " cannot be created: " + failed.message());
  auto key = commitment_key(config.storage);
  if (!key) return refuse(key.error().message);

  auto policies = policy::Store::open(config.policy_file, config.storage + "/policy/amendments.json");
  if (!policies) {
    log_problems("policy refused", policies.error());
    return refuse("the policy has " + std::to_string(policies.error().size()) + " problems; see above");
  }
  auto servers = *config.guard_servers();
  auto guards = open_guards(servers);
  auto governor = Governor::open(**policies, config.risk_model, std::move(guards));
  if (!governor) return refuse(governor.error().message);

  auto works = open_corpus(config.corpus);
  if (!works) return refuse(works.error().message);
  Corpus corpus(*works);

  ledger::Options log_options;
  log_options.directory = (std::filesystem::path(config.storage) / "log").string();
  log_options.segment_bytes = config.segment_bytes;
  auto log = ledger::Ledger::open(log_options);
  if (!log) return refuse(log.error().message);

  auto vault = open_vault(config.storage, config.master_key_command);
  if (!vault) return refuse(vault.error().message);

  auto anchors = open_anchors(config, (*log)->reader());
  if (!anchors) return refuse(anchors.error().message);

  auto notices = open_notices(config, (*log)->reader(), **log);
  if (!notices) return refuse(notices.error().message);

  auto routing = config.routing();
  if (!routing) return refuse(routing.error().front());
  auto routes = route::Table::create(*std::move(routing));
  if (!routes) return refuse(routes.error().message);

  net::Metrics metrics;
  decide::Accumulators accumulators;
  show_accumulators(metrics, accumulators);
  auto identities = Identities::open(config, *key, **log, metrics);
  if (!identities) return refuse(identities.error().message);
  gateway::Options options;
  if (const char* names = std::getenv("PLIMSOLL_FAULTS"); names != nullptr && *names != '\0') {
    const auto faults = decide::parse_faults(names);
    if (!faults) return refuse("PLIMSOLL_FAULTS: " + faults.error().message);
    options.faults = *faults;
    log_warn("failing on request: for tests and drills only", {{"faults", names}});
  }
  options.corpus = &corpus;
  options.commitment_key = *key;
  options.accumulators = &accumulators;
  options.vault = vault->get();
  options.max_answer_bytes = config.max_answer_bytes;
  options.guards = std::move(servers);
  options.instance = "plimsoll-" + to_hex(random_bytes(6));
  options.authenticator = (*identities)->authenticator();
  options.limiter = (*identities)->limiter();
  gateway::Shared shared(std::move(options), (*governor)->snapshot(), **log, metrics, **routes);
  metrics.gauge("plimsoll_policy_reloads", "Reloads of the policy since the start, by outcome.", [&policies] {
    const auto counts = (*policies)->counts();
    return net::Metrics::Samples{{{{"outcome", "replaced"}}, static_cast<double>(counts.replaced)},
                                 {{{"outcome", "unchanged"}}, static_cast<double>(counts.unchanged)},
                                 {{{"outcome", "refused"}}, static_cast<double>(counts.refused)}};
  });
  metrics.gauge("plimsoll_log_entries", "Entries in the decision log.",
                [&log] { return net::Metrics::Samples{{{}, static_cast<double>((*log)->size())}}; });

  show_upstreams(metrics, **routes);
  if (*anchors) show_anchors(metrics, **anchors);
  if (*notices) show_notices(metrics, **notices);

  const bool gateway = config.role == Listeners::kAll || config.role == Listeners::kGateway;
  if (gateway)
    if (const auto free = check_free(config.host, config.ports.gateway, "GATEWAY_PORT"); !free)
      return refuse(free.error().message);
  net::ServerOptions listen;
  listen.host = config.host;
  listen.port = config.ports.gateway;
  listen.max_body_bytes = config.max_body_bytes;
  listen.max_compression_ratio = config.max_compression_ratio;
  listen.http2 = config.http2;
  listen.max_concurrent_streams = config.max_concurrent_streams;
  listen.max_connection_body_bytes =
      std::max<std::size_t>(listen.max_connection_body_bytes, 4 * config.max_body_bytes);
  listen.certificate_file = config.tls_certificate;
  listen.key_file = config.tls_key;
  const unsigned count = !gateway             ? 0
                         : config.workers > 0 ? config.workers
                                              : std::max(1U, std::thread::hardware_concurrency());
  std::vector<std::unique_ptr<Worker>> workers;
  for (unsigned i = 0; i < count; ++i) {
    workers.push_back(std::make_unique<Worker>(shared));
    if (auto bound = workers.back()->listen(listen); !bound) return refuse(bound.error().message);
  }

  std::unique_ptr<EvidenceListener> evidence;
  if (config.role == Listeners::kAll || config.role == Listeners::kEvidence) {
    if (const auto free = check_free(config.host, config.ports.evidence, "EVIDENCE_PORT"); !free)
      return refuse(free.error().message);
    auto listener = EvidenceListener::create(
        config, *key, **log, metrics, (*identities)->authenticator(),
        [&shared, gateway] {
          const auto t = shared.traffic();
          return gateway ? std::optional<res::Traffic>({t.requests, t.failures, t.p95_seconds})
                         : std::nullopt;
        },
        [&anchors] { return *anchors ? (*anchors)->cosigned() : std::string(); },
        [&policies] { return (*policies)->current()->settings().incident_clocks; });
    if (!listener) return refuse(listener.error().message);
    evidence = *std::move(listener);
  }

  asio::io_context admin(1);
  std::unique_ptr<ControlListener> control;
  const std::string control_instance = shared.options.instance + ".control";
  if (config.role == Listeners::kAll || config.role == Listeners::kControl) {
    if (const auto free = check_free(config.host, config.ports.control, "API_PORT"); !free)
      return refuse(free.error().message);
    control::Options reports;
    reports.commitment_key = *key;
    reports.accumulators = &accumulators;
    reports.instance = control_instance;
    reports.vault = vault->get();
    reports.threads = config.workers > 0 ? config.workers : std::max(1U, std::thread::hardware_concurrency());
    reports.authenticator = (*identities)->authenticator();
    reports.keys = (*identities)->keys();
    reports.change_threshold = [&](const control::ThresholdChange& change, const auto& record) {
      return change_threshold(**policies, **governor, admin, change, record);
    };
    auto listener =
        ControlListener::create(config, std::move(reports), (*governor)->snapshot(), **log, metrics);
    // Traffic does not wait for the control plane: where it was not asked for by name, the rest goes on without it.
    if (!listener && config.role == Listeners::kControl) return refuse(listener.error().message);
    if (listener)
      control = *std::move(listener);
    else
      log_error("the control plane does not run", {{"error", listener.error().message}});
  }

  std::unique_ptr<net::Server> exporter;
  if (config.metrics) {
    net::ServerOptions at;
    at.host = config.host;
    at.port = config.ports.prometheus;
    const auto free = check_free(at.host, at.port, "PROMETHEUS_PORT");
    auto server =
        free ? net::Server::listen(admin, at, [&](net::Exchange& e) { return answer_metrics(e, metrics); })
             : Result<std::unique_ptr<net::Server>>(std::unexpected(free.error()));
    if (server)
      exporter = *std::move(server);
    else
      log_warn("the extra metrics exporter does not run; GET /metrics on the gateway still answers",
               {{"port", at.port}, {"error", server.error().message}});
  }
  const std::jthread erasing([&](const std::stop_token& stopped) {
    const ErasureOrders orders(config.storage);
    auto next_prune = std::chrono::steady_clock::now();
    while (!stopped.stop_requested()) {
      orders.serve(**vault, **log, *key);
      if (std::chrono::steady_clock::now() >= next_prune) {
        prune(**vault, **log, (*policies)->current()->settings().content_age);
        next_prune += kPrune;
      }
      std::this_thread::sleep_for(kErasureLook);
    }
  });
  const std::jthread retaining([&](const std::stop_token& stopped) {
    for (auto next = std::chrono::steady_clock::now(); !stopped.stop_requested();) {
      if (std::chrono::steady_clock::now() >= next) {
        const auto retention = retention_of((*policies)->current()->settings());
        const auto pruned = (*log)->prune(retention, std::chrono::system_clock::now(), stopped);
        if (!pruned && !stopped.stop_requested())
          log_error("entries whose time is over cannot be removed", {{"error", pruned.error().message}});
        next += kRetention;
      }
      std::this_thread::sleep_for(kRetentionLook);
    }
  });
  asio::steady_timer policy_timer(admin);
  watch_policy(policy_timer, **policies, **governor, **log);
  asio::steady_timer tally_timer(admin);
  const auto count_decisions = [&] {
    if (gateway) tally(**log, "gateway", shared.options.instance, shared.decisions);
    if (control) tally(**log, "control", control_instance, control->decisions());
  };
  hourly(tally_timer, count_decisions);
  asio::signal_set hangup(admin, SIGHUP);
  watch_hangup(hangup, **policies, **governor, config.corpus, corpus, **log);
  asio::signal_set stop(admin, SIGTERM, SIGINT);
  stop.async_wait([&](const boost::system::error_code&, int signal) {
    log_info("stopping", {{"signal", signal}});
    admin.stop();
  });

  record_start(**log, config, shared.options.instance, (*policies)->current()->version(),
               (*governor)->snapshot().get()->detector->revision());
  give_back_memory();
  for (auto& worker : workers) worker->start();
  if (evidence) evidence->start();
  if (control) control->start();
  const auto address = [&](bool runs, std::uint16_t port) {
    return runs ? config.host + ":" + std::to_string(port) : "none";
  };
  log_info("ready", {{"gateway", address(gateway, config.ports.gateway)},
                     {"evidence", address(evidence != nullptr, config.ports.evidence)},
                     {"control", address(control != nullptr, config.ports.control)},
                     {"store", control ? std::string_view(control->store()) : "none"},
                     {"workers", count},
                     {"policy", (*policies)->current()->version()},
                     {"detectors", (*governor)->snapshot().get()->detector->revision()},
                     {"corpus", *works ? std::string_view((*works)->revision()) : "none"},
                     {"upstream", config.upstream_url},
                     {"log_entries", (*log)->size()}});
  admin.run();

  std::atomic<int> busy = static_cast<int>(count);
  for (auto& worker : workers) worker->drain(busy);
  const auto patience = std::chrono::steady_clock::now() + kDrainPatience;
  while (busy > 0 && std::chrono::steady_clock::now() < patience)
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  for (auto& worker : workers) worker->stop();
  if (evidence) evidence->stop(kDrainPatience);
  if (control) control->stop(kDrainPatience);
  count_decisions();
  log_info("stopped", {{"log_entries", (*log)->size()}});
  return 0;
}

}  // namespace plimsoll::app
