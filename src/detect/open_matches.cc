#include "open_matches.h"

#include <unordered_map>

namespace plimsoll::detect {

MatchAutomaton::MatchAutomaton(std::span<const CompiledRule> rules) {
  classes_of_.assign(256, {});
  std::unordered_map<Bytes, std::uint16_t> classes;
  for (std::size_t r = 0; r < rules.size(); ++r) {
    const auto& automaton = rules[r].automaton;
    const auto base = static_cast<std::uint32_t>(states_.size());
    for (const auto& state : automaton.states) {
      const auto [found, fresh] =
          classes.try_emplace(state.reads, static_cast<std::uint16_t>(classes.size()));
      if (fresh)
        for (std::size_t b = 0; b < 256; ++b)
          if (state.reads[b])
            classes_of_[b].at(found->second >> 6U) |= std::uint64_t{1} << (found->second & 63U);
      states_.push_back({.next_begin = static_cast<std::uint32_t>(next_.size()),
                         .next_count = static_cast<std::uint16_t>(state.next.size()),
                         .reads = found->second,
                         .accepts = state.accepts ? static_cast<RuleIndex>(r) : kNone});
      for (const auto next : state.next) next_.push_back(base + next);
    }
    for (const auto first : automaton.first)
      for (std::size_t b = 0; b < 256; ++b)
        if (automaton.states[first].reads[b]) starts_[b].push_back({base + first, automaton.before});
  }
}

}  // namespace plimsoll::detect
