#include "left_out.h"

#include <map>
#include <optional>
#include <utility>

#include "detectors.h"

namespace plimsoll::app {
namespace {

using DetectorPtr = std::shared_ptr<const detect::Detector>;

}  // namespace

Result<std::function<Result<DetectorPtr>(std::string_view)>> leave_sources_out(
    const std::vector<std::string>& files, const policy::Settings& settings,
    const classify::Progress& progress) {
  std::map<std::string, DetectorPtr, std::less<>> by_source;
  {
    const auto examples = classify::read_examples(files);
    if (!examples) return std::unexpected(examples.error());
    classify::TrainOptions options;
    options.calibration_folds = kLeftOutFolds;
    const auto models = classify::train_left_out(*examples, options, progress);
    if (!models) return std::unexpected(models.error());
    std::vector<DetectorPtr> detectors;
    for (const auto& model : *models) {
      auto detector = model ? make_detector(settings, model) : Result<DetectorPtr>(nullptr);
      if (!detector) return std::unexpected(std::move(detector).error());
      detectors.push_back(*std::move(detector));
    }
    const auto fold = classify::assign_folds(*examples, kLeftOutFolds);
    for (std::size_t i = 0; i < fold.size(); ++i)
      if (detectors[fold[i]]) by_source.try_emplace((*examples)[i].source, detectors[fold[i]]);
  }
  auto own = make_detector(settings);
  if (!own) return std::unexpected(std::move(own).error());
  return [by_source = std::move(by_source), own = *own](std::string_view source) -> Result<DetectorPtr> {
    const auto at = by_source.find(source);
    return at == by_source.end() ? own : at->second;
  };
}

}  // namespace plimsoll::app
