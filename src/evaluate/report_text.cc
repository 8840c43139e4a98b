#include <algorithm>
#include <cmath>
#include <cstdio>

#include "evaluate/report.h"
#include "table.h"

namespace plimsoll::evaluate {
namespace {

// "0.813", ".813" without the zero; "1.000" stays.
std::string decimals(double value, int places = 3) {
  std::array<char, 32> buffer{};
  std::snprintf(buffer.data(), buffer.size(), "%.*f", places, value);
  std::string out = buffer.data();
  return out.starts_with("0.") ? out.substr(1) : out;
}

// The figure, and half the width of its interval.
std::string cell(const Figure& figure) {
  if (!figure.value) return "-";
  auto out = decimals(*figure.value);
  if (figure.interval) out += "±" + decimals((figure.interval->high - figure.interval->low) / 2);
  return out;
}

std::string bare(const Figure& figure) {
  return figure.value ? decimals(*figure.value) : "-";
}

std::string source_name(const std::string& source, bool shares_training) {
  return (source.empty() ? "all" : source) + (shares_training ? " *" : "");
}

std::string percent(std::size_t part, std::size_t whole) {
  return whole == 0 ? "-" : decimals(100 * static_cast<double>(part) / static_cast<double>(whole), 1) + "%";
}

std::string heading(const std::string& text) {
  return "\n" + text + "\n";
}

void add_ranking(Table& table, const Measures& m) {
  table.add({source_name(m.source, m.shares_training), std::to_string(m.texts), std::to_string(m.positives),
             cell(m.auprc), cell(m.auroc), cell(m.recall_at_01), cell(m.recall_at_1),
             cell(m.benign_recall_at_01), cell(m.benign_recall_at_1), cell(m.calibration_error)});
}

std::string ranking(const CategoryReport& report) {
  Table table({"source", "texts", "positive", "AUPRC", "AUROC", "R@0.1%", "R@1%", "R@0.1% benign",
               "R@1% benign", "ECE"});
  add_ranking(table, report.all);
  for (const auto& source : report.sources)
    if (source.positives > 0) add_ranking(table, source);
  return table.to_text();
}

std::string thresholds(const CategoryReport& report) {
  if (report.all.thresholds.empty()) return "  no tier of the policy has a threshold for it\n";
  std::vector<std::string> head = {"precision/recall/F1 (FPR) at"};
  for (const auto& at : report.all.thresholds)
    head.push_back(at.threshold > 0 ? at.name + " " + decimals(at.threshold, 2) : at.name);
  Table table(head);
  const auto add = [&](const Measures& m) {
    std::vector<std::string> row = {source_name(m.source, m.shares_training)};
    for (const auto& at : m.thresholds)
      row.push_back(bare(at.precision) + "/" + bare(at.recall) + "/" + bare(at.f1) + " (" +
                    bare(at.false_positive_rate) + ")");
    table.add(std::move(row));
  };
  add(report.all);
  for (const auto& source : report.sources)
    if (source.positives > 0) add(source);
  return table.to_text();
}

// What the sources without any positive say, in one line.
std::string all_negative(const CategoryReport& report) {
  std::size_t sources = 0;
  std::vector<std::pair<double, std::string>> rates;
  for (const auto& m : report.sources) {
    if (m.positives > 0) continue;
    ++sources;
    if (m.thresholds.empty()) continue;
    const auto lowest = std::ranges::min_element(m.thresholds, {}, &AtThreshold::threshold);
    if (const auto rate = lowest->false_positive_rate.value; rate && *rate > 0)
      rates.emplace_back(*rate, source_name(m.source, m.shares_training));
  }
  if (sources == 0) return {};
  std::ranges::sort(rates, std::greater{});
  std::string out =
      "  " + std::to_string(sources) + (sources == 1 ? " source holds" : " sources hold") + " negatives only";
  if (rates.empty())
    return out + (report.all.thresholds.empty() ? "\n" : "; none of theirs reaches a threshold\n");
  out += "; at the lowest threshold most false positives:";
  for (std::size_t i = 0; i < rates.size() && i < 5; ++i)
    out += (i == 0 ? " " : ", ") + rates[i].second + " " + decimals(rates[i].first);
  return out + "\n";
}

std::string over_sources(const char* what, const OverSources& over) {
  if (over.sources == 0) return {};
  return std::string("  mean over ") + std::to_string(over.sources) +
         (over.sources == 1 ? " source: " : " sources: ") + what + " " + cell(over.mean) + "; worst " +
         decimals(*over.worst) + " (" + over.worst_source + ")\n";
}

std::string to_text(const CategoryReport& report) {
  std::string out = heading(std::string(to_string(report.category)));
  if (!report.scored) out += "  nothing scores this category: figures show what that costs\n";
  out += ranking(report);
  out += over_sources("R@1% benign", report.benign_recall_at_1);
  out += over_sources("AUROC", report.auroc);
  out += thresholds(report);
  out += all_negative(report);
  return out;
}

// Sources of which every tier left every text alone are only counted.
std::string actions(const std::vector<SourceActions>& sources, Passed SourceActions::* which) {
  std::vector<std::string> head = {"source", "texts"};
  for (std::size_t i = 0; i < kColumns; ++i) head.emplace_back(column_name(i));
  Table table(head);
  std::size_t untouched = 0;
  for (const auto& source : sources) {
    const auto& passed = source.*which;
    if (passed.texts == 0) continue;
    if (!source.source.empty() && std::ranges::count(passed.allowed, passed.texts) == kColumns) {
      ++untouched;
      continue;
    }
    std::vector<std::string> row = {source_name(source.source, source.shares_training),
                                    std::to_string(passed.texts)};
    for (const auto n : passed.allowed) row.push_back(percent(n, passed.texts));
    table.add(std::move(row));
  }
  auto out = table.empty() ? "  none\n" : table.to_text();
  if (untouched > 0)
    out += "  and all texts of " + std::to_string(untouched) +
           (untouched == 1 ? " more source\n" : " more sources\n");
  return out;
}

std::string to_text(const SpanReport& report) {
  Table table({"type", "marked", "matched", "spurious", "precision", "recall", "F1", "F2"});
  for (const auto& type : report.types)
    table.add({type.type, std::to_string(type.marked), std::to_string(type.matched),
               std::to_string(type.spurious), cell(type.precision), cell(type.recall), cell(type.f1),
               cell(type.f2)});
  auto out = heading("spans: " + source_name(report.source, report.shares_training) + ", " +
                     std::to_string(report.texts) + " texts") +
             table.to_text();
  if (report.unjudged > 0)
    out += "  " + std::to_string(report.unjudged) + " more found, of types that nobody marked there\n";
  return out;
}

std::string to_text(const Speed& speed) {
  Table table({"texts of up to", "texts", "p50", "p99"});
  for (const auto& size : speed.sizes)
    table.add({size.up_to_bytes == 0 ? "any length" : std::to_string(size.up_to_bytes) + " bytes",
               std::to_string(size.texts), decimals(size.p50_us, 1) + " us",
               decimals(size.p99_us, 1) + " us"});
  const double rate = speed.seconds > 0 ? static_cast<double>(speed.bytes) / 1e6 / speed.seconds : 0;
  return heading("speed of inspection") + table.to_text() + "  per KB: p50 " +
         decimals(speed.p50_us_per_kb, 1) + " us, p99 " + decimals(speed.p99_us_per_kb, 1) + " us; " +
         decimals(rate, 1) + " MB/s on one thread; a verdict p50 " + decimals(speed.decide_p50_us, 1) +
         " us\n";
}

bool any_training(const Report& report) {
  return std::ranges::any_of(report.categories, [](const auto& c) { return c.all.shares_training; }) ||
         std::ranges::any_of(report.spans, [](const auto& s) { return s.shares_training; });
}

}  // namespace

std::string to_text(const Report& report) {
  std::string out =
      std::to_string(report.rows) + " texts; detector " + report.detector_revision + "; policy " +
      report.policy_version.substr(0, 12) +
      (report.leave_one_source_out ? "; each source judged by a detector that never saw it\n" : "\n");
  if (report.resamples > 0)
    out += "± is half of the 95 % interval, from " + std::to_string(report.resamples) + " resamples\n";
  if (any_training(report)) out += "* shares its source with training\n";
  for (const auto& category : report.categories) out += to_text(category);
  if (!report.actions.empty()) {
    out += heading("harmless texts left alone (action allow), by tier") +
           actions(report.actions, &SourceActions::harmless);
    out += heading("harmful texts left alone (action allow), by tier") +
           actions(report.actions, &SourceActions::harmful);
  }
  for (const auto& spans : report.spans) out += to_text(spans);
  out += to_text(report.speed);
  return out;
}

}  // namespace plimsoll::evaluate
