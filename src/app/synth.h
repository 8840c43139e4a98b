// A synthetic world: events as organisations that do not exist might report them, the same for the same seed.
#pragma once

#include <boost/json/array.hpp>
#include <cstdint>
#include <string>
#include <vector>

#include "base/json.h"
#include "base/time.h"

namespace plimsoll::app {

struct SynthOptions {
  std::size_t events = 2'000;
  unsigned days = 90;  // that they are spread over
  std::uint64_t seed = 1;
  Time until = std::chrono::system_clock::now();
};

// Events for POST /ingest, in the order of their times: eight organisations, all surfaces and tiers; drug research, AI-safety
// evaluations, financial services, everyday questions, personal data, attempts at jailbreaks, people in distress.
std::vector<json::object> synthesize(const SynthOptions& options);

}  // namespace plimsoll::app
