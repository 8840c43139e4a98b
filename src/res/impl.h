// What the service's route files share.
#pragma once

#include <atomic>
#include <boost/asio/thread_pool.hpp>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "artifact_store.h"
#include "clocks.h"
#include "evidence/submission.h"
#include "net/query.h"
#include "res/service.h"
#include "wait.h"

namespace plimsoll::res {

// One request on its way through.
struct Passage {
  net::Exchange& exchange;
  std::string id = {};  // the last part of the path, where the route has one
  evidence::Submitter submitter = {};

  net::Request& request() { return exchange.request(); }
};

// A query string's parameters, each once; a problem names the parameter that is not known or there twice.
using net::Parameters;
std::expected<Parameters, evidence::Problem> parse_query(std::string_view query,
                                                         std::initializer_list<std::string_view> known);
// Readers of parameters; absent is nullopt.
std::expected<std::optional<Time>, evidence::Problem> time_in(const Parameters& parameters,
                                                              std::string_view name);
std::expected<std::optional<std::uint64_t>, evidence::Problem> number_in(const Parameters& parameters,
                                                                         std::string_view name,
                                                                         std::uint64_t least,
                                                                         std::uint64_t most);

net::Response to_response(const evidence::Problem& problem);
net::Response refusal_response(const identity::Refusal& refusal);
net::Response to_response(const Error& error);
net::Response problem_response(int status, std::string_view message, std::string_view field = {},
                               std::string_view type = "invalid_request_error");

struct Service::Impl {
  Impl(asio::io_context& loop, Options options, ledger::Sink& log, net::Metrics& metrics);
  ~Impl();

  using Route = net::Task<> (Impl::*)(Passage&);
  struct Found {
    Route route = nullptr;
    bool known = false;  // the path, if not the method
    const identity::Permission* permission = nullptr;
    // To callers without a token, and while the index is not there yet.
    bool open() const { return permission != nullptr && permission->open(); }
    std::string_view allowed = "GET";
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
  net::Task<> health(Passage& p);
  net::Task<> ready(Passage& p);
  net::Task<> scrape(Passage& p);
  net::Task<> docs(Passage& p);
  net::Task<> openapi(Passage& p);
  net::Task<> submit(Passage& p);
  net::Task<> list(Passage& p);
  net::Task<> show(Passage& p);
  net::Task<> snapshot(Passage& p);
  net::Task<> open_incident(Passage& p);
  net::Task<> list_incidents(Passage& p);
  net::Task<> show_incident(Passage& p);
  net::Task<> change_incident(Passage& p);
  net::Task<> report_incident(Passage& p, evidence::IncidentReported reported);
  std::vector<IncidentClock> clock_rules() const;
  net::Task<> attestation(Passage& p);
  net::Task<> bundle(Passage& p);
  net::Task<> attestation_key(Passage& p);
  net::Task<> trusted_root(Passage& p);
  net::Task<> published_file(Passage& p);
  net::Task<> verifier_keys(Passage& p);
  net::Task<> receipt(Passage& p);
  Result<std::string> proof_of(ledger::Index at) const;
  net::Task<> export_audit(Passage& p);
  net::Task<> page(Passage& p);
  net::Task<> models(Passage& p);
  net::Task<> card(Passage& p);
  net::Task<> put_artifact(Passage& p);
  net::Task<> get_artifact(Passage& p);
  net::Task<Result<std::string>> read_piece(std::shared_ptr<StoredArtifact> artifact, std::uint64_t from);

  void record_use(const identity::Permission& permission, const std::string& actor);
  // Writes an entry and the entries about its statements, adds them to the index, and waits for the disk.
  net::Task<Result<ledger::Index>> record(std::string entry);
  // The entries, read on the pool.
  net::Task<Result<std::vector<std::string>>> read(std::vector<ledger::Index> wanted);
  // The entry with this id among candidates of the index, and where it is.
  struct Located {
    ledger::Index at = 0;
    std::string entry;
  };
  net::Task<Result<Located>> locate(std::vector<ledger::Index> candidates, std::string id);
  // Answers with a problem, where the id is none or nothing has it; nullopt then.
  net::Task<std::optional<Located>> artifact_or_answer(Passage& p);

  void register_metrics();
  net::Metrics::Samples submitted(evidence::Measure measure) const;
  Result<json::object> bundle_of(ledger::Index at, const std::string& payload);  // on the pool

  Options options;
  ledger::Sink& log;
  net::Metrics& metrics;
  evidence::Index index;
  evidence::LogEntries entries_of_log;
  ArtifactStore artifacts;
  std::vector<std::weak_ptr<Upload>> uploads;  // under way; the loop's
  std::atomic<bool> rebuilt{false};
  std::atomic<std::size_t> waiting{0};
  Clocks clocks;
  asio::thread_pool pool{1};  // last: joined first
};

}  // namespace plimsoll::res
