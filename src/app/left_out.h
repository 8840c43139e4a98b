// Detectors as they would be had their risk model never seen some sources.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "classify/train.h"
#include "detect/detector.h"
#include "policy/policy.h"

namespace plimsoll::app {

// For evaluate::Subject::without: trains at once, from the labelled rows of `files`, a model for each of kLeftOutFolds
// groups of sources that has seen none of the group, and gives for a source the detector that `settings` ask for
// with its group's model. Sources without labels that the model learns from get the program's own model.
inline constexpr unsigned kLeftOutFolds = 8;
Result<std::function<Result<std::shared_ptr<const detect::Detector>>(std::string_view source)>>
leave_sources_out(const std::vector<std::string>& files, const policy::Settings& settings,
                  const classify::Progress& progress = {});

}  // namespace plimsoll::app
