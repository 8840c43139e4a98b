// POST /replay: what another policy would have decided over a stored period.
#include "base/time.h"
#include "decide/replay.h"
#include "impl.h"

namespace plimsoll::control {
namespace {

constexpr std::size_t kMaxPolicyBytes = 4U << 20U;
constexpr std::uint64_t kMostEntries = 2'000'000;  // that one request reads
constexpr std::size_t kListedProblems = 20;

net::Response refused(const std::vector<policy::Problem>& problems) {
  json::array all;
  for (std::size_t i = 0; i < std::min(problems.size(), kListedProblems); ++i)
    all.emplace_back(policy::to_string(problems[i]));
  const auto message = "the policy has " + std::to_string(problems.size()) +
                       " problems, the first: " + policy::to_string(problems.front());
  json::object error{{"message", message}, {"type", "invalid_request_error"}, {"param", "body"}};
  error["problems"] = std::move(all);
  return net::json_response(422, to_json(json::object{{"error", std::move(error)}}));
}

}  // namespace

net::Task<> Service::Impl::replay(Passage& p) {
  const auto parameters = net::parse_query(p.request().query, {"from", "to", "days"});
  const auto from = parameters ? net::time_in(*parameters, "from") : std::unexpected(parameters.error());
  const auto until = from ? net::time_in(*parameters, "to") : from;
  const auto days = until ? net::number_in(*parameters, "days", 1, 3'660) : std::unexpected(until.error());
  std::optional<net::Response> no;
  if (!days)
    no = to_response(days.error());
  else if (*from && *days)
    no = to_response(net::QueryProblem{"days", "is not given together with from"});
  else if (p.request().body.size() > kMaxPolicyBytes)
    no = problem_response(413, "a policy may have 4 MiB");
  else if (replaying.exchange(true))
    no = retry_later(429, "another replay runs; try again when it has ended");
  if (no) {
    co_await p.exchange.respond(*std::move(no));
    co_return;
  }
  const Time now = std::chrono::system_clock::now();
  const store::Window window{.from = *from ? **from : now - std::chrono::days(days->value_or(30)),
                             .until = until->value_or(now)};
  using Range = std::pair<ledger::Index, ledger::Index>;
  std::function<Result<Range>(store::Reader&)> query = [this, window](store::Reader& reader) {
    return store::index_range(reader, published.checkpoint().origin, window);
  };
  const auto range = co_await ask(std::move(query));
  std::function<net::Response()> work = [this, range, window, body = std::move(p.request().body)] {
    return range ? replayed(body, *range, window) : to_response(range.error());
  };
  auto answer = co_await net::run_on(replays, std::move(work));
  replaying = false;
  auto response = answer ? *std::move(answer) : problem_response(500, "internal error", {}, "server_error");
  co_await p.exchange.respond(std::move(response));
}

// No body: the policy in force.
net::Response Service::Impl::replayed(const std::string& body, std::pair<ledger::Index, ledger::Index> range,
                                      const store::Window& window) {
  auto candidate = governance.get()->policy;
  if (!body.empty()) {
    auto parsed = policy::Policy::parse(body, "policy");
    if (!parsed) return refused(parsed.error());
    candidate = *std::move(parsed);
  }
  decide::Replay all(candidate, window.from, window.until);
  const auto [first, last] = range;
  bool whole = true;
  std::uint64_t seen = 0;
  for (auto at = first; at < last && whole && !stopping;) {
    const auto entries = published.bundle(at);
    if (!entries) return to_response(entries.error());
    if (entries->empty()) break;
    for (const auto& entry : *entries) {
      at = entry.index + 1;
      if (entry.index >= last || entry.bytes.empty()) continue;
      if (auto added = all.add(entry.index, entry.bytes); !added) return to_response(added.error());
    }
    seen += entries->size();
    whole = seen < kMostEntries || at >= last;
  }
  auto report = all.report();
  report["from"] = to_rfc3339(*window.from);
  report["to"] = to_rfc3339(*window.until);
  report["complete"] = whole && !stopping;
  return net::json_response(200, to_json(std::move(report)));
}

}  // namespace plimsoll::control
