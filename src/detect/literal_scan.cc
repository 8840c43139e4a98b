#include "literal_scan.h"

#include <algorithm>
#include <bit>
#include <limits>
#include <map>
#include <unordered_map>

#include "common_runs.h"

namespace plimsoll::detect {
namespace {

static_assert(std::endian::native == std::endian::little);

// How common a byte is in text, roughly. Of characters beyond ASCII the first bytes tell little.
unsigned commonness(std::string_view literal, std::size_t at) {
  constexpr std::string_view kCommonest = " etaonirshldcumpfgwybvk";
  const auto c = static_cast<unsigned char>(literal[at]);
  if (c >= 0xC0) return 24;
  if (c >= 0x80) return at > 0 && static_cast<unsigned char>(literal[at - 1]) >= 0xE0 ? 16 : 4;
  const auto rank = kCommonest.find(literal[at]);
  return rank == std::string_view::npos ? 1 : static_cast<unsigned>(kCommonest.size() + 2 - rank);
}

// The ranks of runs of four bytes that are common everywhere.
std::unordered_map<std::string_view, unsigned> ranks_of_common_runs() {
  std::unordered_map<std::string_view, unsigned> ranks;
  for (std::size_t i = 0; i < kCommonRuns.size(); i += 4)
    ranks.emplace(kCommonRuns.substr(i, 4), static_cast<unsigned>(i / 4));
  return ranks;
}

}  // namespace

char fold_for_literals(char c) {
  if (c >= 'A' && c <= 'Z') return static_cast<char>(c + 32);
  return c == '\t' || c == '\n' || c == '\f' || c == '\r' ? ' ' : c;
}

ReachFinder::ReachFinder(const Automaton& automaton) : automaton_(automaton) {
  const auto& states = automaton.states;
  entered_.resize(states.size());
  least_.assign(states.size(), std::numeric_limits<std::uint16_t>::max());
  most_.assign(states.size(), 0);
  for (std::uint32_t s = 0; s < states.size(); ++s) {
    std::bitset<256> folded;
    for (auto b = states[s].reads._Find_first(); b < 256; b = states[s].reads._Find_next(b))
      folded.set(static_cast<unsigned char>(fold_for_literals(static_cast<char>(b))));
    for (auto b = folded._Find_first(); b < 256; b = folded._Find_next(b)) states_[b].push_back(s);
  }
  // Repeats are bounded, so moves go round in no circle: states in an order in which each comes after those
  // that lead to it.
  std::vector<std::uint32_t> before(states.size()), ready;
  for (const auto& state : states)
    for (const auto next : state.next) ++before[next];
  for (const auto first : automaton.first) least_[first] = most_[first] = 1;
  for (std::uint32_t s = 0; s < states.size(); ++s)
    if (before[s] == 0) ready.push_back(s);
  while (!ready.empty()) {
    const auto s = ready.back();
    ready.pop_back();
    for (const auto next : states[s].next) {
      if (most_[s] > 0) {
        least_[next] = std::min<std::uint16_t>(least_[next], least_[s] + 1);
        most_[next] = std::max<std::uint16_t>(most_[next], most_[s] + 1);
      }
      if (--before[next] == 0) ready.push_back(next);
    }
  }
}

bool ReachFinder::reads(std::uint32_t state, unsigned char folded) const {
  const auto& bytes = automaton_.states[state].reads;
  if (bytes[folded]) return true;
  if (folded >= 'a' && folded <= 'z') return bytes[folded - 32U];
  return folded == ' ' && (bytes['\t'] || bytes['\n'] || bytes['\f'] || bytes['\r']);
}

Reach ReachFinder::of(std::string_view literal) {
  std::vector<std::uint32_t> now = states_[static_cast<unsigned char>(literal.front())], then;
  for (const char c : literal.substr(1)) {
    ++step_;
    then.clear();
    for (const auto state : now)
      for (const auto next : automaton_.states[state].next) {
        if (entered_[next] == step_ || !reads(next, static_cast<unsigned char>(c))) continue;
        entered_[next] = step_;
        then.push_back(next);
      }
    now.swap(then);
  }
  Reach reach{.least = std::numeric_limits<std::uint16_t>::max(), .most = 0};
  for (const auto state : now) {
    reach.least = std::min(reach.least, least_[state]);
    reach.most = std::max(reach.most, most_[state]);
  }
  return reach;
}

std::vector<Reach> reaches_of(const Automaton& automaton) {
  const auto& literals = automaton.literals;
  std::vector<Reach> reaches(literals.size(),
                             Reach{.least = std::numeric_limits<std::uint16_t>::max(), .most = 0});
  const auto of_all = [&] {
    ReachFinder finder(automaton);
    for (std::size_t k = 0; k < literals.size(); ++k) reaches[k] = finder.of(literals[k].bytes);
    return reaches;
  };
  if (automaton.alternatives.empty()) return of_all();
  for (const auto& alternative : automaton.alternatives) {
    ReachFinder finder(alternative);
    const auto& own = alternative.literals;
    std::vector<char> held(own.size(), 0);
    for (std::size_t k = 0; k < literals.size(); ++k) {
      bool needed = false;
      for (std::size_t n = 0; n < own.size(); ++n)
        if (own[n].contains(literals[k])) needed = held[n] = 1;
      if (!needed) continue;
      const auto reach = finder.of(literals[k].bytes);
      reaches[k] = {.least = std::min(reaches[k].least, reach.least),
                    .most = std::max(reaches[k].most, reach.most)};
    }
    if (own.empty() || std::ranges::count(held, 0) > 0) return of_all();
  }
  return reaches;
}

LiteralScan::LiteralScan(const std::vector<Entry>& entries) {
  struct Key {
    std::uint32_t key;
    std::uint8_t at;
  };
  std::map<Literal, std::vector<Use>> by_literal;
  for (const auto& entry : entries) by_literal[entry.literal].push_back(entry.use);

  const auto common_runs = ranks_of_common_runs();
  const auto key_of = [&](std::string_view literal) -> Key {
    if (literal.size() < kKey) {
      std::array<char, 4> three{};
      std::ranges::copy(literal.substr(0, 3), three.begin());
      return {.key = load(three.data()) << 8U, .at = 0};
    }
    Key best{};
    std::uint64_t least = std::numeric_limits<std::uint64_t>::max();
    for (std::size_t i = 0; i + kKey <= literal.size(); ++i) {
      std::uint64_t common = 1;
      for (std::size_t k = i; k < i + kKey; ++k) common *= commonness(literal, k);
      if (const auto known = common_runs.find(literal.substr(i, kKey)); known != common_runs.end())
        common = (std::uint64_t{1} << 32U) - known->second;
      if (common >= least) continue;
      least = common;
      best = {.key = load(literal.data() + i), .at = static_cast<std::uint8_t>(i)};
    }
    return best;
  };
  struct Keyed {
    const std::pair<const Literal, std::vector<Use>>* literal;
    std::uint8_t at;
  };
  std::map<std::uint32_t, std::vector<Keyed>> by_key;
  for (const auto& one : by_literal) {
    const std::string_view literal = one.first.bytes;
    const auto [key, at] = key_of(literal);
    by_key[key].push_back({.literal = &one, .at = at});
    const auto h = hash(key);
    (literal.size() < kKey ? threes_ : fours_)[h >> 6U] |= std::uint64_t{1} << (h & 63U);
    longest_ = std::max(longest_, literal.size());
  }
  slots_.resize(std::bit_ceil(by_key.size() * 2 + 1));
  for (const auto& [key, all] : by_key) {
    std::size_t i = hash(key) & (slots_.size() - 1);
    while (slots_[i].first != 0) i = (i + 1) & (slots_.size() - 1);
    slots_[i] = {.key = key, .first = static_cast<std::uint32_t>(literals_.size()) + 1};
    for (const auto& [one, at] : all) {
      const std::string_view literal = one->first.bytes;
      const auto check_at =
          static_cast<std::uint8_t>(at > 0 || literal.size() < kKey ? 0 : literal.size() - kKey);
      Placed made{.begin = static_cast<std::uint32_t>(bytes_.size()),
                  .check = literal.size() < kKey ? 0 : load(literal.data() + check_at),
                  .size = static_cast<std::uint8_t>(literal.size()),
                  .key_at = at,
                  .check_at = check_at,
                  .begins_word = one->first.begins_word,
                  .ends_word = one->first.ends_word};
      bytes_ += literal;
      // What very many rules use stands there several times.
      for (std::span<const Use> uses = one->second; !uses.empty();) {
        const auto some = uses.first(std::min<std::size_t>(uses.size(), 255));
        uses = uses.subspan(some.size());
        made.first_use = static_cast<std::uint32_t>(uses_.size()) & 0xFFFFFFU;
        made.uses = static_cast<std::uint8_t>(some.size());
        literals_.push_back(made);
        uses_.insert(uses_.end(), some.begin(), some.end());
      }
    }
    literals_.back().last = true;
  }
  bytes_.shrink_to_fit();
  literals_.shrink_to_fit();
  uses_.shrink_to_fit();
}

}  // namespace plimsoll::detect
