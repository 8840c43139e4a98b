#include "res/service.h"

#include <algorithm>
#include <array>

#include "base/hash.h"
#include "base/json.h"
#include "base/log.h"
#include "evidence/bundle.h"
#include "evidence/statement.h"
#include "impl.h"

namespace plimsoll::res {

using evidence::Problem;

namespace {

template <class T>
std::expected<T, Problem> as_evidence(std::expected<T, net::QueryProblem> read) {
  if (read) return *std::move(read);
  return std::unexpected(evidence::field_problem(read.error().name, read.error().message));
}

int status_of(Problem::Kind kind) {
  switch (kind) {
    case Problem::Kind::kMalformed:
      return 400;
    case Problem::Kind::kField:
      return 422;
    case Problem::Kind::kTooLarge:
      return 413;
    case Problem::Kind::kConflict:
      return 409;
    case Problem::Kind::kMissing:
      return 404;
  }
  return 400;
}

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

net::Response to_response(const Problem& problem) {
  return problem_response(status_of(problem.kind), problem.message, problem.field);
}

net::Response to_response(const Error& error) {
  if (error.code == Code::kTooLarge) return problem_response(413, error.message);
  if (error.code == Code::kNotFound) return problem_response(404, error.message);
  const bool passing = error.code == Code::kUnavailable || error.code == Code::kTimeout;
  // Files and offsets are for the operator, who has the log.
  log_error("evidence request failed", {{"error", error.message}});
  return problem_response(passing ? 503 : 500,
                          passing ? "the log cannot be reached at the moment; nothing is confirmed, try again"
                                  : "internal error; the server's log says more",
                          {}, "server_error");
}

std::expected<Parameters, Problem> parse_query(std::string_view query,
                                               std::initializer_list<std::string_view> known) {
  return as_evidence(net::parse_query(query, known));
}

std::expected<std::optional<Time>, Problem> time_in(const Parameters& parameters, std::string_view name) {
  return as_evidence(net::time_in(parameters, name));
}

std::expected<std::optional<std::uint64_t>, Problem> number_in(const Parameters& parameters,
                                                               std::string_view name, std::uint64_t least,
                                                               std::uint64_t most) {
  return as_evidence(net::number_in(parameters, name, least, most));
}

Service::Impl::Impl(asio::io_context&, Options o, ledger::Sink& l, net::Metrics& m)
    : options(std::move(o)),
      log(l),
      metrics(m),
      entries_of_log(options.log_directory, 8U << 20U, options.published),
      artifacts(options.artifact_directory),
      clocks(index, entries_of_log, log, rebuilt, [this] { return clock_rules(); }) {
  register_metrics();
  asio::post(pool, [this] {
    const auto begun = std::chrono::steady_clock::now();
    if (const auto done = index.rebuild(options.log_directory); !done)
      return log_error("the evidence index cannot be built: the log is damaged",
                       {{"error", done.error().message}});
    rebuilt = true;
    const auto took =
        std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::steady_clock::now() - begun);
    log_info("evidence ready", {{"artifacts", index.artifacts()}, {"ms", took.count()}});
  });
}

std::vector<IncidentClock> Service::Impl::clock_rules() const {
  return options.clocks ? options.clocks() : usual_incident_clocks();
}

Service::Impl::~Impl() {
  pool.stop();
  pool.join();
}

Service::Service(asio::io_context& loop, Options options, ledger::Sink& log, net::Metrics& metrics)
    : impl_(std::make_unique<Impl>(loop, std::move(options), log, metrics)) {}
Service::~Service() = default;

std::span<const Service::Impl::Entry> Service::Impl::entries() {
  static const auto kRoutes = [] {
    auto all = std::to_array<Entry>({
        {"GET", "/", &Impl::page},
        {"GET", "/health", &Impl::health},
        {"GET", "/readyz", &Impl::ready},
        {"GET", "/metrics", &Impl::scrape},
        {"GET", "/docs", &Impl::docs},
        {"GET", "/openapi.json", &Impl::openapi},
        {"POST", "/evidence", &Impl::submit},
        {"GET", "/evidence", &Impl::list},
        {"GET", "/evidence/{id}/attestation", &Impl::attestation},
        {"GET", "/evidence/{id}/bundle", &Impl::bundle},
        {"GET", "/evidence/{id}", &Impl::show},
        {"GET", "/attestation/key", &Impl::attestation_key},
        {"GET", "/attestation/trusted-root", &Impl::trusted_root},
        {"GET", "/checkpoint", &Impl::published_file},
        {"GET", "/tile/{id}", &Impl::published_file},
        {"GET", "/ledger/vkey", &Impl::verifier_keys},
        {"GET", "/ledger/receipt/{id}", &Impl::receipt},
        {"GET", "/models", &Impl::models},
        {"GET", "/cards/{id}", &Impl::card},
        {"PUT", "/artifacts/{id}", &Impl::put_artifact},
        {"GET", "/artifacts/{id}", &Impl::get_artifact},
        {"GET", "/risk/snapshot", &Impl::snapshot},
        {"GET", "/exports/audit", &Impl::export_audit},
        {"POST", "/incident", &Impl::open_incident},
        {"GET", "/incident", &Impl::list_incidents},
        {"GET", "/incident/{id}", &Impl::show_incident},
        {"POST", "/incident/{id}", &Impl::change_incident},
    });
    for (Entry& entry : all)
      entry.permission = identity::find_permission(identity::Listener::kEvidence, entry.method, entry.path);
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
  bool suffixed = false;
  for (const Entry& entry : entries()) {
    const auto mark = entry.path.find("{id}");
    std::string_view id;
    if (mark != std::string_view::npos) {
      const auto before = entry.path.substr(0, mark);
      const auto behind = entry.path.substr(mark + 4);
      if (!path.starts_with(before) || !path.ends_with(behind) ||
          path.size() <= before.size() + behind.size())
        continue;
      id = path.substr(before.size(), path.size() - before.size() - behind.size());
      if (suffixed && behind.empty()) continue;  // its end is not part of the id
      suffixed = !behind.empty();
    } else if (path != entry.path) {
      continue;
    }
    found.allowed = !found.known ? entry.method : found.allowed == "PUT" ? "GET, PUT" : "GET, POST";
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
  Passage p{.exchange = exchange, .id = found.id};
  std::optional<net::Response> no;
  if (found.route == nullptr && found.known) {
    no = problem_response(405, "method not allowed on this path: evidence is only ever added to");
    no->headers.add("Allow", found.allowed);
  } else if (found.route == nullptr) {
    no = problem_response(404, "no such path; see docs/evidence.md");
  }
  if (!no && !found.open() && self.options.authenticator != nullptr) {
    const auto admitted = self.options.authenticator->admit(request.headers, found.permission,
                                                            std::chrono::system_clock::now());
    if (!admitted) {
      no = refusal_response(admitted.error());
    } else {
      const auto& identity = **admitted;
      p.submitter = {.authenticated = true,
                     .org = identity.caller.org,
                     .user = identity.pseudonym(self.options.commitment_key)};
    }
  }
  if (!no && refused)
    no = problem_response(refused->status, refused->why, {},
                          refused->status == 401 ? "authentication_error" : "invalid_request_error");
  if (!no && !found.open() && !self.rebuilt) {
    no = problem_response(503, "the index is being built from the log; try again in a moment", {},
                          "server_error");
    no->headers.add("Retry-After", "1");
  }
  if (!no && found.permission != nullptr && found.permission->recorded)
    self.record_use(*found.permission, p.submitter.user);
  if (no)
    co_await exchange.respond(*std::move(no));
  else
    co_await (self.*found.route)(p);
}

// Rides the next batch: nobody waits for it.
void Service::Impl::record_use(const identity::Permission& permission, const std::string& actor) {
  if (auto queued = log.append(identity::use_entry(permission, actor, {}, std::chrono::system_clock::now()));
      !queued)
    log_warn("an administrative act is not in the log", {{"error", queued.error().message}});
}

net::Task<Result<ledger::Index>> Service::Impl::record(std::string entry) {
  struct Written {
    std::optional<evidence::Stored> stored;
    std::string id, entry;
    ledger::Index at = 0;
  };
  auto memory = std::make_shared<Written>();
  memory->stored = evidence::read_entry(entry);
  memory->id = evidence::id_of(entry);
  memory->entry = entry;
  if (!memory->stored) co_return fail(Code::kInternal, "an entry of a kind that is not read back");
  std::vector<std::string> entries;
  entries.push_back(std::move(entry));
  for (auto& statement : evidence::statements_of(memory->id, *memory->stored)) {
    const auto envelope =
        evidence::sign(std::move(statement), evidence::kInTotoPayload, options.attestation_key);
    entries.push_back(evidence::to_log_entry(envelope, options.attestation_key.public_key()));
  }
  std::function<void(std::size_t, ledger::Index)> written = [this, memory](std::size_t i, ledger::Index at) {
    if (i > 0) return index.attest(memory->at, i - 1, at);
    memory->at = at;
    index.add(at, memory->id, *memory->stored);
    entries_of_log.keep(at, std::move(memory->entry));
  };
  auto at = co_await append_and_wait(log, std::move(entries), std::move(written), options.record_timeout);
  co_return at;
}

net::Task<Result<std::vector<std::string>>> Service::Impl::read(std::vector<ledger::Index> wanted) {
  if (waiting >= kMaxWaiting) co_return fail(Code::kUnavailable, "too many readers");
  ++waiting;
  std::function<Result<std::vector<std::string>>()> work = [this, wanted = std::move(wanted)] {
    return entries_of_log.read(wanted);
  };
  auto read = co_await run_on(pool, std::move(work));
  --waiting;
  if (!read) co_return fail(Code::kInternal, "reading the log failed");
  co_return *std::move(read);
}

net::Task<Result<Service::Impl::Located>> Service::Impl::locate(std::vector<ledger::Index> candidates,
                                                                std::string id) {
  auto texts = co_await read(candidates);
  if (!texts) co_return std::unexpected(std::move(texts).error());
  for (std::size_t i = 0; i < texts->size(); ++i)
    if (evidence::id_of((*texts)[i]) == id) co_return Located{candidates[i], std::move((*texts)[i])};
  co_return fail(Code::kNotFound, "nothing has this id");
}

}  // namespace plimsoll::res
