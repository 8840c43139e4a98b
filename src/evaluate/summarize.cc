#include "summarize.h"

#include <algorithm>
#include <limits>
#include <numeric>

#include "bootstrap.h"
#include "parallel.h"
#include "summarize_spans.h"

namespace plimsoll::evaluate {
namespace {

constexpr double kRate01 = .001;
constexpr double kRate1 = .01;
constexpr std::string_view kBenignSources = "benign sources";

struct SourceFacts {
  bool labelled = false;
  bool any_positive = false;
  bool training = false;
  bool benign() const { return labelled && !any_positive; }
};

std::vector<SourceFacts> look_at_sources(const Measurements& m, const Subject& subject) {
  std::vector<SourceFacts> facts(m.sources.size());
  for (const auto& row : m.rows) {
    auto& source = facts[row.source];
    source.labelled = source.labelled || row.labelled;
    source.any_positive = source.any_positive || row.any_positive;
    source.training = source.training || row.training;
  }
  for (std::size_t i = 0; i < facts.size(); ++i)
    if (std::ranges::find(subject.trained_on, m.sources[i]) != subject.trained_on.end())
      facts[i].training = true;
  return facts;
}

std::vector<std::uint32_t> by_name(const std::vector<std::string>& sources) {
  std::vector<std::uint32_t> order(sources.size());
  std::iota(order.begin(), order.end(), 0U);
  std::ranges::sort(order, {}, [&](std::uint32_t i) -> const std::string& { return sources[i]; });
  return order;
}

// A threshold and its name, as a report has it.
struct NamedLimit {
  std::string name;
  double shown = 0;     // in the report
  double compared = 0;  // scores of at least this are found
};

std::vector<NamedLimit> named_limits(const policy::Policy& policy, Category category) {
  std::vector<NamedLimit> out;
  if (is_found_not_scored(category)) out.push_back({"found", 0, std::numeric_limits<double>::min()});
  for (const auto& limit : limits_of(policy, category))
    out.push_back({std::string(column_name(limit.column)), limit.threshold, limit.threshold});
  return out;
}

// The scores that .1 % and 1 % of the benign sources' texts are above: in truth, and in each resample.
struct Bar {
  std::optional<double> at_01, at_1;
};
struct BenignBars {
  std::size_t negatives = 0;
  Bar real;
  std::vector<Bar> resampled;
};

Bar bar_of(std::span<const Tie> ties) {
  return {score_at_false_positive_rate(ties, kRate01), score_at_false_positive_rate(ties, kRate1)};
}

BenignBars benign_bars(std::vector<Sample> samples, Category category, const Options& options) {
  const auto ties = tie(std::move(samples));
  BenignBars bars{
      .negatives = static_cast<std::size_t>(negatives(ties)), .real = bar_of(ties), .resampled = {}};
  Resampler resampler(ties);
  Random random(options.seed, to_string(category), kBenignSources);
  for (std::size_t i = 0; i < options.resamples; ++i)
    bars.resampled.push_back(bar_of(resampler.draw(random)));
  return bars;
}

std::optional<double> recall_above(std::span<const Tie> ties, std::optional<double> score) {
  return score ? recall_above(ties, *score) : std::nullopt;
}

// Every figure of one category and source, as `visit(figure, value)` so that the truth and the resamples are
// worked out by the same lines.
template <class Visit>
void work_out(std::span<const Tie> ties, const Bar& bar, const std::vector<NamedLimit>& limits, Measures& m,
              const Visit& visit) {
  visit(m.auprc, auprc(ties));
  visit(m.auroc, auroc(ties));
  visit(m.calibration_error, calibration_error(ties));
  visit(m.recall_at_01, recall_at_false_positive_rate(ties, kRate01));
  visit(m.recall_at_1, recall_at_false_positive_rate(ties, kRate1));
  visit(m.benign_recall_at_01, recall_above(ties, bar.at_01));
  visit(m.benign_recall_at_1, recall_above(ties, bar.at_1));
  for (std::size_t i = 0; i < limits.size(); ++i) {
    auto& at = m.thresholds[i];
    const auto counts = confusion_at(ties, limits[i].compared);
    visit(at.precision, counts.precision());
    visit(at.recall, counts.recall());
    visit(at.f1, counts.f(1));
    visit(at.f2, counts.f(2));
    visit(at.false_positive_rate, counts.false_positive_rate());
  }
}

Measures measures_of(std::vector<Sample> samples, Category category, const BenignBars& bars,
                     const std::vector<NamedLimit>& limits, const Options& options, Measures m) {
  const auto ties = tie(std::move(samples));
  m.positives = static_cast<std::size_t>(positives(ties));
  m.texts = m.positives + static_cast<std::size_t>(negatives(ties));
  for (const auto& limit : limits)
    m.thresholds.push_back({.name = limit.name,
                            .threshold = limit.shown,
                            .counts = confusion_at(ties, limit.compared),
                            .precision = {},
                            .recall = {},
                            .f1 = {},
                            .f2 = {},
                            .false_positive_rate = {}});
  std::vector<Figure*> figures;
  work_out(ties, bars.real, limits, m, [&](Figure& figure, std::optional<double> value) {
    figure.value = value;
    figures.push_back(&figure);
  });
  if (options.resamples == 0) return m;

  Resampler resampler(ties);
  Random random(options.seed, to_string(category), m.source);
  std::vector<Spread> spreads(figures.size());
  for (std::size_t i = 0; i < options.resamples; ++i) {
    std::size_t at = 0;
    work_out(resampler.draw(random), bars.resampled[i], limits, m,
             [&](Figure&, std::optional<double> value) { spreads[at++].add(value); });
  }
  for (std::size_t i = 0; i < figures.size(); ++i)
    if (figures[i]->value) figures[i]->interval = spreads[i].interval(options.resamples);
  return m;
}

OverSources over_sources(const std::vector<Measures>& sources, Category category, std::string_view name,
                         Figure Measures::* figure, const Options& options) {
  OverSources over;
  std::vector<double> values;
  for (const auto& m : sources) {
    if (m.positives < kFewestPositives || !(m.*figure).value) continue;
    const double value = *(m.*figure).value;
    values.push_back(value);
    if (!over.worst || value < *over.worst) {
      over.worst = value;
      over.worst_source = m.source;
    }
  }
  over.sources = values.size();
  if (values.empty()) return over;
  const auto n = static_cast<double>(values.size());
  over.mean.value = std::accumulate(values.begin(), values.end(), 0.0) / n;
  if (values.size() < 2 || options.resamples == 0) return over;
  Random random(options.seed, to_string(category), name);
  Spread spread;
  for (std::size_t i = 0; i < options.resamples; ++i) {
    double sum = 0;
    for (std::size_t k = 0; k < values.size(); ++k) sum += values[random.below(values.size())];
    spread.add(sum / n);
  }
  over.mean.interval = spread.interval(options.resamples);
  return over;
}

class CategorySummary {
 public:
  CategorySummary(const Measurements& m, const std::vector<SourceFacts>& facts, const Options& options,
                  const Subject& subject)
      : m_(m), facts_(facts), options_(options), subject_(subject) {}

  // nullopt when no text has a label of the category.
  Result<std::optional<CategoryReport>> operator()(Category category) const {
    std::vector<std::vector<Sample>> samples(m_.sources.size());
    std::vector<Sample> all, benign;
    bool scored = false;
    for (const auto& row : m_.rows) {
      const auto truth = row.truth.at(static_cast<std::size_t>(category));
      scored = scored || row.scores[category] > 0;
      if (truth == Truth::kUnknown) continue;
      const Sample sample{row.scores[category], truth == Truth::kPositive};
      samples[row.source].push_back(sample);
      all.push_back(sample);
      if (facts_[row.source].benign()) benign.push_back(sample);
    }
    if (all.empty()) return std::nullopt;

    CategoryReport report{.category = category,
                          .scored = scored,
                          .all = {},
                          .sources = {},
                          .auroc = {},
                          .recall_at_1 = {},
                          .benign_recall_at_1 = {}};
    const auto bars = benign_bars(std::move(benign), category, options_);
    report.benign_negatives = bars.negatives;
    const auto limits = named_limits(*subject_.policy, category);
    std::vector<std::uint32_t> order = by_name(m_.sources);
    std::erase_if(order, [&](std::uint32_t i) { return samples[i].empty(); });
    report.sources.resize(order.size());
    const auto done = for_each_index(options_.jobs, order.size() + 1, [&](unsigned, std::size_t i) {
      if (i == 0) {  // the longest first
        report.all = measures_of(std::move(all), category, bars, limits, options_, {});
        return;
      }
      const auto source = order[i - 1];
      Measures named;
      named.source = m_.sources[source];
      named.shares_training = facts_[source].training;
      named.benign = facts_[source].benign();
      report.sources[i - 1] =
          measures_of(std::move(samples[source]), category, bars, limits, options_, std::move(named));
    });
    if (!done) return std::unexpected(done.error());
    report.all.shares_training =
        std::ranges::any_of(report.sources, [](const Measures& s) { return s.shares_training; });
    report.auroc = over_sources(report.sources, category, "mean auroc", &Measures::auroc, options_);
    report.recall_at_1 =
        over_sources(report.sources, category, "mean recall", &Measures::recall_at_1, options_);
    report.benign_recall_at_1 =
        over_sources(report.sources, category, "mean benign recall", &Measures::benign_recall_at_1, options_);
    return report;
  }

 private:
  const Measurements& m_;
  const std::vector<SourceFacts>& facts_;
  const Options& options_;
  const Subject& subject_;
};

void count(const Measured& row, Passed& passed) {
  ++passed.texts;
  for (std::size_t i = 0; i < kColumns; ++i) {
    if (row.actions.at(i) == Action::kAllow) ++passed.allowed.at(i);
    if (allows(row.actions.at(i))) ++passed.goes_on.at(i);
  }
}

std::vector<SourceActions> count_actions(const Measurements& m, const std::vector<SourceFacts>& facts) {
  SourceActions all;
  std::vector<SourceActions> sources(m.sources.size());
  constexpr auto kAnyHarm = static_cast<std::size_t>(Category::kHarmfulContent);
  for (const auto& row : m.rows) {
    if (!row.labelled) continue;
    const bool harmless =
        !row.any_positive && (facts[row.source].benign() || row.truth.at(kAnyHarm) == Truth::kNegative);
    auto* const in_source = row.any_positive ? &sources[row.source].harmful : &sources[row.source].harmless;
    if (!row.any_positive && !harmless) continue;
    count(row, *in_source);
    count(row, row.any_positive ? all.harmful : all.harmless);
  }
  std::vector<SourceActions> out = {all};
  for (const auto i : by_name(m.sources)) {
    auto& source = sources[i];
    if (source.harmless.texts + source.harmful.texts == 0) continue;
    source.source = m.sources[i];
    source.shares_training = facts[i].training;
    out.push_back(source);
  }
  if (out.size() == 1) out.clear();
  return out;
}

Speed speed_of(const std::vector<Measured>& rows) {
  Speed speed;
  std::vector<double> per_kb, decide;
  std::array<std::pair<std::size_t, std::vector<double>>, 5> sizes{
      {{256, {}}, {1024, {}}, {4096, {}}, {16384, {}}, {0, {}}}};
  for (const auto& row : rows) {
    ++speed.texts;
    speed.bytes += row.bytes;
    speed.seconds += static_cast<double>(row.inspect_us) / 1e6;
    per_kb.push_back(static_cast<double>(row.inspect_us) * 1024 / std::max<double>(1024, row.bytes));
    decide.push_back(static_cast<double>(row.decide_us));
    for (auto& [limit, times] : sizes)
      if (limit == 0 || row.bytes <= limit) {
        times.push_back(static_cast<double>(row.inspect_us));
        break;
      }
  }
  for (auto& [limit, times] : sizes)
    if (!times.empty())
      speed.sizes.push_back({.up_to_bytes = limit,
                             .texts = times.size(),
                             .p50_us = *quantile(times, .5),
                             .p99_us = *quantile(times, .99)});
  speed.p50_us_per_kb = quantile(per_kb, .5).value_or(0);
  speed.p99_us_per_kb = quantile(per_kb, .99).value_or(0);
  speed.decide_p50_us = quantile(decide, .5).value_or(0);
  return speed;
}

}  // namespace

Result<void> summarize(const Measurements& m, const Options& options, const Subject& subject,
                       Report& report) {
  const auto facts = look_at_sources(m, subject);
  const CategorySummary summary(m, facts, options, subject);
  for (std::size_t i = 0; i < kCategoryCount; ++i) {
    auto category = summary(static_cast<Category>(i));
    if (!category) return std::unexpected(std::move(category).error());
    if (*category) report.categories.push_back(**std::move(category));
  }
  report.actions = count_actions(m, facts);
  std::vector<bool> training(facts.size());
  for (std::size_t i = 0; i < facts.size(); ++i) training[i] = facts[i].training;
  report.spans = summarize_spans(m, training, options);
  report.speed = speed_of(m.rows);
  return {};
}

}  // namespace plimsoll::evaluate
