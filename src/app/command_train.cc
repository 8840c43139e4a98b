#include <cstdio>
#include <fstream>
#include <functional>
#include <ostream>

#include "classify/train.h"
#include "commands.h"
#include "progress_bar.h"

namespace plimsoll::app {
namespace {

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
  const auto examples = classify::read_examples(args.data);
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
  const auto examples = classify::read_examples(args.data);
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
