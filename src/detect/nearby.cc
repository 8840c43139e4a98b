#include "nearby.h"

#include <algorithm>
#include <bit>

namespace plimsoll::detect {
namespace {

constexpr std::size_t kBlock = 512, kCell = 64;  // bytes
constexpr std::size_t kBits = 64;

std::vector<std::uint32_t> steps(const text::View& view) {
  std::vector<std::uint32_t> steps;
  const auto size = view.text().size();
  if (view.identical() || !view.ordered() || size == 0) return steps;
  steps.reserve(size / Nearby::kStep + 2);
  for (std::size_t i = 0; i < size; i += Nearby::kStep)
    steps.push_back(static_cast<std::uint32_t>(view.begin_of(i)));
  steps.push_back(static_cast<std::uint32_t>(view.begin_of(size - 1)));
  return steps;
}

}  // namespace

Nearby::Nearby(const RuleSet& rules, std::span<const Hit> hits,
               std::span<const text::Views::Standing> standing, std::size_t size)
    : stretch_(size / kBlock + 1, Hit::kPlain),
      words_(size / (kCell * kBits) + 1),
      groups_(rules.everyday_groups()),
      cells_(words_ * groups_) {
  // What stands in the block, in some view; then what may begin in it.
  for (const auto& one : standing) {
    stretch(*one.view);
    steps_.push_back(steps(*one.view));
  }
  constexpr std::size_t kBehind = text::kMaxDisguised / kBlock;
  for (std::size_t i = 0; i < stretch_.size(); ++i)
    for (std::size_t k = 1; k <= kBehind && i + k < stretch_.size(); ++k)
      stretch_[i] = std::max(stretch_[i], stretch_[i + k]);
  for (const auto& hit : hits) {
    auto& most = stretch_[std::min(hit.begin / kBlock, stretch_.size() - 1)];
    most = std::max(most, hit.stretch);
  }
  std::size_t distance = 0;
  for (const auto& meeting : rules.meetings()) distance = std::max(distance, meeting.distance);
  reach_back(distance);

  for (const auto& hit : hits) {
    if (!hit.of_rule()) continue;
    const auto most = stretch_[std::min(hit.begin / kBlock, stretch_.size() - 1)];
    for (const auto& [group, within] : rules.met_by(rules.rules()[hit.rule].rule->idea)) {
      const auto reach = static_cast<std::size_t>(within) * most / Hit::kPlain + 1;
      mark(cells_of(group), hit.begin - std::min(hit.begin, reach), std::min(size, hit.begin + reach));
    }
  }
}

void Nearby::stretch(const text::View& view) {
  constexpr std::uint32_t kMost = Hit::kMostStretch * Hit::kPlain;
  if (!view.ordered()) {
    std::ranges::fill(stretch_, kMost);
    return;
  }
  const auto size = view.text().size();
  for (const auto& change : view.changes()) {
    // With what was dropped before it.
    for (std::size_t i = change.begin - std::min(change.begin, 1U);
         i < std::min<std::size_t>(change.end, size); ++i) {
      const auto begin = view.begin_of(i);
      const auto end = std::max(view.end_of(i), i + 1 < size ? view.begin_of(i + 1) : 0);
      auto& most = stretch_[std::min(begin / kBlock, stretch_.size() - 1)];
      most = std::max(most,
                      static_cast<std::uint32_t>(std::min<std::size_t>((end - begin) * Hit::kPlain, kMost)));
    }
  }
}

// What lies before a hit, within its reach, may be as far from the rest as from the hit.
void Nearby::reach_back(std::size_t most) {
  for (std::size_t i = 0; i < stretch_.size(); ++i) {
    const auto own = stretch_[i];
    const auto blocks = (most * own / Hit::kPlain + kBlock) / kBlock;
    for (std::size_t k = i - std::min(i, blocks); k < i; ++k) stretch_[k] = std::max(stretch_[k], own);
  }
}

void Nearby::mark(Cells cells, std::size_t begin, std::size_t end) {
  const auto first = begin / kCell, last = end / kCell;
  for (auto word = first / kBits; word <= std::min(last / kBits, cells.size() - 1); ++word) {
    auto bits = ~std::uint64_t{0};
    if (word == first / kBits) bits &= ~std::uint64_t{0} << first % kBits;
    if (word == last / kBits) bits &= ~std::uint64_t{0} >> (kBits - 1 - last % kBits);
    cells[word] |= bits;
  }
}

bool Nearby::may_meet(const CompiledRule& rule, std::size_t first, std::size_t last) const {
  const auto cells = cells_of(rule.everyday_group);
  const auto from = first / kCell, to = last / kCell;
  for (auto word = from / kBits; word <= std::min(to / kBits, cells.size() - 1); ++word) {
    auto bits = cells[word];
    if (word == from / kBits) bits &= ~std::uint64_t{0} << from % kBits;
    if (word == to / kBits) bits &= ~std::uint64_t{0} >> (kBits - 1 - to % kBits);
    if (bits != 0) return true;
  }
  return false;
}

std::vector<Place> Nearby::places() const {
  std::vector<Place> places;
  for (std::size_t word = 0; word < words_; ++word) {
    std::uint64_t bits = 0;
    for (std::size_t group = 0; group < groups_; ++group) bits |= cells_of(group)[word];
    for (; bits != 0; bits &= bits - 1) {
      const auto begin = (word * kBits + static_cast<std::size_t>(std::countr_zero(bits))) * kCell;
      if (!places.empty() && places.back().end == begin)
        places.back().end += kCell;
      else
        places.push_back({.begin = begin, .end = begin + kCell});
    }
  }
  return places;
}

}  // namespace plimsoll::detect
