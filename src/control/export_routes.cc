// What auditors ask, answered from what is stored.
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <cstdio>

#include "base/time.h"
#include "frameworks.h"
#include "impl.h"
#include "spec/openapi.h"

namespace plimsoll::control {
namespace {

using Found = std::map<std::string, Evidence, std::less<>>;

// What the whole report is made from.
struct Counted {
  store::Totals totals;
  Found evidence;
};

json::value time_or_null(const std::optional<Time>& time) {
  return time ? json::value(to_rfc3339(*time)) : json::value(nullptr);
}

json::object to_object(const Sample& sample) {
  return {{"event_id", sample.id},
          {"timestamp", to_rfc3339(sample.time)},
          {"action", sample.what},
          {"log_index", sample.index}};
}

json::object to_object(const Control& control, const Found& found) {
  std::uint64_t count = 0;
  std::optional<Time> last;
  std::vector<Sample> samples;
  for (const auto& kind : control.evidence) {
    const auto& evidence = found.at(kind);
    count += evidence.count;
    if (evidence.last) last = last ? std::max(*last, *evidence.last) : evidence.last;
    samples.insert(samples.end(), evidence.samples.begin(), evidence.samples.end());
  }
  std::ranges::sort(samples, std::ranges::greater(), &Sample::time);
  if (samples.size() > store::kSamples) samples.resize(store::kSamples);
  json::array events;
  for (const auto& sample : samples) events.emplace_back(to_object(sample));
  json::object out{{"control_id", control.id},
                   {"control_name", control.name},
                   {"iso_clause", control.clause},
                   {"evidence_count", count},
                   {"sample_events", std::move(events)}};
  out["last_updated"] = time_or_null(last);
  out["compliance_status"] = status_of(control, found);
  return out;
}

// Of all decisions those that were not withheld, in per cent.
std::string rate_of(const store::Totals& totals, std::uint64_t blocked) {
  if (totals.events == 0) return "100.00%";
  char text[32];
  std::snprintf(text, sizeof text, "%.2f%%",
                100.0 * static_cast<double>(totals.events - blocked) / static_cast<double>(totals.events));
  return text;
}

Result<Counted> count_all(store::Reader& reader, const Framework& framework, const store::Window& window) {
  auto totals = store::totals(reader, window);
  if (!totals) return std::unexpected(std::move(totals).error());
  Counted out{.totals = *std::move(totals), .evidence = {}};
  for (const auto& control : framework.controls)
    for (const auto& kind : control.evidence) {
      if (out.evidence.contains(kind)) continue;
      auto evidence = count_evidence(reader, kind, window);
      if (!evidence) return std::unexpected(std::move(evidence).error());
      out.evidence.emplace(kind, *std::move(evidence));
    }
  return out;
}

}  // namespace

// `name` empty: of the framework that the query names.
net::Task<> Service::Impl::export_controls(Passage& p, std::string_view name) {
  auto parameters = name.empty() ? net::parse_query(p.request().query, {"days", "framework"})
                                 : net::parse_query(p.request().query, {"days"});
  if (parameters && name.empty()) {
    const auto wish = parameters->find("framework");
    if (wish != parameters->end() && framework(wish->second) != nullptr)
      name = wish->second;
    else
      parameters = std::unexpected(
          net::QueryProblem{"framework", "expected iso42001, nist-ai-rmf, eu-ai-act, soc2 or hipaa"});
  }
  const auto days =
      parameters ? net::number_in(*parameters, "days", 1, 3'660) : std::unexpected(parameters.error());
  if (!days) {
    auto no = to_response(days.error());
    co_await p.exchange.respond(std::move(no));
    co_return;
  }
  const auto period = days->value_or(30);
  const auto now = std::chrono::system_clock::now();
  const store::Window window{.from = now - std::chrono::days(period), .until = {}};
  const Framework* wanted = framework(name);
  std::function<Result<Counted>(store::Reader&)> query = [wanted, window](store::Reader& reader) {
    return wanted != nullptr ? count_all(reader, *wanted, window)
                             : Result<Counted>(fail(Code::kInternal, "no such framework"));
  };
  const auto counted = co_await ask(std::move(query));
  if (!counted) {
    auto no = to_response(counted.error());
    co_await p.exchange.respond(std::move(no));
    co_return;
  }
  const auto& totals = counted->totals;
  const auto blocked = totals.by_action.at(static_cast<std::size_t>(Action::kBlock)) +
                       totals.by_action.at(static_cast<std::size_t>(Action::kErrorBlock));
  json::array controls;
  for (const auto& control : wanted->controls) controls.emplace_back(to_object(control, counted->evidence));
  json::object evidence;
  for (const auto& [kind, found] : counted->evidence) {
    json::object one{{"query", evidence_kinds().at(kind)}, {"count", found.count}};
    one["last"] = time_or_null(found.last);
    evidence[kind] = std::move(one);
  }
  json::object body{{"framework", wanted->title},
                    {"report_date", to_rfc3339(now)},
                    {"period_days", period},
                    {"summary",
                     {{"total_events", totals.events},
                      {"blocked_events", blocked},
                      {"asl_triggers", totals.asl},
                      {"compliance_rate", rate_of(totals, blocked)}}},
                    {"controls", std::move(controls)},
                    {"evidence", std::move(evidence)},
                    {"window", {{"from", to_rfc3339(*window.from)}, {"to", to_rfc3339(now)}}},
                    {"checkpoint", published.signed_checkpoint()}};
  auto response = net::json_response(200, to_json(std::move(body)));
  co_await p.exchange.respond(std::move(response));
}

net::Task<> Service::Impl::export_iso(Passage& p) {
  return export_controls(p, "iso42001");
}

net::Task<> Service::Impl::export_nist(Passage& p) {
  return export_controls(p, "nist-ai-rmf");
}

net::Task<> Service::Impl::export_ai_act(Passage& p) {
  return export_controls(p, "eu-ai-act");
}

net::Task<> Service::Impl::export_any(Passage& p) {
  return export_controls(p, {});
}

net::Task<> Service::Impl::openapi(Passage& p) {
  auto response = net::json_response(200, std::string(spec::control_openapi()));
  co_await p.exchange.respond(std::move(response));
}

net::Task<> Service::Impl::docs(Passage& p) {
  auto response = net::page_response(spec::docs_page(spec::control_openapi()));
  co_await p.exchange.respond(std::move(response));
}

}  // namespace plimsoll::control
