// The scan as one would write it first: every pattern over the whole text, by RE2 alone. For tests.
#pragma once

#include <algorithm>
#include <string>
#include <string_view>

#include "engine.h"

namespace plimsoll::detect {

inline std::string describe_hits(std::vector<Hit> hits, const RuleSet& rules) {
  std::sort(hits.begin(), hits.end());
  std::string out;
  for (const auto& hit : hits)
    out += std::string(rules.rules()[hit.rule].rule->id) + " " + std::to_string(hit.begin) + "-" +
           std::to_string(hit.end) + "\n";
  return out;
}

inline std::string scan_with_patterns(const Detector& detector, std::string_view text) {
  const auto& impl = detector.impl();
  const auto scratch = detector.make_scratch();
  scratch->matcher.reset();
  const auto view = text::Normalizer::original(text);
  for (std::size_t i = 0; i < impl.rules.rules().size(); ++i) {
    const auto& rule = *impl.rules.rules()[i].rule;
    if (rule.everyday) continue;
    Cursor cursor;
    impl.search(static_cast<RuleIndex>(i), {.view = view}, cursor, text.size(), text.size(), *scratch);
  }
  return describe_hits(scratch->hits, impl.rules);
}

inline std::string scan_with_triggers(const Detector& detector, Scratch& scratch, std::string_view text) {
  scratch.hits.clear();
  const auto view = text::Normalizer::original(text);
  detector.impl().scan({.view = view}, scratch);
  return describe_hits(scratch.hits, detector.impl().rules);
}

}  // namespace plimsoll::detect
