// Health, readiness, metrics.
#include "base/json.h"
#include "impl.h"
#include "spec/openapi.h"

namespace plimsoll::res {

namespace {

constexpr std::size_t kMaxModelSeries =
    1'000;  // model versions that a scrape shows: those of the latest evidence

}  // namespace

net::Task<> Service::Impl::health(Passage& p) {
  auto response = net::json_response(200, R"({"status":"ok"})");
  co_await p.exchange.respond(std::move(response));
}

net::Task<> Service::Impl::ready(Passage& p) {
  const bool writable = log.writable();
  json::object body{{"status", rebuilt && writable ? "ready" : "not ready"},
                    {"index", rebuilt ? "built" : "being built"},
                    {"log", writable ? "writable" : "not writable"}};
  auto response = net::json_response(rebuilt && writable ? 200 : 503, to_json(body));
  co_await p.exchange.respond(std::move(response));
}

net::Task<> Service::Impl::docs(Passage& p) {
  auto response = net::page_response(spec::docs_page(spec::evidence_openapi()));
  co_await p.exchange.respond(std::move(response));
}

net::Task<> Service::Impl::openapi(Passage& p) {
  auto response = net::json_response(200, std::string(spec::evidence_openapi()));
  co_await p.exchange.respond(std::move(response));
}

net::Task<> Service::Impl::scrape(Passage& p) {
  net::Response response;
  response.headers.add("Content-Type", "text/plain; version=0.0.4; charset=utf-8");
  response.body = metrics.to_prometheus();
  co_await p.exchange.respond(std::move(response));
}

void Service::Impl::register_metrics() {
  using evidence::Measure;
  using Samples = net::Metrics::Samples;
  metrics.gauge("res_evidence_events_total", "Evidence artifacts in the log.",
                [this] { return Samples{{{}, static_cast<double>(index.artifacts())}}; });
  const auto show = [&](std::string_view name, std::string_view help, Measure measure) {
    metrics.gauge(name, help, [this, measure] { return submitted(measure); });
  };
  show("llm_pass_at_5", "pass@5 as last submitted, by model version.", Measure::kPassAt5);
  show("fairness_subgroup_delta", "Subgroup delta as last submitted, by model version.",
       Measure::kSubgroupDelta);
  show("harmful_output_rate", "Harmful output rate as last submitted, by model version.",
       Measure::kHarmfulRate);
  show("drift_psi", "Population stability index as last submitted, by model version.", Measure::kPsi);

  // As last submitted, by model version, and, without that label, as this process's gateway measures.
  const auto both = [&](std::string_view name, std::string_view help, Measure measure,
                        double (*of)(const Traffic&)) {
    metrics.gauge(name, help, [this, measure, of] {
      Samples out = submitted(measure);
      const auto traffic = options.traffic ? options.traffic() : std::nullopt;
      if (traffic && traffic->requests > 0) out.insert(out.begin(), {{}, of(*traffic)});
      return out;
    });
  };
  both("latency_p95_seconds", "95th percentile of the time that a model request takes.", Measure::kP95,
       [](const Traffic& t) { return t.p95_seconds; });
  both(
      "availability", "Share of model requests that did not fail.", Measure::kAvailability,
      [](const Traffic& t) { return 1 - static_cast<double>(t.failures) / static_cast<double>(t.requests); });
  metrics.gauge("llm_requests_total", "Model requests that this process's gateway has answered.", [this] {
    const auto traffic = options.traffic ? options.traffic() : std::nullopt;
    return Samples{{{}, traffic ? static_cast<double>(traffic->requests) : 0}};
  });
  metrics.gauge(
      "res_incident_clocks", "Clocks of incidents at the last look, a minute ago at most, by state.", [this] {
        Samples out;
        const auto counts = clocks.counts();
        for (std::size_t i = 0; i < counts.size(); ++i)
          out.push_back(
              {{{"state", std::string(evidence::to_string(static_cast<evidence::ClockState::State>(i)))}},
               static_cast<double>(counts.at(i))});
        return out;
      });
  metrics.gauge("res_incidents", "Incidents, by state and severity.", [this] {
    Samples out;
    const auto counts = index.incident_counts();
    for (std::size_t state = 0; state < counts.size(); ++state)
      for (std::size_t severity = 0; severity < 4; ++severity)
        out.push_back({{{"status", std::string(to_string(static_cast<evidence::IncidentState>(state)))},
                        {"severity", "sev" + std::to_string(severity + 1)}},
                       static_cast<double>(counts.at(state).at(severity))});
    return out;
  });
}

net::Metrics::Samples Service::Impl::submitted(evidence::Measure measure) const {
  net::Metrics::Samples out;
  for (const auto& risk : index.snapshots(kMaxModelSeries))
    if (risk.values[measure]) out.push_back({{{"model_version", risk.model_version}}, *risk.values[measure]});
  return out;
}

}  // namespace plimsoll::res
