// Where in a text everyday words may meet what was found there.
//
// A meeting asks for all its ideas within so many bytes before the last of them, in disguise within so many times more
// (Hit::stretch). One of them at least is no everyday word: where none is near, everyday words need not be looked for.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "resolve.h"
#include "ruleset.h"
#include "text/views.h"

namespace plimsoll::detect {

// A stretch of the original.
struct Place {
  std::size_t begin = 0, end = 0;
};

// Immutable once made; any thread may ask.
class Nearby {
 public:
  // `hits`: all there are of rules that are not for everyday words, in any order, in a text of `size` bytes; `standing`:
  // the views of it that everyday words are looked for in.
  Nearby(const RuleSet& rules, std::span<const Hit> hits, std::span<const text::Views::Standing> standing,
         std::size_t size);

  // Whether a hit of the rule, one for everyday words, that begins in [first, last] of the original may meet anything, or keep
  // others from it. Never false where one may.
  bool may_meet(const CompiledRule& rule, std::size_t first, std::size_t last) const;
  // Where any such hit begins, in order and apart.
  std::vector<Place> places() const;

  // Where in the original every 64th byte of one of the standing views comes from, and the last: what is asked of a view
  // often, and not exactly, is cheaper asked here. Empty for a view that is as the original or not in its order.
  static constexpr std::size_t kStep = 64;
  std::span<const std::uint32_t> steps_of(std::size_t standing) const { return steps_[standing]; }

 private:
  // A bit for each cell.
  using Cells = std::span<std::uint64_t>;
  Cells cells_of(std::size_t group) { return std::span(cells_).subspan(group * words_, words_); }
  std::span<const std::uint64_t> cells_of(std::size_t group) const {
    return std::span(cells_).subspan(group * words_, words_);
  }
  void stretch(const text::View& view);
  void reach_back(std::size_t most);
  static void mark(Cells cells, std::size_t begin, std::size_t end);

  std::vector<std::uint32_t> stretch_;  // by block: the most of a hit there; then of a hit that reaches there
  std::size_t words_, groups_;
  std::vector<std::uint64_t> cells_;  // by group of rules
  std::vector<std::vector<std::uint32_t>> steps_;
};

}  // namespace plimsoll::detect
