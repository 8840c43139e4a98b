#include "summarize_spans.h"

#include <algorithm>
#include <map>
#include <numeric>

#include "bootstrap.h"

namespace plimsoll::evaluate {
namespace {

// One text's part in the counts of one type.
struct Count {
  std::uint32_t type = 0;
  std::uint32_t marked = 0, matched = 0, spurious = 0;
};

// Numbers after those of the types.
struct Totals {
  std::uint32_t all_types, any_type;
};

struct RowCounts {
  std::uint32_t source = 0;
  std::vector<Count> counts;
  std::uint32_t unjudged = 0;
};

// Which types somebody marked in a source: a find of another may be right.
using Vocabulary = std::vector<std::vector<bool>>;

Vocabulary vocabulary_of(const Measurements& m) {
  Vocabulary known(m.sources.size(), std::vector<bool>(m.types.size()));
  for (const auto& row : m.rows)
    for (const auto& place : row.marked) known[row.source][place.type] = true;
  return known;
}

Count& of_type(std::vector<Count>& counts, std::uint32_t type) {
  const auto at = std::ranges::find(counts, type, &Count::type);
  if (at != counts.end()) return *at;
  counts.push_back({.type = type});
  return counts.back();
}

RowCounts count(const Measured& row, const std::vector<bool>& known, Totals totals) {
  RowCounts out{.source = row.source, .counts = {}};
  std::vector<bool> right(row.found.size());
  for (const auto& place : row.marked) ++of_type(out.counts, place.type).marked;
  for (const auto& [m, f] : match(row.marked, row.found, true)) {
    ++of_type(out.counts, row.marked[m].type).matched;
    right[f] = true;
  }
  for (std::size_t f = 0; f < row.found.size(); ++f) {
    if (!known[row.found[f].type])
      ++out.unjudged;
    else if (!right[f])
      ++of_type(out.counts, row.found[f].type).spurious;
  }
  Count typed{.type = totals.all_types};
  for (const auto& c : out.counts) {
    typed.marked += c.marked;
    typed.matched += c.matched;
    typed.spurious += c.spurious;
  }
  Count blind{.type = totals.any_type, .marked = typed.marked};
  right.assign(row.found.size(), false);
  for (const auto& [m, f] : match(row.marked, row.found, false)) {
    ++blind.matched;
    right[f] = true;
  }
  for (std::size_t f = 0; f < row.found.size(); ++f)
    if (!right[f] && known[row.found[f].type]) ++blind.spurious;
  out.counts.push_back(typed);
  out.counts.push_back(blind);
  return out;
}

struct Sums {
  double marked = 0, matched = 0, spurious = 0;
  void add(const Count& c) {
    marked += c.marked;
    matched += c.matched;
    spurious += c.spurious;
  }
  Confusion confusion() const {
    return {.true_positives = matched,
            .false_positives = spurious,
            .false_negatives = marked - matched,
            .true_negatives = 0};
  }
};

std::array<std::optional<double>, 4> figures_of(const Sums& sums) {
  const auto c = sums.confusion();
  return {c.precision(), c.recall(), c.f(1), c.f(2)};
}

// One source, or all: `rows` are the texts it counts.
SpanReport report_of(std::string source, const std::vector<const RowCounts*>& rows,
                     const std::vector<std::string>& names, const Options& options) {
  SpanReport report{.source = std::move(source), .texts = rows.size(), .types = {}};
  std::vector<Sums> sums(names.size());
  for (const auto* row : rows) {
    report.unjudged += row->unjudged;
    for (const auto& c : row->counts) sums[c.type].add(c);
  }
  std::vector<std::array<Spread, 4>> spreads(names.size());
  Random random(options.seed, "spans", report.source);
  std::vector<Sums> drawn(names.size());
  for (std::size_t i = 0; i < options.resamples; ++i) {
    std::ranges::fill(drawn, Sums{});
    for (std::size_t k = 0; k < rows.size(); ++k)
      for (const auto& c : rows[random.below(rows.size())]->counts) drawn[c.type].add(c);
    for (std::size_t t = 0; t < names.size(); ++t) {
      const auto values = figures_of(drawn[t]);
      for (std::size_t f = 0; f < values.size(); ++f) spreads[t].at(f).add(values.at(f));
    }
  }
  std::vector<std::size_t> order(names.size());
  std::iota(order.begin(), order.end(), 0U);
  std::sort(order.begin(), order.end() - 2,
            [&](std::size_t a, std::size_t b) { return names[a] < names[b]; });
  for (const auto t : order) {
    if (sums[t].marked + sums[t].spurious == 0 && t + 2 < names.size()) continue;
    SpanMeasures measures{.type = names[t],
                          .marked = static_cast<std::uint64_t>(sums[t].marked),
                          .matched = static_cast<std::uint64_t>(sums[t].matched),
                          .spurious = static_cast<std::uint64_t>(sums[t].spurious),
                          .precision = {},
                          .recall = {},
                          .f1 = {},
                          .f2 = {}};
    const auto values = figures_of(sums[t]);
    const std::array<Figure*, 4> figures = {&measures.precision, &measures.recall, &measures.f1,
                                            &measures.f2};
    for (std::size_t f = 0; f < values.size(); ++f) {
      figures.at(f)->value = values.at(f);
      if (values.at(f)) figures.at(f)->interval = spreads[t].at(f).interval(options.resamples);
    }
    report.types.push_back(std::move(measures));
  }
  return report;
}

}  // namespace

std::vector<SpanReport> summarize_spans(const Measurements& m, const std::vector<bool>& training,
                                        const Options& options) {
  const auto known = vocabulary_of(m);
  auto names = m.types;
  const Totals totals{.all_types = static_cast<std::uint32_t>(names.size()),
                      .any_type = static_cast<std::uint32_t>(names.size() + 1)};
  names.insert(names.end(), {"all types", "any type"});

  std::vector<RowCounts> counts;
  for (const auto& row : m.rows)
    if (row.has_spans) counts.push_back(count(row, known[row.source], totals));
  if (counts.empty()) return {};

  std::vector<const RowCounts*> all;
  std::map<std::string, std::vector<const RowCounts*>> sources;
  std::map<std::string, bool> shares;
  for (const auto& row : counts) {
    all.push_back(&row);
    sources[m.sources[row.source]].push_back(&row);
    shares[m.sources[row.source]] = training[row.source];
  }
  std::vector<SpanReport> reports = {report_of("", all, names, options)};
  for (const auto& [source, rows] : sources) {
    reports.push_back(report_of(source, rows, names, options));
    reports.back().shares_training = shares[source];
    reports.front().shares_training = reports.front().shares_training || shares[source];
  }
  return reports;
}

}  // namespace plimsoll::evaluate
