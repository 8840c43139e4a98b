// What fired, for those who weigh it further: a model, an explanation, a test.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "detect/detector.h"

namespace plimsoll::detect {

// The names of a detector's signals, by number: every rule by its id (a rule of several patterns has a number
// for each), then the meetings by theirs, then the ideas. The same for every detector of one revision().
std::vector<std::string_view> signal_names(const Detector& detector);

// The numbers of the signals in the last text that `scratch` was used to inspect, ascending: rules that have a
// weight, meetings, ideas. `out` is overwritten. No allocation once `out` is large enough.
void fired_signals(const Scratch& scratch, std::vector<std::uint16_t>& out);

}  // namespace plimsoll::detect
