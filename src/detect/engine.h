// What detector.cc and stream.cc share.
#pragma once

#include <hs/hs.h>

#include <cstdint>
#include <memory>
#include <vector>

#include "detect/detector.h"
#include "memory.h"
#include "open_matches.h"
#include "resolve.h"
#include "ruleset.h"
#include "search.h"
#include "text/normalizer.h"

namespace plimsoll::detect {

struct HsScratchDeleter {
  void operator()(hs_scratch_t* scratch) const { hs_free_scratch(scratch); }
};
using HsScratch = std::unique_ptr<hs_scratch_t, HsScratchDeleter>;

// Where, in a text, the triggers of one rule ended: [first, last], with gaps shorter than a match.
struct Triggers {
  std::size_t first = 0;
  std::size_t last = 0;
  RuleIndex rule = 0;
};

class Scratch {
 public:
  Scratch(const RuleSet& rules, const MatchAutomaton& automaton)
      : open(rules.rules().size(), 0), resolver(rules), matches(automaton) {}

  HsScratch hs;
  text::View view;
  std::string blank;  // the text scanned, with blanks for white space
  std::vector<Triggers> triggers;
  std::vector<std::uint32_t> open;  // per rule: 1 + number of its last Triggers; 0 none
  std::vector<Hit> hits;
  Resolver resolver;
  Memory memory;
  MatchScratch matches;  // for streams
};

struct Detector::Impl {
  RuleSet rules;
  MatchAutomaton automaton;
  text::Normalizer normalizer;
  HsScratch hs_scratch;  // for cloning

  // Appends every hit in `view` of every rule that has triggers.
  void scan(const text::View& view, Scratch& scratch) const;
  // The same for the rules that have none, where the hits so far call for them.
  void scan_everyday(const text::View& view, std::uint32_t ideas, Scratch& scratch) const;
  void search(RuleIndex rule, const text::View& view, Cursor& cursor, std::size_t before, std::size_t end,
              Scratch& scratch) const;
};

// Where the tail of a match ends, and how it got there: fed in pieces or whole.
class TailRun {
 public:
  TailRun() = default;
  explicit TailRun(Tail kind) : kind_(kind) {}
  // How much of `text`, which follows what was taken so far, belongs to it.
  std::size_t take(std::string_view text);
  bool over() const { return over_; }

 private:
  static constexpr std::size_t kMost = 16U << 10U;
  Tail kind_ = Tail::kNone;
  bool over_ = false;
  std::size_t taken_ = 0;
  unsigned dashes_ = 0;
  unsigned end_matched_ = 0;
};

}  // namespace plimsoll::detect
