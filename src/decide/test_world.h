// The shipped policy and the real detectors, for tests.
#pragma once

#include <gtest/gtest.h>

#include "decide/judge.h"
#include "policy/shipped.h"

namespace plimsoll::decide {

struct World {
  static World& get() {
    static World world;
    return world;
  }
  static PolicyPtr load(std::string_view yaml) {
    auto parsed = policy::Policy::parse(yaml, "test.yaml");
    if (parsed) return *parsed;
    for (const auto& problem : parsed.error()) ADD_FAILURE() << policy::to_string(problem);
    return nullptr;
  }
  PolicyPtr shipped = load(policy::shipped_yaml());
  std::shared_ptr<const detect::Detector> detector = *detect::Detector::create();
  detect::ScratchPtr scratch = detector->make_scratch();
};

}  // namespace plimsoll::decide
