// What the store adds up to.
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

#include "base/time.h"
#include "impl.h"
#include "rows_json.h"

namespace plimsoll::control {
namespace {

constexpr std::uint64_t kMostHours = 8'784;  // a leap year
constexpr std::string_view kTiers[] = {"enterprise", "general", "research_sandbox"};

bool wants_prometheus(const net::Request& request, const net::Parameters& parameters) {
  if (const auto format = parameters.find("format"); format != parameters.end())
    return format->second == "prometheus";
  const auto accept = request.headers.get("accept");
  return accept.contains("text/plain") || accept.contains("application/openmetrics-text");
}

json::object to_object(const store::Totals& totals) {
  json::object surfaces, tiers, detections, actions;
  for (const auto name : kSurfaces) surfaces[name] = 0;
  for (const auto& [name, count] : totals.by_surface) surfaces[name] = count;
  for (const auto name : kTiers) tiers[name] = 0;
  for (const auto& [name, count] : totals.by_tier) tiers[name] = count;
  for (std::size_t i = 0; i < kCategoryCount; ++i)
    detections[to_string(static_cast<Category>(i))] = totals.detections.at(i);
  for (std::size_t i = 0; i < kActionCount; ++i)
    actions[to_string(static_cast<Action>(i))] = totals.by_action.at(i);
  return {{"total_events", totals.events},
          {"events_by_surface", std::move(surfaces)},
          {"events_by_tier", std::move(tiers)},
          {"risk_detections", std::move(detections)},
          {"actions_taken", std::move(actions)},
          {"asl_triggers", totals.asl},
          {"timestamp", to_rfc3339(std::chrono::system_clock::now())}};
}

}  // namespace

net::Task<> Service::Impl::root(Passage& p) {
  json::array endpoints{"/ingest",
                        "/metrics",
                        "/hourly-stats",
                        "/thresholds",
                        "/events",
                        "/review-queue",
                        "/review/{id}",
                        "/export/iso-evidence",
                        "/export/nist-ai-rmf",
                        "/export/eu-ai-act",
                        "/health",
                        "/readyz",
                        "/docs",
                        "/openapi.json"};
  auto response = net::json_response(200, to_json(json::object{{"name", "Plimsoll control plane"},
                                                               {"version", PLIMSOLL_VERSION},
                                                               {"endpoints", std::move(endpoints)}}));
  co_await p.exchange.respond(std::move(response));
}

net::Task<> Service::Impl::health(Passage& p) {
  auto response = net::json_response(
      200, to_json(json::object{{"status", "healthy"},
                                {"timestamp", to_rfc3339(std::chrono::system_clock::now())}}));
  co_await p.exchange.respond(std::move(response));
}

net::Task<> Service::Impl::ready(Passage& p) {
  const bool writable = log.writable();
  const auto error = projector.last_error();
  const bool all = ids_known && writable && error.empty();
  json::object body{{"status", all ? "ready" : "not ready"},
                    {"log", writable ? "writable" : "cannot be written"},
                    {"store", !error.empty() ? "cannot be reached"
                              : ids_known    ? "follows the log"
                                             : "is catching up"}};
  auto response = net::json_response(all ? 200 : 503, to_json(std::move(body)));
  co_await p.exchange.respond(std::move(response));
}

net::Task<> Service::Impl::metrics_route(Passage& p) {
  const auto parameters = net::parse_query(p.request().query, {"format"});
  std::optional<net::Response> response;
  if (!parameters)
    response = to_response(parameters.error());
  else if (const auto format = parameters->find("format");
           format != parameters->end() && format->second != "json" && format->second != "prometheus")
    response = problem_response(422, "format: expected json or prometheus", "format");
  else if (wants_prometheus(p.request(), *parameters)) {
    response.emplace();
    response->headers.add("Content-Type", "text/plain; version=0.0.4; charset=utf-8");
    response->body = metrics.to_prometheus();
  } else {
    std::function<Result<store::Totals>(store::Reader&)> query = [](store::Reader& reader) {
      return store::totals(reader);
    };
    const auto totals = co_await ask(std::move(query));
    response = totals ? net::json_response(200, to_json(to_object(*totals))) : to_response(totals.error());
  }
  co_await p.exchange.respond(*std::move(response));
}

net::Task<> Service::Impl::hourly(Passage& p) {
  const auto parameters = net::parse_query(p.request().query, {"hours"});
  const auto wanted =
      parameters ? net::number_in(*parameters, "hours", 1, kMostHours) : std::unexpected(parameters.error());
  if (!wanted) {
    auto no = to_response(wanted.error());
    co_await p.exchange.respond(std::move(no));
    co_return;
  }
  const auto hours = static_cast<unsigned>(wanted->value_or(24));
  std::function<Result<std::vector<store::HourStats>>(store::Reader&)> query =
      [hours](store::Reader& reader) {
        return store::hourly(reader, std::chrono::system_clock::now(), hours);
      };
  const auto stats = co_await ask(std::move(query));
  if (!stats) {
    auto no = to_response(stats.error());
    co_await p.exchange.respond(std::move(no));
    co_return;
  }
  json::array at, events, blocked, escalated, asl;
  for (const auto& one : *stats) {
    at.emplace_back(to_rfc3339(one.hour));
    events.emplace_back(one.events);
    blocked.emplace_back(one.blocked);
    escalated.emplace_back(one.escalated);
    asl.emplace_back(one.asl);
  }
  auto response = net::json_response(200, to_json(json::object{{"hours", std::move(at)},
                                                               {"event_counts", std::move(events)},
                                                               {"blocked_counts", std::move(blocked)},
                                                               {"escalated_counts", std::move(escalated)},
                                                               {"asl_counts", std::move(asl)}}));
  co_await p.exchange.respond(std::move(response));
}

net::Task<> Service::Impl::thresholds(Passage& p) {
  const auto now = governance.get();
  std::optional<net::Response> response;
  if (!now->policy) {
    response = retry_later(503, "no policy is loaded");
  } else {
    const auto& document = now->policy->document();
    json::object body{{"policy_version", now->policy->version()}};
    for (const auto name : {"risk_thresholds", "asl_triggers", "thresholds"})
      if (const auto* part = find(document, name)) body[name] = *part;
    response = net::json_response(200, to_json(std::move(body)));
  }
  co_await p.exchange.respond(*std::move(response));
}

net::Task<> Service::Impl::events(Passage& p) {
  const auto parameters = net::parse_query(
      p.request().query, {"from", "to", "surface", "tier", "direction", "org", "model", "policy", "rule",
                          "tag", "action", "category", "min_score", "asl", "review", "limit", "cursor"});
  std::expected<EventQuery, net::QueryProblem> wanted =
      parameters ? read_event_query(*parameters) : std::unexpected(parameters.error());
  if (!wanted) {
    auto no = to_response(wanted.error());
    co_await p.exchange.respond(std::move(no));
    co_return;
  }
  std::function<Result<store::EventPage>(store::Reader&)> query =
      [wanted = *std::move(wanted)](store::Reader& reader) {
        return store::events(reader, wanted.filter, wanted.limit, wanted.cursor);
      };
  const auto page = co_await ask(std::move(query));
  std::optional<net::Response> response;
  if (!page) {
    response = to_response(page.error());
  } else {
    json::array items;
    for (const auto& event : page->events) items.emplace_back(to_object(event));
    json::object body{{"events", std::move(items)}};
    body["next_cursor"] = page->next.empty() ? json::value(nullptr) : json::value(page->next);
    response = net::json_response(200, to_json(std::move(body)));
  }
  co_await p.exchange.respond(*std::move(response));
}

net::Task<> Service::Impl::event(Passage& p) {
  std::function<Result<std::optional<store::EventRow>>(store::Reader&)> query =
      [id = p.id](store::Reader& reader) { return store::event(reader, id); };
  const auto found = co_await ask(std::move(query));
  auto response = !found    ? to_response(found.error())
                  : !*found ? problem_response(404, "no event has this id")
                            : net::json_response(200, to_json(to_object(**found)));
  co_await p.exchange.respond(std::move(response));
}

}  // namespace plimsoll::control
