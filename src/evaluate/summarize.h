// From measurements to figures.
#pragma once

#include <string>
#include <vector>

#include "evaluate/evaluate.h"
#include "measure.h"

namespace plimsoll::evaluate {

struct Measurements {
  std::vector<Measured> rows;
  std::vector<std::string> sources;  // by Measured::source
  std::vector<std::string> types;    // by Place::type
};

// Categories, actions, spans and speed of the report. kInternal when a thread fails.
Result<void> summarize(const Measurements& measurements, const Options& options, const Subject& subject,
                       Report& report);

}  // namespace plimsoll::evaluate
