#include "watch/report.h"

#include <algorithm>
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <cmath>
#include <map>
#include <set>

#include "base/json.h"
#include "evidence/entry.h"

namespace plimsoll::watch {
namespace {

// Scores in ten-thousandths: nothing found; then finer where most of what is found lies.
constexpr std::int64_t kScoreEdges[] = {0, 1, 100, 300, 1'000, 2'000, 3'500, 5'000, 7'000, 9'000};
constexpr std::int64_t kLengthEdges[] = {0,     32,    64,    128,   256,    512,
                                         1'024, 2'048, 4'096, 8'192, 16'384, 65'536};
constexpr std::size_t kMostModels = 1'000;
constexpr std::size_t kMostEvidence = 1'000;

struct Rate {
  const char* name;
  std::uint64_t store::RateCounts::* counted;
};
constexpr Rate kRates[] = {{"block_rate", &store::RateCounts::blocked},
                           {"refusal_rate", &store::RateCounts::refused},
                           {"review_rate", &store::RateCounts::reviews},
                           {"harmful_rate", &store::RateCounts::harmful}};
constexpr const char* kTiers[] = {"general", "enterprise", "research_sandbox", "untiered"};
constexpr double kStreams = 2.0 * std::size(kRates) * std::size(kTiers);

std::vector<std::string> names_of(std::span<const std::int64_t> edges, double unit) {
  std::vector<std::string> out;
  for (const auto edge : edges)
    out.push_back("from " + to_json(json::value(static_cast<double>(edge) / unit)));
  return out;
}

// Fills a row from the counts of both stretches; `count` is asked for each.
template <class Count>
Result<DriftRow> compare(const Report& report, std::string feature, Count count) {
  DriftRow row{.feature = std::move(feature), .bins = {}, .reference = {}, .current = {}, .psi = {}};
  auto before = count(store::Window{.from = report.reference_from, .until = report.current_from});
  if (!before) return std::unexpected(std::move(before).error());
  auto now = count(store::Window{.from = report.current_from, .until = report.time});
  if (!now) return std::unexpected(std::move(now).error());
  if constexpr (std::is_same_v<std::decay_t<decltype(*now)>, std::vector<std::uint64_t>>) {
    row.reference = *std::move(before);
    row.current = *std::move(now);
  } else {
    std::set<std::string> names;
    for (const auto* counts : {&*before, &*now})
      for (const auto& [name, n] : *counts) names.insert(name);
    for (const auto& name : names) {
      row.bins.push_back(name);
      row.reference.push_back(before->contains(name) ? before->at(name) : 0);
      row.current.push_back(now->contains(name) ? now->at(name) : 0);
    }
  }
  row.psi = psi(row.reference, row.current, report.warn, report.block);
  return row;
}

Result<void> look_at_drift(store::Reader& reader, Report& report) {
  const auto take = [&](Result<DriftRow> row, std::vector<std::string> bins = {}) -> Result<void> {
    if (!row) return std::unexpected(std::move(row).error());
    if (!bins.empty()) row->bins = std::move(bins);
    report.drift.push_back(*std::move(row));
    return {};
  };
  for (std::size_t i = 0; i < kCategoryCount; ++i) {
    const auto category = static_cast<Category>(i);
    auto row = compare(report, "score." + std::string(to_string(category)), [&](const store::Window& window) {
      return store::score_bins(reader, category, kScoreEdges, window);
    });
    if (auto taken = take(std::move(row), names_of(kScoreEdges, 10'000)); !taken) return taken;
  }
  auto lengths = compare(report, "prompt_length", [&](const store::Window& window) {
    return store::length_bins(reader, kLengthEdges, window);
  });
  if (auto taken = take(std::move(lengths), names_of(kLengthEdges, 1)); !taken) return taken;
  for (const auto& [name, mix] : {std::pair("script", store::Mix::kScript),
                                  {"action", store::Mix::kAction},
                                  {"tier", store::Mix::kTier},
                                  {"surface", store::Mix::kSurface}}) {
    auto row =
        compare(report, name, [&](const store::Window& window) { return store::mix(reader, mix, window); });
    if (auto taken = take(std::move(row)); !taken) return taken;
  }
  return {};
}

// Half of a stream's alpha is for the reference, of which only an interval is known, half for the test.
RateRow watch_rate(const Rate& rate, const std::string& tier, Side side,
                   const std::vector<store::RateCounts>& hours, const Report& report) {
  RateRow row{
      .rate = rate.name, .tier = tier, .side = side, .alpha = report.settings.alpha / kStreams, .since = {}};
  for (const auto& hour : hours)
    if (hour.tier == tier && hour.hour < report.began) {
      row.reference_counted += std::min(hour.*rate.counted, hour.events);
      row.reference_events += hour.events;
    }
  row.bound = reference_bound(row.reference_counted, row.reference_events, side, row.alpha / 2);
  RateTest test(row.bound, side);
  const bool possible = side == Side::kRise ? row.bound < 1 : row.bound > 0;
  for (const auto& hour : hours) {
    if (hour.tier != tier || hour.hour < report.began) continue;
    const auto counted = std::min(hour.*rate.counted, hour.events);
    row.counted += counted;
    row.events += hour.events;
    if (!possible || row.alarm) continue;
    test.add(counted, hour.events);
    row.alarm = test.reached(row.alpha / 2);
    if (row.alarm) row.since = hour.hour;
  }
  row.log_e = possible ? test.log_value() : 0;
  return row;
}

Result<void> look_at_rates(store::Reader& reader, Report& report) {
  const auto hours = store::rate_counts(reader, report.began - report.settings.reference, report.time);
  if (!hours) return std::unexpected(hours.error());
  for (const Rate& rate : kRates)
    for (const char* tier : kTiers)
      for (const Side side : {Side::kRise, Side::kFall}) {
        auto row = watch_rate(rate, tier, side, *hours, report);
        if (row.events > 0 || row.reference_events > 0) report.rates.push_back(std::move(row));
      }
  return {};
}

double limit_of(const policy::Threshold& threshold, double value) {
  if (threshold.minimum && value < *threshold.minimum) return *threshold.minimum;
  return threshold.maximum.value_or(
      threshold.warn_above.value_or(threshold.minimum.value_or(threshold.warn_below.value_or(0))));
}

// The newest of each measure and model among what was submitted last.
Result<void> look_at_measures(store::Reader& reader, const policy::Policy& policy, Report& report) {
  store::ActFilter filter;
  filter.types = {"evidence"};
  const auto page = store::acts(reader, filter, kMostEvidence);
  if (!page) return std::unexpected(page.error());
  std::set<std::pair<std::string, std::string>> known;
  for (const auto& act : page->acts) {
    const auto stored = evidence::read_entry(act.body);
    const auto* artifact = stored ? std::get_if<evidence::Artifact>(&stored->content) : nullptr;
    const auto submitted =
        artifact != nullptr ? parse_json(artifact->submitted) : Result<json::value>(json::value());
    const auto* metadata =
        submitted && submitted->is_object() ? find_object(*submitted, "metadata") : nullptr;
    if (metadata == nullptr) continue;
    const auto measured = evidence::read_measures(*metadata);
    if (!measured) continue;
    for (std::size_t i = 0; i < evidence::kMeasureCount; ++i) {
      const auto measure = static_cast<evidence::Measure>(i);
      const auto& value = (*measured)[measure];
      const std::string name(evidence::to_string(measure));
      const auto threshold = std::ranges::find(policy.thresholds(), name, &policy::Threshold::name);
      if (!value || threshold == policy.thresholds().end() || known.size() >= kMostModels ||
          !known.insert({name, artifact->model_version}).second)
        continue;
      report.measures.push_back({.measure = name,
                                 .model = artifact->model_version,
                                 .value = *value,
                                 .standing = policy::judge(*threshold, *value),
                                 .limit = limit_of(*threshold, *value),
                                 .index = act.index,
                                 .log = act.log});
    }
  }
  return {};
}

// Those of the last thousand crossings.
Result<void> look_at_crossings(store::Reader& reader, Report& report) {
  store::EvaluationFilter filter;
  filter.crossed = true;
  auto page = store::evaluations(reader, filter, store::kMaxPage);
  if (!page) return std::unexpected(std::move(page).error());
  for (auto& one : page->evaluations)
    if (one.decision.empty() && one.row.due && *one.row.due < report.time)
      report.overdue.push_back(std::move(one.row));
  return {};
}

std::string_view to_string(policy::Standing standing) {
  return standing == policy::Standing::kPass   ? "pass"
         : standing == policy::Standing::kWarn ? "warn"
                                               : "violation";
}

}  // namespace

Result<Report> look(store::Reader& reader, const policy::Policy& policy, Time now) {
  Report report{.time = now,
                .reference_from = {},
                .current_from = {},
                .began = {},
                .settings = policy::watch_settings(policy),
                .drift = {},
                .rates = {},
                .measures = {},
                .overdue = {}};
  const auto& settings = report.settings;
  report.current_from = now - settings.window;
  report.reference_from = report.current_from - settings.reference;
  const auto length = std::chrono::milliseconds(settings.window);
  const auto since = std::chrono::floor<std::chrono::milliseconds>(now.time_since_epoch());
  report.began = Time(since - since % length);
  for (const auto& threshold : policy.thresholds())
    if (threshold.name == "drift.psi") {
      report.block = threshold.maximum.value_or(report.block);
      report.warn = threshold.warn_above.value_or(report.block);
    }
  if (auto done = look_at_drift(reader, report); !done) return std::unexpected(std::move(done).error());
  if (auto done = look_at_rates(reader, report); !done) return std::unexpected(std::move(done).error());
  if (auto done = look_at_measures(reader, policy, report); !done)
    return std::unexpected(std::move(done).error());
  if (auto done = look_at_crossings(reader, report); !done) return std::unexpected(std::move(done).error());
  return report;
}

std::vector<Alert> alerts_of(const Report& report) {
  std::vector<Alert> out;
  const auto window = to_rfc3339(report.began);
  for (const auto& row : report.drift)
    if (row.psi.drift == Drift::kDrifted)
      out.push_back({.id = "drift/" + row.feature + "/" + window,
                     .kind = "drift",
                     .subject = row.feature,
                     .metric = row.feature,
                     .value = row.psi.value,
                     .limit = std::max(report.block, row.psi.noise),
                     .text = "the distribution of " + row.feature + " is not what it was",
                     .time = report.time});
  for (const auto& row : report.rates) {
    if (!row.alarm || row.events == 0) continue;
    const std::string kind = row.side == Side::kRise ? "rate_rise" : "rate_fall";
    out.push_back({.id = kind + "/" + row.rate + "." + row.tier + "/" + window,
                   .kind = kind,
                   .subject = row.rate + "." + row.tier,
                   .metric = row.rate,
                   .value = static_cast<double>(row.counted) / static_cast<double>(row.events),
                   .limit = row.bound,
                   .text = "the " + row.rate + " of " + row.tier + " has left what it was, since " +
                           to_rfc3339(row.since),
                   .time = report.time});
  }
  for (const auto& row : report.measures)
    if (row.standing == policy::Standing::kViolation)
      out.push_back(
          {.id = "measure/" + row.measure + "/" + std::to_string(row.log) + "_" + std::to_string(row.index),
           .kind = "measure",
           .subject = row.measure + " " + row.model,
           .metric = row.measure,
           .severity = "error",
           .value = row.value,
           .limit = row.limit,
           .text = "what was submitted is beyond the policy's threshold",
           .time = report.time});
  for (const auto& row : report.overdue)
    out.push_back({.id = "capability_overdue/" + row.evaluation_id,
                   .kind = "capability_overdue",
                   .subject = row.threat + " " + row.model,
                   .metric = row.threat,
                   .severity = "critical",
                   .value = row.score,
                   .limit = row.threshold.value_or(0),
                   .text = row.decision_maker + " has not decided by " + to_rfc3339(*row.due) +
                           " about a capability threshold that counts as crossed",
                   .time = report.time});
  return out;
}

json::object to_object(const Report& report) {
  const auto counts = [](const std::vector<std::uint64_t>& all) {
    json::array out;
    for (const auto n : all) out.emplace_back(n);
    return out;
  };
  json::array drift, rates, measures, alerts;
  for (const auto& row : report.drift) {
    json::array bins;
    for (const auto& bin : row.bins) bins.emplace_back(bin);
    drift.push_back(json::object{{"feature", row.feature},
                                 {"psi", row.psi.value},
                                 {"noise", row.psi.noise},
                                 {"verdict", to_string(row.psi.drift)},
                                 {"n_reference", row.psi.n_reference},
                                 {"n_current", row.psi.n_current},
                                 {"bins", std::move(bins)},
                                 {"reference", counts(row.reference)},
                                 {"current", counts(row.current)}});
  }
  for (const auto& row : report.rates)
    rates.push_back(json::object{
        {"rate", row.rate},
        {"tier", row.tier},
        {"side", to_string(row.side)},
        {"reference", json::object{{"counted", row.reference_counted}, {"events", row.reference_events}}},
        {"current", json::object{{"counted", row.counted}, {"events", row.events}}},
        {"bound", row.bound},
        {"log_e", row.log_e},
        {"alarm_at", -std::log(row.alpha / 2)},
        {"alarm", row.alarm},
        {"since", row.alarm ? json::value(to_rfc3339(row.since)) : json::value(nullptr)}});
  for (const auto& row : report.measures)
    measures.push_back(json::object{{"measure", row.measure},
                                    {"model_version", row.model},
                                    {"value", row.value},
                                    {"limit", row.limit},
                                    {"standing", to_string(row.standing)},
                                    {"index", row.index}});
  for (const auto& alert : alerts_of(report))
    alerts.push_back(json::object{{"alert_id", alert.id},
                                  {"kind", alert.kind},
                                  {"subject", alert.subject},
                                  {"value", alert.value},
                                  {"limit", alert.limit},
                                  {"text", alert.text}});
  const auto& s = report.settings;
  return {{"as_of", to_rfc3339(report.time)},
          {"settings", json::object{{"reference", policy::window_text(s.reference)},
                                    {"window", policy::window_text(s.window)},
                                    {"every", policy::window_text(s.every)},
                                    {"alpha", s.alpha},
                                    {"epsilon", kEpsilon},
                                    {"psi_warn", report.warn},
                                    {"psi_block", report.block}}},
          {"drift_since", to_rfc3339(report.current_from)},
          {"drift_reference_since", to_rfc3339(report.reference_from)},
          {"rates_since", to_rfc3339(report.began)},
          {"drift", std::move(drift)},
          {"rates", std::move(rates)},
          {"measures", std::move(measures)},
          {"alerts", std::move(alerts)}};
}

Result<bool> is_recorded(store::Reader& reader, const Alert& alert) {
  store::ActFilter filter;
  filter.types = {"watch_alert"};
  filter.subject = alert.subject;
  const auto page = store::acts(reader, filter, 200);
  if (!page) return std::unexpected(page.error());
  return std::ranges::any_of(page->acts, [&](const store::ActRow& act) {
    const auto body = parse_json(act.body);
    const auto* id = body ? find_string(*body, "alert_id") : nullptr;
    return id != nullptr && *id == alert.id;
  });
}

std::string to_entry(const Alert& alert) {
  return to_canonical_json(json::object{{"alert_id", alert.id},
                                        {"kind", alert.kind},
                                        {"limit", alert.limit},
                                        {"metric", alert.metric},
                                        {"severity", alert.severity},
                                        {"subject", alert.subject},
                                        {"text", alert.text},
                                        {"time", to_rfc3339_ms(alert.time)},
                                        {"type", "watch_alert"},
                                        {"v", 1},
                                        {"value", alert.value}});
}

}  // namespace plimsoll::watch
