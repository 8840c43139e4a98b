#include <unistd.h>

#include <cerrno>
#include <fstream>
#include <functional>
#include <iostream>
#include <system_error>

#include "base/json.h"
#include "commands.h"
#include "detectors.h"
#include "evaluate/evaluate.h"
#include "left_out.h"
#include "policy/store.h"
#include "progress_bar.h"

namespace plimsoll::app {
namespace {

// A file to write, or none; says when it cannot be.
class Output {
 public:
  bool open(const std::string& path, std::ostream& err) {
    path_ = path;
    if (path.empty()) return true;
    file_.open(path, std::ios::binary | std::ios::trunc);
    if (!file_) err << path << ": " << std::generic_category().message(errno) << '\n';
    return file_.is_open();
  }
  bool close(std::ostream& err) {
    if (path_.empty()) return true;
    file_.close();
    if (!file_) err << path_ << ": could not be written whole\n";
    return !file_.fail();
  }
  std::ostream* stream() { return path_.empty() ? nullptr : &file_; }

 private:
  std::string path_;
  std::ofstream file_;
};

evaluate::Options options_of(const EvaluateArgs& args) {
  evaluate::Options options;
  options.files = args.files;
  for (const auto& name : args.splits)
    if (const auto split = dataset::parse_split(name)) options.splits.push_back(*split);
  options.languages = args.languages;
  options.direction = args.direction == "output" ? Direction::kOutput : Direction::kPrompt;
  options.lawful_basis = args.lawful_basis;
  options.jobs = args.jobs;
  options.resamples = args.resamples;
  options.seed = args.seed;
  options.leave_one_source_out = args.leave_one_source_out;
  return options;
}

}  // namespace

int evaluate_data(const EvaluateArgs& args, std::ostream& out, std::ostream& err) {
  constexpr int kFine = 0, kBadInput = 2;
  const auto store = policy::Store::open(args.policy);
  if (!store) {
    for (const auto& problem : store.error()) err << policy::to_string(problem) << '\n';
    return kBadInput;
  }
  const auto policy = (*store)->current();
  auto detector = make_detector(policy->settings());
  if (!detector) {
    err << detector.error().message << '\n';
    return kBadInput;
  }
  Output scores, mistakes;
  if (!scores.open(args.scores, err) || !mistakes.open(args.mistakes, err)) return kBadInput;

  evaluate::Subject subject;
  subject.detector = *detector;
  subject.policy = policy;
  auto with_names = policy->settings();
  with_names.detection_names = true;
  with_names.detection_rules.enabled = detect::optional_rules();
  auto spans_detector = make_detector(with_names);
  if (!spans_detector) {
    err << spans_detector.error().message << '\n';
    return kBadInput;
  }
  subject.spans_detector = *std::move(spans_detector);
  if (args.leave_one_source_out && policy->settings().detection_model) {
    ProgressBar bar(err);
    auto without = leave_sources_out(args.files, policy->settings(), std::ref(bar));
    bar.end();
    if (!without) {
      err << without.error().message << '\n';
      return kBadInput;
    }
    subject.without = *std::move(without);
  }
  evaluate::Outputs outputs{.scores = scores.stream(), .mistakes = mistakes.stream(), .progress = {}};
  const bool watched = isatty(STDERR_FILENO) == 1;
  if (watched) outputs.progress = [&](std::size_t rows) { err << '\r' << rows << " texts" << std::flush; };
  const auto report = evaluate::evaluate(options_of(args), subject, outputs);
  if (watched) err << "\r\x1b[K";
  if (!report) {
    err << report.error().message << '\n';
    return kBadInput;
  }
  if (!scores.close(err) || !mistakes.close(err)) return kBadInput;
  out << (args.format == "json" ? plimsoll::to_json(evaluate::to_json(*report)) + "\n"
                                : evaluate::to_text(*report));
  return kFine;
}

}  // namespace plimsoll::app
