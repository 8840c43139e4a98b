// Capability evaluations: recorded, shown, decided; and the public frameworks that they speak of.
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

#include "base/id.h"
#include "base/log.h"
#include "capability.h"
#include "impl.h"
#include "texts.h"
#include "watch/report.h"

namespace plimsoll::control {
namespace {

constexpr std::size_t kMostShown = 200;
constexpr auto kHold = std::chrono::seconds(30);  // while one decision is recorded nobody else can decide

std::string to_entry(const CapabilityEvaluation& e, const std::string& id, const std::string& actor,
                     const std::string& decision_maker, Time now, std::optional<Time> due) {
  json::object out{{"actor", actor},
                   {"as_of", to_rfc3339_ms(e.as_of.value_or(now))},
                   {"crossed", e.crossed()},
                   {"evaluation_id", id},
                   {"evaluator", e.evaluator},
                   {"framework", e.framework},
                   {"high", e.high},
                   {"low", e.low},
                   {"method", e.method},
                   {"model_version", e.model},
                   {"n", e.n},
                   {"notes", e.notes},
                   {"score", e.score},
                   {"status", to_string(e.status())},
                   {"threat", e.threat},
                   {"threshold_id", e.threshold_id},
                   {"time", to_rfc3339_ms(now)},
                   {"type", "capability_evaluation"},
                   {"v", 1},
                   {"version", e.version}};
  if (e.successes) out["successes"] = *e.successes;
  if (e.threshold) out["threshold"] = *e.threshold;
  if (e.stated) out["stated"] = to_string(*e.stated);
  if (due) {
    out["decision_maker"] = decision_maker;
    out["due"] = to_rfc3339_ms(*due);
  }
  return to_canonical_json(out);
}

json::value text_or_null(const std::string& text) {
  return text.empty() ? json::value(nullptr) : json::value(text);
}
json::value time_or_null(const std::optional<Time>& time) {
  return time ? json::value(to_rfc3339_ms(*time)) : json::value(nullptr);
}

json::object to_object(const store::Evaluation& one, Time now) {
  const auto& row = one.row;
  const char* state = !row.crossed                ? "not_crossed"
                      : !one.decision.empty()     ? "decided"
                      : row.due && *row.due < now ? "overdue"
                                                  : "open";
  return {{"evaluation_id", row.evaluation_id},
          {"model_version", row.model},
          {"threat", row.threat},
          {"framework", text_or_null(row.framework)},
          {"version", text_or_null(row.version)},
          {"threshold_id", text_or_null(row.threshold_id)},
          {"score", row.score},
          {"interval", json::array{row.low, row.high}},
          {"threshold", row.threshold ? json::value(*row.threshold) : json::value(nullptr)},
          {"n", row.n > 0 ? json::value(row.n) : json::value(nullptr)},
          {"method", row.method},
          {"evaluator", row.evaluator},
          {"status", row.status},
          {"crossed", row.crossed},
          {"as_of", to_rfc3339_ms(row.as_of)},
          {"recorded_at", to_rfc3339_ms(row.time)},
          {"index", row.index},
          {"state", state},
          {"due", time_or_null(row.due)},
          {"decision_maker", text_or_null(row.decision_maker)},
          {"decision", text_or_null(one.decision)},
          {"decided_at", time_or_null(one.decided_at)}};
}

struct EvaluationQuery {
  store::EvaluationFilter filter;
  std::size_t limit = 50;
  std::string cursor;
};

std::expected<EvaluationQuery, net::QueryProblem> read_query(std::string_view query) {
  const auto parameters = net::parse_query(
      query, {"model", "threat", "framework", "status", "crossed", "from", "to", "limit", "cursor"});
  if (!parameters) return std::unexpected(parameters.error());
  EvaluationQuery out;
  const auto get = [&](std::string_view name) {
    const auto at = parameters->find(name);
    return at == parameters->end() ? std::string() : at->second;
  };
  out.filter.model = get("model");
  out.filter.threat = get("threat");
  out.filter.framework = get("framework");
  out.filter.status = get("status");
  out.cursor = get("cursor");
  if (parameters->contains("status") && !parse_capability(out.filter.status))
    return std::unexpected(net::QueryProblem{"status", "expected ruled_out, cannot_rule_out or ruled_in"});
  if (parameters->contains("crossed")) {
    if (get("crossed") != "true" && get("crossed") != "false")
      return std::unexpected(net::QueryProblem{"crossed", "expected true or false"});
    out.filter.crossed = get("crossed") == "true";
  }
  auto from = net::time_in(*parameters, "from");
  if (!from) return std::unexpected(std::move(from).error());
  auto until = net::time_in(*parameters, "to");
  if (!until) return std::unexpected(std::move(until).error());
  auto limit = net::number_in(*parameters, "limit", 1, kMostShown);
  if (!limit) return std::unexpected(std::move(limit).error());
  out.filter.window = {.from = *from, .until = *until};
  out.limit = limit->value_or(out.limit);
  return out;
}

}  // namespace

net::Task<> Service::Impl::add_evaluation(Passage& p) {
  const auto read = read_capability_evaluation(p.request().body);
  if (!read) {
    auto no = to_response(read.error());
    co_await p.exchange.respond(std::move(no));
    co_return;
  }
  const auto policy = governance.get()->policy;
  const policy::Settings usual;
  const auto& settings = policy ? policy->settings() : usual;
  const Time now = std::chrono::system_clock::now();
  std::optional<Time> due;
  if (read->crossed()) due = now + settings.review_time();
  const auto decision_maker = read->decision_maker.empty() ? settings.review_assignee : read->decision_maker;
  const auto id = new_id();
  const auto index = co_await record(to_entry(*read, id, actor_of(p), decision_maker, now, due));
  if (!index) {
    auto failed = to_response(index.error());
    co_await p.exchange.respond(std::move(failed));
    co_return;
  }
  json::object body{{"evaluation_id", id},
                    {"index", *index},
                    {"score", read->score},
                    {"interval", json::array{read->low, read->high}},
                    {"status", to_string(read->status())},
                    {"crossed", read->crossed()},
                    {"due", time_or_null(due)},
                    {"decision_maker", due ? json::value(decision_maker) : json::value(nullptr)}};
  if (due) {
    const watch::Alert alert{.id = "capability_crossed/" + id,
                             .kind = "capability_crossed",
                             .subject = read->threat + " " + read->model,
                             .metric = read->threat,
                             .severity = "error",
                             .value = read->score,
                             .limit = read->threshold.value_or(0),
                             .text = "a capability threshold counts as crossed (" +
                                     std::string(to_string(read->status())) + "): " + decision_maker +
                                     " decides by " + to_rfc3339(*due),
                             .time = now};
    const auto told = co_await record(watch::to_entry(alert));
    if (!told) log_warn("an alert is not recorded", {{"kind", alert.kind}, {"error", told.error().message}});
    if (told && options.on_alert) options.on_alert(alert);
  }
  auto response = net::json_response(201, to_json(std::move(body)));
  response.headers.add("Location", "/capability-evaluations/" + id);
  co_await p.exchange.respond(std::move(response));
}

net::Task<> Service::Impl::list_evaluations(Passage& p) {
  const auto wanted = read_query(p.request().query);
  if (!wanted) {
    auto no = to_response(wanted.error());
    co_await p.exchange.respond(std::move(no));
    co_return;
  }
  std::function<Result<store::EvaluationPage>(store::Reader&)> query = [q = *wanted](store::Reader& reader) {
    return store::evaluations(reader, q.filter, q.limit, q.cursor);
  };
  const auto page = co_await ask(std::move(query));
  if (!page) {
    auto failed = to_response(page.error());
    co_await p.exchange.respond(std::move(failed));
    co_return;
  }
  const Time now = std::chrono::system_clock::now();
  json::array rows;
  for (const auto& one : page->evaluations) rows.emplace_back(to_object(one, now));
  auto response = net::json_response(200, to_json(json::object{{"evaluations", std::move(rows)},
                                                               {"next_cursor", text_or_null(page->next)}}));
  co_await p.exchange.respond(std::move(response));
}

net::Task<Result<std::optional<store::Evaluation>>> Service::Impl::find_evaluation(std::string id) {
  using Found = std::optional<store::Evaluation>;
  std::function<Result<Found>(store::Reader&)> query =
      [id = std::move(id)](store::Reader& reader) -> Result<Found> {
    store::EvaluationFilter filter;
    filter.evaluation_id = id;
    auto page = store::evaluations(reader, filter, 1);
    if (!page) return std::unexpected(std::move(page).error());
    return page->evaluations.empty() ? Found() : Found(std::move(page->evaluations.front()));
  };
  auto found = co_await ask(std::move(query));
  co_return found;
}

net::Task<> Service::Impl::show_evaluation(Passage& p) {
  const auto found = co_await find_evaluation(p.id);
  auto response = !found ? to_response(found.error())
                  : *found
                      ? net::json_response(200, to_json(to_object(**found, std::chrono::system_clock::now())))
                      : problem_response(404, "there is no such evaluation");
  co_await p.exchange.respond(std::move(response));
}

net::Task<> Service::Impl::decide_evaluation(Passage& p) {
  const auto wanted = read_capability_decision(p.request().body);
  if (!wanted) {
    auto no = to_response(wanted.error());
    co_await p.exchange.respond(std::move(no));
    co_return;
  }
  const auto found = co_await find_evaluation(p.id);
  std::optional<net::Response> no;
  if (!found)
    no = to_response(found.error());
  else if (!*found)
    no = problem_response(404, "there is no such evaluation");
  else if (!(*found)->row.crossed)
    no = problem_response(409, "this evaluation rules the threshold out: there is nothing to decide");
  else if (!(*found)->decision.empty())
    no = problem_response(409, "this crossing was decided already: " + (*found)->decision);
  if (!no) {
    // Of two who decide at once one is told.
    std::function<Result<bool>(store::Reader&)> take = [this, id = p.id,
                                                        request = p.request_id](store::Reader&) {
      return store.claim_review("capability/" + id, request, kHold);
    };
    const auto taken = co_await ask(std::move(take));
    if (!taken)
      no = to_response(taken.error());
    else if (!*taken)
      no = problem_response(409, "somebody else is deciding about this crossing");
  }
  if (no) {
    co_await p.exchange.respond(*std::move(no));
    co_return;
  }
  const Time now = std::chrono::system_clock::now();
  const json::object entry{{"actor", actor_of(p)},          {"decided_by", wanted->decided_by},
                           {"decision", wanted->decision},  {"evaluation_id", p.id},
                           {"notes", wanted->notes},        {"time", to_rfc3339_ms(now)},
                           {"type", "capability_decision"}, {"v", 1}};
  const auto index = co_await record(to_canonical_json(entry));
  auto response = index ? net::json_response(200, to_json(json::object{{"evaluation_id", p.id},
                                                                       {"decision", wanted->decision},
                                                                       {"decided_by", wanted->decided_by},
                                                                       {"index", *index}}))
                        : to_response(index.error());
  co_await p.exchange.respond(std::move(response));
}

net::Task<> Service::Impl::capability_frameworks(Passage& p) {
  auto response = net::json_response(200, std::string(capability_text()));
  co_await p.exchange.respond(std::move(response));
}

}  // namespace plimsoll::control
