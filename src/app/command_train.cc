#include <unistd.h>

#include <cmath>
#include <cstdio>
#include <fstream>
#include <memory>
#include <ostream>

#include "classify/train.h"
#include "commands.h"
#include "dataset/reader.h"

namespace plimsoll::app {
namespace {

// A line that is written over, on a terminal; elsewhere a line per step.
class ProgressBar {
 public:
  explicit ProgressBar(std::ostream& out) : out_(out), terminal_(isatty(STDERR_FILENO) != 0) {}

  bool operator()(std::string_view step, double done) {
    if (terminal_) {
      constexpr int kWidth = 30;
      const int full = static_cast<int>(std::lround(done * kWidth));
      out_ << "\r\x1B[K[" << std::string(static_cast<std::size_t>(full), '#')
           << std::string(static_cast<std::size_t>(kWidth - full), '.') << "] " << std::lround(done * 100)
           << " % " << step << std::flush;
    } else if (step != step_) {
      out_ << step << '\n' << std::flush;
    }
    step_ = step;
    return true;
  }
  void end() {
    if (terminal_) out_ << "\r\x1B[K" << std::flush;
  }

 private:
  std::ostream& out_;
  bool terminal_;
  std::string step_;
};

Result<std::vector<classify::Example>> read_examples(const std::vector<std::string>& files) {
  std::vector<classify::Example> examples;
  auto read = dataset::read_files(files, [&](const dataset::Row& row) -> Result<void> {
    auto example = classify::Example::from(row);
    if (example.labelled()) examples.push_back(std::move(example));
    return {};
  });
  if (!read) return std::unexpected(std::move(read).error());
  return examples;
}

// Whole or not at all.
Result<void> write_model(const classify::Model& model, const std::string& path) {
  const std::string bytes = model.serialize();
  if (bytes.size() > classify::Model::kMaxBytes)
    return fail(Code::kTooLarge, path + ": the model would be larger than 8 MB; use fewer words or rows");
  const std::string part = path + ".part";
  {
    std::ofstream out(part, std::ios::binary | std::ios::trunc);
    out << bytes;
    if (!out.flush()) return fail(Code::kUnavailable, part + ": cannot be written");
  }
  if (std::rename(part.c_str(), path.c_str()) != 0)
    return fail(Code::kUnavailable, path + ": cannot be written");
  return {};
}

int complain(const Error& error, std::ostream& err) {
  err << error.message << '\n';
  return 2;
}

}  // namespace

int train_model(const TrainArgs& args, std::ostream& out, std::ostream& err) {
  classify::TrainOptions options;
  options.seed = args.seed;
  if (args.epochs != 0) options.epochs = args.epochs;
  options.calibration_folds = args.folds;
  std::unique_ptr<classify::WordVectors> vectors;
  if (!args.vectors.empty()) {
    auto loaded = classify::WordVectors::load(args.vectors);
    if (!loaded) return complain(loaded.error(), err);
    vectors = std::make_unique<classify::WordVectors>(*std::move(loaded));
    options.vectors = vectors.get();
  }
  const auto examples = read_examples(args.data);
  if (!examples) return complain(examples.error(), err);

  ProgressBar bar(err);
  const auto model = classify::train(*examples, options, std::ref(bar), args.out + ".checkpoint");
  bar.end();
  if (!model) return complain(model.error(), err);
  if (const auto written = write_model(*model, args.out); !written) return complain(written.error(), err);
  out << args.out << ": " << examples->size() << " examples, version " << model->version() << '\n';
  return 0;
}

int calibrate_model(const CalibrateArgs& args, std::ostream& out, std::ostream& err) {
  const auto model = classify::Model::load(args.model);
  if (!model) return complain(model.error(), err);
  const auto examples = read_examples(args.data);
  if (!examples) return complain(examples.error(), err);
  const auto fitted = classify::recalibrate(*model, *examples);
  if (!fitted) return complain(fitted.error(), err);
  if (const auto written = write_model(fitted->model, args.out); !written)
    return complain(written.error(), err);
  out << args.out << ": fitted";
  for (const Category head : fitted->heads) out << ' ' << to_string(head);
  out << "; version " << fitted->model.version() << '\n';
  return 0;
}

}  // namespace plimsoll::app
