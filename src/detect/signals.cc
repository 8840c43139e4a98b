#include "detect/signals.h"

#include "engine.h"

namespace plimsoll::detect {

std::vector<std::string_view> signal_names(const Detector& detector) {
  const auto& rules = detector.impl().rules;
  std::vector<std::string_view> names;
  for (const auto& rule : rules.rules()) names.push_back(rule.rule->id);
  for (const auto& meeting : rules.meetings()) names.push_back(meeting.id);
  for (const auto idea : rules.ideas()) names.push_back(idea);
  return names;
}

void fired_signals(const Scratch& scratch, std::vector<std::uint16_t>& out) {
  out.clear();
  scratch.resolver.fired(out);
}

}  // namespace plimsoll::detect
