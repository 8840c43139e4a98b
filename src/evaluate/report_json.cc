#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

#include "base/json.h"
#include "evaluate/report.h"

namespace plimsoll::evaluate {
namespace {

json::value text(std::string_view value) {
  return json::value(json::string(value));
}

json::value source_name(const std::string& source) {
  return source.empty() ? json::value(nullptr) : text(source);
}

json::value to_json(const Figure& figure) {
  if (!figure.value) return nullptr;
  json::object out{{"value", *figure.value}};
  if (figure.interval) {
    out["low"] = figure.interval->low;
    out["high"] = figure.interval->high;
  }
  return out;
}

json::object to_json(const AtThreshold& at) {
  return {{"name", text(at.name)},
          {"threshold", at.threshold},
          {"true_positives", at.counts.true_positives},
          {"false_positives", at.counts.false_positives},
          {"false_negatives", at.counts.false_negatives},
          {"true_negatives", at.counts.true_negatives},
          {"precision", to_json(at.precision)},
          {"recall", to_json(at.recall)},
          {"f1", to_json(at.f1)},
          {"f2", to_json(at.f2)},
          {"false_positive_rate", to_json(at.false_positive_rate)}};
}

json::object to_json(const Measures& m) {
  json::array thresholds;
  for (const auto& at : m.thresholds) thresholds.push_back(to_json(at));
  return {{"source", source_name(m.source)},
          {"shares_training", m.shares_training},
          {"benign", m.benign},
          {"texts", m.texts},
          {"positives", m.positives},
          {"auprc", to_json(m.auprc)},
          {"auroc", to_json(m.auroc)},
          {"recall_at_0.1_percent", to_json(m.recall_at_01)},
          {"recall_at_1_percent", to_json(m.recall_at_1)},
          {"benign_recall_at_0.1_percent", to_json(m.benign_recall_at_01)},
          {"benign_recall_at_1_percent", to_json(m.benign_recall_at_1)},
          {"calibration_error", to_json(m.calibration_error)},
          {"thresholds", std::move(thresholds)}};
}

json::object to_json(const OverSources& over) {
  return {{"sources", over.sources},
          {"mean", to_json(over.mean)},
          {"worst", over.worst ? json::value(*over.worst) : json::value(nullptr)},
          {"worst_source", source_name(over.worst_source)}};
}

json::object to_json(const CategoryReport& report) {
  json::array sources;
  for (const auto& source : report.sources) sources.push_back(to_json(source));
  return {{"category", text(to_string(report.category))},
          {"scored", report.scored},
          {"all", to_json(report.all)},
          {"sources", std::move(sources)},
          {"benign_negatives", report.benign_negatives},
          {"over_sources",
           {{"auroc", to_json(report.auroc)},
            {"recall_at_1_percent", to_json(report.recall_at_1)},
            {"benign_recall_at_1_percent", to_json(report.benign_recall_at_1)}}}};
}

json::object to_json(const Passed& passed) {
  json::object allowed, goes_on;
  for (std::size_t i = 0; i < kColumns; ++i) {
    allowed[column_name(i)] = passed.allowed.at(i);
    goes_on[column_name(i)] = passed.goes_on.at(i);
  }
  return {{"texts", passed.texts}, {"allow", std::move(allowed)}, {"goes_on", std::move(goes_on)}};
}

json::object to_json(const SpanReport& report) {
  json::array types;
  for (const auto& type : report.types)
    types.push_back({{"type", text(type.type)},
                     {"marked", type.marked},
                     {"matched", type.matched},
                     {"spurious", type.spurious},
                     {"precision", to_json(type.precision)},
                     {"recall", to_json(type.recall)},
                     {"f1", to_json(type.f1)},
                     {"f2", to_json(type.f2)}});
  return {{"source", source_name(report.source)},
          {"shares_training", report.shares_training},
          {"texts", report.texts},
          {"types", std::move(types)},
          {"unjudged", report.unjudged}};
}

json::object to_json(const Speed& speed) {
  json::array sizes;
  for (const auto& size : speed.sizes)
    sizes.push_back(
        {{"up_to_bytes", size.up_to_bytes == 0 ? json::value(nullptr) : json::value(size.up_to_bytes)},
         {"texts", size.texts},
         {"p50_us", size.p50_us},
         {"p99_us", size.p99_us}});
  return {{"texts", speed.texts},
          {"bytes", speed.bytes},
          {"seconds", speed.seconds},
          {"megabytes_per_second",
           speed.seconds > 0 ? static_cast<double>(speed.bytes) / 1e6 / speed.seconds : 0},
          {"p50_us_per_kb", speed.p50_us_per_kb},
          {"p99_us_per_kb", speed.p99_us_per_kb},
          {"decide_p50_us", speed.decide_p50_us},
          {"sizes", std::move(sizes)}};
}

template <class T>
json::array list(const std::vector<T>& items) {
  json::array out;
  for (const auto& item : items) out.push_back(to_json(item));
  return out;
}

}  // namespace

json::value to_json(const Report& report) {
  json::array files, actions;
  for (const auto& file : report.files) files.push_back(text(file));
  for (const auto& source : report.actions)
    actions.push_back({{"source", source_name(source.source)},
                       {"shares_training", source.shares_training},
                       {"harmless", to_json(source.harmless)},
                       {"harmful", to_json(source.harmful)}});
  return {{"schema", "plimsoll.evaluate/1"},
          {"detector_revision", text(report.detector_revision)},
          {"policy_version", text(report.policy_version)},
          {"files", std::move(files)},
          {"leave_one_source_out", report.leave_one_source_out},
          {"rows", report.rows},
          {"resamples", report.resamples},
          {"seed", report.seed},
          {"categories", list(report.categories)},
          {"actions", std::move(actions)},
          {"spans", list(report.spans)},
          {"speed", to_json(report.speed)}};
}

}  // namespace plimsoll::evaluate
