// What detector.cc and stream.cc share.
#pragma once

#include <hs/hs.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "barren_runs.h"
#include "base/deadline.h"
#include "base/task_group.h"
#include "combine.h"
#include "detect/detector.h"
#include "fullness.h"
#include "memory.h"
#include "nearby.h"
#include "open_matches.h"
#include "resolve.h"
#include "ruleset.h"
#include "scored_runs.h"
#include "search.h"
#include "text/normalizer.h"
#include "text/views.h"

namespace plimsoll::detect {

struct HsScratchDeleter {
  void operator()(hs_scratch_t* scratch) const { hs_free_scratch(scratch); }
};
using HsScratch = std::unique_ptr<hs_scratch_t, HsScratchDeleter>;

// Where, in a text, matches of one rule may begin: [first, last].
struct Starts {
  std::uint32_t first = 0;
  std::uint32_t last = 0;
  RuleIndex rule = 0;
};

class Scratch {
 public:
  Scratch(const RuleSet& rules, const MatchAutomaton& automaton, const text::Normalizer& normalizer)
      : views(normalizer),
        open(rules.rules().size(), 0),
        cursors(rules.rules().size()),
        wanted(rules.rules().size(), 0),
        resolver(rules),
        matches(automaton),
        matcher(std::make_unique<Matcher>(rules.rules().size())) {}

  // Whatever is done with this scratch throws Deadline::Passed soon after.
  void stop_at(const Deadline& at) { deadline = views.deadline = model.deadline = names.deadline = at; }
  // What work that was given up may have left.
  void tidy() {
    starts.clear();
    std::ranges::fill(open, 0);
  }

  Deadline deadline;
  HsScratch hs;
  text::Views views;
  std::string folded;  // the text scanned, as literals see it
  std::vector<Starts> starts, sorted;
  std::vector<std::uint32_t> open;  // per rule: 1 + number of its last Starts; 0 none
  Cursors cursors;
  std::size_t searched = 0;  // places
  std::vector<char> wanted;  // per rule, for everyday words
  std::vector<Hit> hits;
  Fullness fullness;         // of a whole text
  Fullness* full = nullptr;  // of the text that hits are in; null: nobody asks
  Resolver resolver;
  classify::Scratch model;
  ScoredRuns scored_runs;
  std::vector<classify::Model::Part> parts;  // of a view, that the model is to read
  std::string marks;                         // the same, of a stream's
  Scores model_scores;                       // of the text and of what its runs say
  tagger::Scratch names;
  std::vector<tagger::NameSpan> name_spans;
  Memory memory;
  MatchScratch matches;              // for streams
  std::unique_ptr<Matcher> matcher;  // null: RE2 alone
};

Finding finding_of(const tagger::NameSpan& span);
bool in_order(const Finding& a, const Finding& b);  // of appearance; a total order

// A view to be scanned, and what was undone to read it.
struct Reading {
  const text::View& view;
  text::Encoding encoding = text::Encoding::kNone;
  text::Layer layer = text::Layer::kPlain;
  bool in_run = false;   // all of it is disguised, else what Window::disguised says
  bool afresh = false;   // what the view has in common with the one it was made from is searched, too
  std::size_t base = 0;  // to be added to its offsets
  const Nearby* nearby = nullptr;  // everyday words are looked for only where it says; null: everywhere
  std::span<const std::uint32_t> steps = {};  // Nearby::steps_of()

  bool much_changed() const {
    constexpr std::size_t kApart = 8;  // bytes for each change
    return view.changes().size() * kApart > view.text().size();
  }
  void look_near(const Nearby& places, std::size_t standing) {
    nearby = &places;
    steps = places.steps_of(standing);
  }

  // What words say is not looked for in a text that has another as its plain view, and everywhere in that.
  bool looks_for(const Rule& rule) const {
    return layer != text::Layer::kWritten || !tells_of_words(rule.category);
  }
  // Where it differs from a view in which the rule has been looked for; empty: there is none.
  std::span<const text::View::Change> changes_for(const Rule& rule) const {
    if (afresh || (layer == text::Layer::kPlain && tells_of_words(rule.category))) return {};
    return view.changes();
  }
};

struct Detector::Impl {
  RuleSet rules;
  MatchAutomaton automaton;
  text::Normalizer normalizer;
  HsScratch hs_scratch;  // for cloning
  std::optional<classify::Model> model;
  std::shared_ptr<const tagger::Tagger> names;
  Combination combine = Combination();
  std::string revision = {};

  // Memory for tasks that help with a text, used again.
  mutable std::mutex spare_mutex = {};
  mutable std::vector<ScratchPtr> spare = {};

  // Bytes; shorter texts are read before others are awake.
  static constexpr std::size_t kWorthSharing = 32U << 10U;

  ScratchPtr make_scratch() const;
  ScratchPtr borrow() const;
  void give_back(ScratchPtr own) const;
  // All that is found in a text: hits in any order, the model's scores, names. Alone, or with whoever is idle.
  bool read_all(std::string_view text, Scratch& scratch) const;
  void read(std::string_view text, Scratch& scratch) const;
  void read_with_help(std::string_view text, Scratch& scratch) const;

  // What the model makes of a view; of one that was made from another, where the two differ.
  void score(const text::Derived& derived, Scratch& scratch) const;
  // Appends every hit in `reading` of every rule that has triggers.
  void scan(const Reading& reading, Scratch& scratch) const;
  // The same of a standing view, but for hits that the view has too that it was made from; or, `everyday`, of those rules
  // for everyday words that are wanted and have places. False where that is hardly less to do; then all is still to be done,
  // though some may have been found.
  bool scan_near_changes(const Reading& reading, bool everyday, Scratch& scratch) const;
  // The same for the rules that have none, where the hits so far call for them: near `places`, where a text is long.
  void scan_everyday(const Reading& reading, IdeaSet ideas, std::span<const Place> places,
                     Scratch& scratch) const;
  // The same, but for what begins outside `places` and so meets nothing; and, without `anywhere`, for the rules that may
  // match anywhere. False, and nothing is done, where that is hardly less.
  bool scan_everyday_near(const Reading& reading, IdeaSet ideas, std::span<const Place> places, bool anywhere,
                          Scratch& scratch) const;

  // The same in parts that have no rule in common: where matches may begin is left in `scratch.starts`, by rule, to be
  // searched in any number of pieces between which no rule is divided, from where `scratch.cursors` are. (Of very many
  // places some have been searched.)
  enum class Part : std::uint8_t { kWords, kDigits, kLiterals, kEveryday };
  // What may lead to most comes first.
  static constexpr std::array kParts = {Part::kDigits, Part::kWords, Part::kLiterals};
  void find_starts(const Reading& reading, Part part, IdeaSet ideas, Scratch& scratch) const;
  // The same of everyday words, in one of several stretches of the view; false, and nothing is left, where it is too much
  // to be kept. Then what was found in all of them.
  bool find_everyday(const Reading& reading, IdeaSet ideas, const Place& stretch, Scratch& scratch) const;
  void join(std::span<const std::vector<Starts>> stretches, const Reading& reading, Scratch& scratch) const;
  void search(const Reading& reading, std::span<const Starts> starts, const Cursors& cursors,
              Scratch& scratch) const;
  // Both, and that there is text which nobody sees: a run is scanned once, in a whole text as in a stream. Everyday
  // words in it count where it has what they could meet.
  void scan_run(const text::Derived& derived, Scratch& scratch) const;
  IdeaSet ideas_of(std::span<const Hit> hits) const;
  // Adds it to how full a text is so far: false when that is too much.
  bool fill(FullnessSoFar& fullness, const Hit& hit) const {
    if (hit.rule == kCipher) return fullness.add_cipher(hit.begin, hit.end, hit.disguise);
    if (!hit.of_rule() || hit.continues) return true;
    const auto& rule = *rules.rules()[hit.rule].rule;
    const bool disguised = hit.disguise != text::Encoding::kNone;
    if (rule.tells_of_ideas()) return fullness.add_idea(hit.begin, hit.rule, disguised);
    return !rule.tells_of_harm() || fullness.add(hit.begin, disguised);
  }
  // Appends hits for a cipher that stands in the original so, or for all that a view undoes.
  void note_cipher(std::size_t begin, std::size_t end, text::Encoding cipher, Scratch& scratch) const;
  void note_ciphers(const Reading& reading, Scratch& scratch) const;

  void search(RuleIndex rule, const Reading& reading, Cursor& cursor, std::size_t before, std::size_t end,
              Scratch& scratch) const;

 private:
  friend class Detector;
  // In the folded text, which begins at `from` of the view.
  void find_triggers(const Reading& reading, Part part, std::size_t from, Scratch& scratch) const;
  void want_everyday(IdeaSet ideas, Scratch& scratch) const;
  void note_everywhere(std::size_t size, Scratch& scratch) const;
  // The last place in [lowest, at] across which no match of the rule reaches, or nearly; the first in [at, highest].
  // Nothing when none is near.
  std::optional<std::size_t> fresh_before(RuleIndex rule, const Reading& reading, std::size_t at,
                                          std::size_t lowest, Scratch& scratch) const;
  std::optional<std::size_t> fresh_after(RuleIndex rule, const Reading& reading, std::size_t at,
                                         std::size_t highest, Scratch& scratch) const;
  // A stretch of a view, what is before and behind it, and where the next is.
  struct Stretch {
    std::size_t begin = 0, end = 0, margin = 0, next = 0;
  };
  bool tails_reach_far(const Reading& reading, Scratch& scratch) const;
  bool scan_stretch(const Reading& reading, const Stretch& stretch, bool everyday, Scratch& scratch) const;
  bool search_stretch(const Reading& reading, const Stretch& stretch, const Place& known,
                      std::span<const Starts> starts, Scratch& scratch) const;
  bool scan_places(const Reading& reading, std::span<const Place> places, Scratch& scratch) const;
  bool scan_place(const Reading& reading, const Place& place, std::size_t margin, Scratch& scratch) const;
  void search_everyday_anywhere(const Reading& reading, Scratch& scratch) const;
  struct Literals {
    bool everyday = false;         // those that are wanted
    std::size_t most = 0;          // places kept without being searched
    std::size_t first = SIZE_MAX;  // the same, of the first few times
    std::size_t from = 0;          // where the folded text begins in the view
  };
  void scan_literals(const LiteralScan& literals, const Reading& reading, const Literals& which,
                     Scratch& scratch) const;
  void scan_first_words(const FirstWords& words, const Reading& reading, const Literals& which,
                        Scratch& scratch) const;
  void search_starts(const Reading& reading, std::size_t known, Scratch& scratch) const;
  std::span<const Starts> search_changed(const Reading& reading, std::span<const Starts> starts,
                                         std::size_t known, Scratch& scratch) const;
  void search(const Reading& reading, const Starts& starts, Scratch& scratch) const;
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
