// From spans to figures.
#pragma once

#include <vector>

#include "summarize.h"

namespace plimsoll::evaluate {

// `training` says of each source whether it shares texts with training. Empty when no row has spans.
std::vector<SpanReport> summarize_spans(const Measurements& measurements, const std::vector<bool>& training,
                                        const Options& options);

}  // namespace plimsoll::evaluate
