#include "evaluate/evaluate.h"

#include <algorithm>
#include <cctype>
#include <iterator>
#include <map>
#include <ostream>
#include <utility>

#include "dataset/reader.h"
#include "measure.h"
#include "parallel.h"
#include "summarize.h"

namespace plimsoll::evaluate {
namespace {

constexpr std::size_t kBatch = 2048;

bool same_word(std::string_view a, std::string_view b) {
  return std::ranges::equal(
      a, b, [](unsigned char x, unsigned char y) { return std::tolower(x) == std::tolower(y); });
}

bool wanted(const dataset::Row& row, const Options& options) {
  const auto is = [&](std::string_view language) { return same_word(language, row.lang); };
  return (options.splits.empty() || std::ranges::find(options.splits, row.split) != options.splits.end()) &&
         (options.languages.empty() || std::ranges::any_of(options.languages, is));
}

// Gives each name a number, in the order of appearance.
class Numbers {
 public:
  explicit Numbers(std::vector<std::string>& names) : names_(names) {}
  std::uint32_t operator()(const std::string& name) {
    const auto [at, added] = numbers_.try_emplace(name, static_cast<std::uint32_t>(names_.size()));
    if (added) names_.push_back(name);
    return at->second;
  }

 private:
  std::vector<std::string>& names_;
  std::map<std::string, std::uint32_t> numbers_;
};

class Evaluation {
 public:
  Evaluation(const Options& options, const Subject& subject, const Outputs& outputs)
      : options_(options), subject_(subject), outputs_(outputs) {}

  Result<Report> run() {
    Report report;
    report.detector_revision = subject_.detector->revision();
    report.policy_version = subject_.policy->version();
    report.files = options_.files;
    report.leave_one_source_out = options_.leave_one_source_out;
    report.resamples = options_.resamples;
    report.seed = options_.seed;
    auto done = options_.leave_one_source_out ? measure_leaving_out() : measure_in_batches();
    if (!done) return std::unexpected(std::move(done).error());
    if (all_.rows.empty()) return fail(Code::kInvalid, "the files hold no rows that were asked for");
    report.rows = all_.rows.size();
    if (done = summarize(all_, options_, subject_, report); !done)
      return std::unexpected(std::move(done).error());
    return report;
  }

 private:
  Result<void> measure_in_batches() {
    std::vector<dataset::Row> batch;
    const auto flush = [&]() -> Result<void> {
      std::vector<Outcome> outcomes(batch.size());
      std::vector<std::size_t> every(batch.size());
      for (std::size_t i = 0; i < every.size(); ++i) every[i] = i;
      if (auto done = measure_rows(batch, every, *subject_.detector, outcomes); !done) return done;
      for (std::size_t i = 0; i < batch.size(); ++i) keep(batch[i], std::move(outcomes[i]));
      batch.clear();
      return {};
    };
    auto read = dataset::read_files(options_.files, [&](dataset::Row row) -> Result<void> {
      if (!wanted(row, options_)) return {};
      if (auto counted = count_row(); !counted) return counted;
      batch.push_back(std::move(row));
      return batch.size() < kBatch ? Result<void>() : flush();
    });
    return read ? flush() : read;
  }

  // Source after source, each with the detector that has not seen it; in the end in the order of the files.
  Result<void> measure_leaving_out() {
    std::vector<dataset::Row> rows;
    std::map<std::string, std::vector<std::size_t>> sources;
    std::size_t bytes = 0;
    auto read = dataset::read_files(options_.files, [&](dataset::Row row) -> Result<void> {
      if (!wanted(row, options_)) return {};
      if (auto counted = count_row(); !counted) return counted;
      bytes += row.text.size();
      if (bytes > kMostBytesAtOnce)
        return fail(Code::kTooLarge,
                    "leaving sources out needs all texts in memory, and these are more than 2 GiB");
      sources[row.source].push_back(rows.size());
      rows.push_back(std::move(row));
      return {};
    });
    if (!read) return read;
    std::vector<Outcome> outcomes(rows.size());
    for (const auto& [source, indices] : sources) {
      auto detector = subject_.without ? subject_.without(source) : Result<DetectorPtr>(subject_.detector);
      if (!detector) return std::unexpected(std::move(detector).error().in("without " + source));
      if (auto done = measure_rows(rows, indices, **detector, outcomes); !done) return done;
    }
    for (std::size_t i = 0; i < rows.size(); ++i) keep(rows[i], std::move(outcomes[i]));
    return {};
  }

  Result<void> count_row() {
    if (++rows_ <= kMostRows) return {};
    return fail(Code::kTooLarge, "more than " + std::to_string(kMostRows) + " rows; evaluate them in parts");
  }

  Result<void> measure_rows(const std::vector<dataset::Row>& rows, const std::vector<std::size_t>& indices,
                            const detect::Detector& detector, std::vector<Outcome>& outcomes) {
    const auto has_spans = [&](std::size_t i) { return rows[i].spans.has_value(); };
    std::vector<std::size_t> spans, others;
    std::ranges::partition_copy(indices, std::back_inserter(spans), std::back_inserter(others), has_spans);
    auto done =
        measure_by(subject_.spans_detector ? *subject_.spans_detector : detector, rows, spans, outcomes);
    if (done) done = measure_by(detector, rows, others, outcomes);
    measured_ += indices.size();
    if (outputs_.progress) outputs_.progress(measured_);
    return done;
  }

  Result<void> measure_by(const detect::Detector& detector, const std::vector<dataset::Row>& rows,
                          const std::vector<std::size_t>& indices, std::vector<Outcome>& outcomes) {
    std::vector<detect::ScratchPtr> scratch;
    scratch.reserve(options_.jobs);
    for (unsigned i = 0; i < options_.jobs; ++i) scratch.push_back(detector.make_scratch());
    const Judge judge{.detector = detector,
                      .policy = *subject_.policy,
                      .direction = options_.direction,
                      .lawful_basis = options_.lawful_basis,
                      .want_score_line = outputs_.scores != nullptr,
                      .want_mistake_line = outputs_.mistakes != nullptr};
    return for_each_index(options_.jobs, indices.size(), [&](unsigned worker, std::size_t i) {
      outcomes[indices[i]] = measure(rows[indices[i]], judge, *scratch[worker]);
    });
  }

  void keep(const dataset::Row& row, Outcome outcome) {
    outcome.measured.source = source_numbers_(row.source);
    for (const auto& place : outcome.marked)
      outcome.measured.marked.push_back({place.span, type_numbers_(place.type)});
    for (const auto& place : outcome.found)
      outcome.measured.found.push_back({place.span, type_numbers_(place.type)});
    if (outputs_.scores != nullptr) *outputs_.scores << outcome.score_line;
    if (outputs_.mistakes != nullptr) *outputs_.mistakes << outcome.mistake_line;
    all_.rows.push_back(std::move(outcome.measured));
  }

  const Options& options_;
  const Subject& subject_;
  const Outputs& outputs_;
  Measurements all_;
  Numbers source_numbers_{all_.sources};
  Numbers type_numbers_{all_.types};
  std::size_t rows_ = 0, measured_ = 0;
};

}  // namespace

Result<Report> evaluate(const Options& options, const Subject& subject, const Outputs& outputs) {
  if (options.jobs < 1 || options.jobs > kMostJobs)
    return fail(Code::kInvalid, "jobs: must be from 1 to " + std::to_string(kMostJobs));
  return Evaluation(options, subject, outputs).run();
}

}  // namespace plimsoll::evaluate
