#include "open_matches.h"

#include <algorithm>
#include <map>
#include <unordered_map>

namespace plimsoll::detect {

MatchAutomaton::MatchAutomaton(std::span<const CompiledRule> rules) {
  classes_of_.assign(256, {});
  std::unordered_map<Bytes, std::uint16_t> classes;
  std::size_t states = 1, moves = 0;
  for (const auto& rule : rules) {
    states += rule.automaton.states.size();
    for (const auto& state : rule.automaton.states) moves += state.next.size();
  }
  states_.reserve(states);
  next_.reserve(moves);
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
                         .reads = found->second,
                         .accepts = state.accepts ? static_cast<RuleIndex>(r) : kNone});
      for (const auto next : state.next) next_.push_back(base + next);
    }
    for (const auto first : automaton.first)
      for (std::size_t b = 0; b < 256; ++b)
        if (automaton.states[first].reads[b])
          starts_[static_cast<std::size_t>(automaton.before)][b].push_back(base + first);
  }
  states_.push_back({.next_begin = static_cast<std::uint32_t>(next_.size())});
  for (auto& by_byte : starts_)
    for (auto& states_of : by_byte) states_of.shrink_to_fit();
  std::map<Classes, std::uint8_t> kinds;
  for (std::size_t b = 0; b < 256; ++b) {
    const auto number = static_cast<std::uint8_t>(kinds.size());
    kind_[b] = kinds.try_emplace(classes_of_[b], number).first->second;
  }
  kinds_ = kinds.size();
}

MatchScratch::MatchScratch(const MatchAutomaton& automaton) : automaton_(&automaton), beginnings_(1) {
  for (auto& first : first_) first.fill(kUnknown);
}

std::uint32_t MatchScratch::add(Beginning fresh) {
  if (fresh.states.empty()) return 0;
  for (const auto state : fresh.states)
    if (const auto rule = automaton_->states_[state].accepts; rule != MatchAutomaton::kNone)
      fresh.accepts.push_back(rule);
  fresh.next.assign(automaton_->kinds_, kUnknown);
  beginnings_.push_back(std::move(fresh));
  return static_cast<std::uint32_t>(beginnings_.size() - 1);
}

std::uint32_t MatchScratch::begin(bool boundary, bool line, unsigned char byte) {
  auto& known = first_[(boundary ? 1U : 0U) | (line ? 2U : 0U)][byte];
  if (known != kUnknown) return known;
  Beginning fresh{.states = {}, .accepts = {}, .next = {}, .depth = 1};
  const auto take = [&](Before before) {
    const auto& starts = automaton_->starts_[static_cast<std::size_t>(before)][byte];
    fresh.states.insert(fresh.states.end(), starts.begin(), starts.end());
  };
  take(Before::kAnything);
  if (boundary) take(Before::kWordBoundary);
  if (line) take(Before::kLineStart);
  return known = add(std::move(fresh));
}

std::uint32_t MatchScratch::step(std::uint32_t beginning, unsigned char byte) {
  const auto kind = automaton_->kind_[byte];
  if (const auto known = beginnings_[beginning].next[kind]; known != kUnknown) return known;
  Beginning fresh{.states = {}, .accepts = {}, .next = {}, .depth = beginnings_[beginning].depth + 1};
  const auto& classes = automaton_->classes_of_[byte];
  for (const auto from : beginnings_[beginning].states)
    for (const auto state : automaton_->after(from))
      if (automaton_->reads(state, classes)) fresh.states.push_back(state);
  std::ranges::sort(fresh.states);
  const auto [end, last] = std::ranges::unique(fresh.states);
  fresh.states.erase(end, last);
  if (!fresh.states.empty() && beginnings_.size() >= kMost) return kUnknown;
  const auto number = add(std::move(fresh));
  return beginnings_[beginning].next[kind] = number;
}

}  // namespace plimsoll::detect
