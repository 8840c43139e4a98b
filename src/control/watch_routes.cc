// GET /watch, and the thread that looks every so often and records what somebody should know.
#include <boost/json/object.hpp>

#include "base/log.h"
#include "impl.h"
#include "watch/report.h"

namespace plimsoll::control {
namespace {

constexpr auto kTick = std::chrono::milliseconds(200);
constexpr std::string_view kClaim = "watch";  // no event's id: those are 36 characters or a client's

}  // namespace

// On a thread of the pool. Of several control planes that share a store one records, for as long as the others would.
Result<std::shared_ptr<const watch::Report>> Service::Impl::look(store::Reader& reader,
                                                                 const policy::Policy& policy, Time now) {
  auto found = watch::look(reader, policy, now);
  if (!found) return std::unexpected(std::move(found).error());
  auto report = std::make_shared<const watch::Report>(*std::move(found));
  {
    const std::scoped_lock lock(watch_mutex);
    last_report = report;
  }
  const auto alerts = watch::alerts_of(*report);
  if (alerts.empty()) return report;
  const auto hold =
      std::chrono::floor<std::chrono::seconds>(report->settings.every) - std::chrono::seconds(5);
  const auto mine = store.claim_review("\n" + std::string(kClaim), options.instance, hold);
  if (!mine) return std::unexpected(mine.error());
  if (!*mine) return report;
  for (const auto& alert : alerts) {
    const auto known = watch::is_recorded(reader, alert);
    if (!known) return std::unexpected(known.error());
    if (!*known) record_alert(alert);
  }
  return report;
}

void Service::Impl::record_alert(const watch::Alert& alert) {
  auto kept = std::make_shared<std::promise<Result<ledger::Index>>>();
  auto outcome = kept->get_future();
  auto queued = log.append(watch::to_entry(alert),
                           [kept](Result<ledger::Index> index) { kept->set_value(std::move(index)); });
  if (queued && outcome.wait_for(options.record_timeout) != std::future_status::ready)
    queued = fail(Code::kTimeout, "the log did not answer in time");
  const auto index = queued ? outcome.get() : Result<ledger::Index>(std::unexpected(queued.error()));
  if (!index)  // the next look finds that it is not on record
    return log_warn("an alert is not recorded", {{"kind", alert.kind}, {"error", index.error().message}});
  note_recorded(*index);
  log_warn("watch", {{"kind", alert.kind}, {"subject", alert.subject}, {"text", alert.text}});
  if (const auto counter = alerts_raised.find(alert.kind); counter != alerts_raised.end())
    counter->second->add();
  if (options.on_alert) options.on_alert(alert);
}

void Service::Impl::watch_all_the_time() {
  for (auto last = std::chrono::steady_clock::now(); !stopping; std::this_thread::sleep_for(kTick)) {
    const auto policy = governance.get()->policy;
    if (!policy || !ids_known || !policy::watch_settings(*policy).enabled) continue;
    const auto every = policy::watch_settings(*policy).every;
    if (std::chrono::steady_clock::now() < last + every) continue;
    last = std::chrono::steady_clock::now();
    auto done = std::make_shared<std::promise<void>>();
    auto outcome = done->get_future();
    const bool taken = queries.submit([this, policy, done](Result<store::Reader*> reader) {
      const auto report = reader
                              ? look(**reader, *policy, std::chrono::system_clock::now())
                              : Result<std::shared_ptr<const watch::Report>>(std::unexpected(reader.error()));
      if (!report) log_warn("the watch cannot look", {{"error", report.error().message}});
      done->set_value();
    });
    if (taken) outcome.wait();
  }
}

net::Task<> Service::Impl::watch_report(Passage& p) {
  const auto policy = governance.get()->policy;
  if (!policy || !policy::watch_settings(*policy).enabled) {
    auto no = problem_response(404, policy ? "the policy has the watch switched off" : "no policy is loaded");
    co_await p.exchange.respond(std::move(no));
    co_return;
  }
  std::shared_ptr<const watch::Report> report;
  {
    const std::scoped_lock lock(watch_mutex);
    report = last_report;
  }
  if (!report) {
    using Found = std::shared_ptr<const watch::Report>;
    std::function<Result<Found>(store::Reader&)> query = [this, policy](store::Reader& reader) {
      return look(reader, *policy, std::chrono::system_clock::now());
    };
    auto found = co_await ask(std::move(query));
    if (!found) {
      auto failed = to_response(found.error());
      co_await p.exchange.respond(std::move(failed));
      co_return;
    }
    report = *std::move(found);
  }
  auto response = net::json_response(200, to_json(watch::to_object(*report)));
  co_await p.exchange.respond(std::move(response));
}

void Service::Impl::register_watch(net::Metrics& m) {
  for (const char* kind : {"drift", "rate_rise", "rate_fall", "measure", "capability_overdue"})
    alerts_raised[kind] = &m.counter("plimsoll_watch_alerts_total",
                                     "Alerts of the watch that were recorded, by kind.", {{"kind", kind}});
  const auto gauge = [&](std::string_view name, std::string_view help, auto samples) {
    m.gauge(name, help, [this, samples] {
      std::shared_ptr<const watch::Report> report;
      {
        const std::scoped_lock lock(watch_mutex);
        report = last_report;
      }
      return report ? samples(*report) : net::Metrics::Samples();
    });
  };
  gauge("plimsoll_drift_psi", "Population stability index of the last look, by feature.",
        [](const watch::Report& report) {
          net::Metrics::Samples out;
          for (const auto& row : report.drift)
            if (row.psi.drift != watch::Drift::kInsufficient)
              out.push_back({{{"feature", row.feature}}, row.psi.value});
          return out;
        });
  gauge("plimsoll_watch_rate", "Rates since the watch on them began, by rate and tier.",
        [](const watch::Report& report) {
          net::Metrics::Samples out;
          for (const auto& row : report.rates)
            if (row.side == watch::Side::kRise && row.events > 0)
              out.push_back({{{"rate", row.rate}, {"tier", row.tier}},
                             static_cast<double>(row.counted) / static_cast<double>(row.events)});
          return out;
        });
}

}  // namespace plimsoll::control
