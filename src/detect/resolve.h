// From matches to findings and scores, in one pass from left to right.
//
// Matches of one category that overlap are one finding. It is named by the most confident of those that begin
// within its first kNaming bytes (then the widest, then the first): so its name is known before its end is,
// and a long one can be reported in parts. Scores look at what was matched within the last kScoreReach bytes.
// Both depend on the matches and their order only, never on how the text was cut.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <deque>
#include <span>
#include <tuple>
#include <vector>

#include "detect/detector.h"
#include "ruleset.h"
#include "text/views.h"

namespace plimsoll::detect {

// A match in the original's offsets; or, with kHiddenText for a rule, text that nobody sees; or, with kCipher, a cipher,
// which is no finding.
inline constexpr RuleIndex kHiddenText = 0xFFFF, kCipher = 0xFFFE;
struct Hit {
  // Quarters of a byte that a byte of a text that is not disguised takes.
  static constexpr std::uint32_t kPlain = 4;
  static constexpr std::size_t kMostStretch = 32;  // bytes

  std::size_t begin = 0;
  std::size_t end = 0;
  RuleIndex rule = 0;
  bool continues = false;  // more of the tail of a hit, which begins where that did
  // What had to be undone to find it; kNone where it stands plainly.
  text::Encoding disguise = text::Encoding::kNone;
  // What a byte of it takes of the original, in quarters of a byte. Ideas are as near to each other in disguise as they
  // are plainly, so distances are longer by this.
  std::uint32_t stretch = kPlain;

  // A match of `size` bytes covers so many of the original.
  void stretch_over(std::size_t size, std::size_t covered) {
    if (size == 0) return;
    stretch = static_cast<std::uint32_t>(
        std::clamp<std::size_t>((covered * kPlain + size - 1) / size, kPlain, kMostStretch * kPlain));
  }
  std::size_t stretched(std::size_t distance) const { return distance * stretch / kPlain; }
  bool of_rule() const { return rule < kCipher; }
  bool operator==(const Hit&) const = default;
};

// The tail of the hit of this category that began at `begin` may go on.
struct OpenTail {
  Category category;
  std::size_t begin;
};
inline bool operator<(const Hit& a, const Hit& b) {
  if (a.begin != b.begin) return a.begin < b.begin;  // most often
  return std::tie(a.rule, a.continues, a.disguise, a.end, a.stretch) <
         std::tie(b.rule, b.continues, b.disguise, b.end, b.stretch);
}

class Resolver {
 public:
  static constexpr std::size_t kNaming = 16;
  static constexpr std::size_t kScoreReach = 1500;

  explicit Resolver(const RuleSet& rules);
  void reset();

  // Hits in their order.
  void add(const Hit& hit);

  // No hit will begin before `settled` any more, but for the tails that are open; `arrived` is how much of
  // the text is known. A finding that still grows is held whole up to `hold_back` bytes, then goes in parts. Appends what is decided to `out` and returns the offset up to which everything is.
  std::size_t advance(std::size_t settled, std::size_t arrived, std::size_t hold_back,
                      std::span<const OpenTail> tails, std::vector<Finding>& out);

  const Scores& scores() const { return scores_; }

  // Appends the numbers of what has been found since reset(): rules with a weight, meetings, ideas, numbered
  // in this order.
  void fired(std::vector<std::uint16_t>& out) const;

 private:
  struct Cluster {
    Finding finding;
    std::size_t width = 0;     // of the match that gave the name
    std::size_t reported = 0;  // up to here
    bool started = false;
  };
  // What adds to a score: a rule with a weight, or a meeting.
  struct Signal {
    Category category;
    std::uint16_t entity;  // number within the category
    float weight;
    bool method;  // counts towards harm done to oneself with method
  };
  void signal(std::size_t index, const Hit& hit);
  void meet(Idea idea, const Hit& hit);
  void disguised(Category category, const Hit& hit);
  void report(Category category, std::string_view entity, std::string_view id, double confidence,
              const Hit& hit);
  double score(Category category, const Hit& hit, bool methods_only) const;

  const RuleSet* rules_;
  std::vector<Signal> signals_;  // rules, then meetings
  std::array<std::vector<std::uint16_t>, kCategoryCount> by_category_;
  // A meeting that an idea takes part in, and its signal.
  struct Part {
    IdeaSet ideas;
    std::uint16_t distance, signal;
  };
  std::array<std::vector<Part>, kMostIdeas> by_idea_;
  // Ideas that begin in the last blocks of as many bytes as the longest distance has, and more: of all others none is near.
  std::size_t block_size_ = 1, block_ = 0;
  std::array<IdeaSet, 2> in_block_{};  // the last but one, the last
  std::vector<std::uint64_t> seen_;    // per signal: 1 + where it was last; 0 never
  // Per category: where its last signal was, and how far that looked back.
  struct Weighed {
    std::size_t at = 0, reach = 0;
  };
  std::array<Weighed, kCategoryCount> weighed_{};
  std::array<std::uint64_t, kMostIdeas> ideas_{};          // 1 + where each was last; 0 never
  std::array<std::uint64_t, kMostIdeas> excused_until_{};  // what begins before it does not count
  std::vector<std::size_t> plain_until_;  // per rule: where its last hit without disguise ended
  std::deque<Cluster> clusters_;
  std::array<std::size_t, kCategoryCount> last_{};  // 1 + number of the category's last cluster
  std::size_t popped_ = 0;
  Scores scores_;
};

}  // namespace plimsoll::detect
