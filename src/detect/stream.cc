#include "classify/stream.h"

#include <algorithm>
#include <array>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "detect/detector.h"
#include "engine.h"
#include "json_reading.h"
#include "open_matches.h"
#include "search.h"
#include "tagger/stream_tagger.h"

namespace plimsoll::detect {
namespace {

// One view of the stream, of which only the undecided end is kept, with the rules' progress in it. Offsets
// into the view count from the start of the stream; `base_` is where the kept part begins.
class Lane final : public Window {
 public:
  Lane(const Detector::Impl& impl, Scratch& scratch)
      : impl_(&impl), scratch_(&scratch.matches), matcher_(scratch.matcher.get()), open_(impl.automaton) {}

  // From now on it is a view that what was undone makes different from the one before it.
  void disguised_by(text::Encoding encoding) {
    encoding_ = encoding;
    longest = text::kMaxDisguised;
    open_.set_longest(longest);
  }
  // From now on another has the plain text, in which what words say is looked for.
  void leave_words() {
    of_data_ = true;
    std::erase_if(progress_, [&](const Progress& p) { return !looks_for(p.rule); });
  }

  // The next of the view; `original` begins at offset `begin` and holds all that it comes from.
  void append(const text::StreamViewSink::Stretch& stretch, std::string_view original, std::size_t begin) {
    for (std::size_t i = 0; i < stretch.text.size(); ++i) {
      const auto from = stretch.origins[i].begin, to = stretch.origins[i].end;
      const char c = stretch.text[i];
      const auto at = base_ + buffer_.size();
      buffer_.push_back(c);
      origins_.push_back({from, to, mark_of(c, original.substr(from - begin, to - from))});
      open_.read(static_cast<unsigned char>(c), at, from, to, *scratch_, [&](RuleIndex rule) {
        if (looks_for(rule)) progress(rule).dirty_until = at + 1;
      });
    }
  }

  // Appends every hit that is certain now. `all`: nothing follows.
  void collect(bool all, std::vector<Hit>& hits) {
    const auto size = base_ + buffer_.size();
    grow_tails(all, hits);
    const auto settled = all || !open_.any() ? size : open_.oldest();
    text = buffer_;
    for (auto& progress : progress_) {
      if (progress.dirty_until == 0) continue;
      auto& cursor = progress.cursor;
      cursor.next = std::max(cursor.next, resolved_) - base_;
      cursor.retry_end -= std::min(cursor.retry_end, base_);
      const Matching matching{
          .rule = impl_->rules.rules()[progress.rule], .number = progress.rule, .matcher = matcher_};
      while (const auto match = next_match(matching, *this, cursor, settled - base_, buffer_.size()))
        take(progress.rule, *match, cursor, all, hits);
      cursor.next += base_;
      cursor.retry_end += base_;
      if (progress.dirty_until <= settled) progress.dirty_until = 0;
    }
    resolved_ = settled;
    std::erase_if(progress_, [&](const Progress& p) {
      return p.dirty_until == 0 && p.cursor.next <= resolved_ && p.cursor.retry_end <= resolved_;
    });
    forget();
  }

  // Where, in the original, a hit that is still to come may begin.
  std::size_t settled(std::size_t read) const {
    return resolved_ < base_ + buffer_.size() ? begin_of(resolved_ - base_) : read;
  }

  void open_tails(std::vector<OpenTail>& tails) const {
    for (const auto& tail : tails_)
      tails.push_back({.category = impl_->rules.rules()[tail.rule].rule->category, .begin = tail.begin});
  }

  std::size_t begin_of(std::size_t i) const override { return origins_[i].begin; }
  std::size_t end_of(std::size_t i) const override { return origins_[i].end; }
  Mark mark(std::size_t i) const override { return origins_[i].mark; }

 private:
  bool looks_for(RuleIndex rule) const {
    return !of_data_ || !tells_of_words(impl_->rules.rules()[rule].rule->category);
  }

  struct TailInProgress {
    RuleIndex rule;
    TailRun run;
    std::size_t at;     // in the view: up to here it has been taken
    std::size_t begin;  // in the original: where the match began
    text::Encoding disguise;
  };

  void take(RuleIndex rule, const Match& match, Cursor& cursor, bool all, std::vector<Hit>& hits) {
    const bool is_disguised = encoding_ != text::Encoding::kNone && disguised(match.begin, match.end);
    Hit hit{.begin = begin_of(match.begin),
            .end = end_of(match.end - 1),
            .rule = rule,
            .disguise = is_disguised ? encoding_ : text::Encoding::kNone};
    if (is_disguised) hit.stretch_over(match.end - match.begin, hit.end - hit.begin);
    if (const auto kind = impl_->rules.rules()[rule].rule->tail; kind != Tail::kNone) {
      TailInProgress tail{.rule = rule,
                          .run = TailRun(kind),
                          .at = base_ + match.end,
                          .begin = hit.begin,
                          .disguise = hit.disguise};
      const auto taken = tail.run.take(std::string_view(buffer_).substr(match.end));
      tail.at += taken;
      if (taken > 0) hit.end = end_of(match.end + taken - 1);
      cursor.next = std::max(cursor.next, match.end + taken);
      if (!all && !tail.run.over()) tails_.push_back(tail);
    }
    hits.push_back(hit);
  }

  void grow_tails(bool all, std::vector<Hit>& hits) {
    std::erase_if(tails_, [&](TailInProgress& tail) {
      const auto rest = std::string_view(buffer_).substr(tail.at - base_);
      const auto taken = tail.run.take(rest);
      tail.at += taken;
      if (taken > 0)
        hits.push_back({.begin = tail.begin,
                        .end = end_of(tail.at - base_ - 1),
                        .rule = tail.rule,
                        .continues = true,
                        .disguise = tail.disguise});
      auto& cursor = progress(tail.rule).cursor;
      cursor.next = std::max(cursor.next, tail.at);
      return all || tail.run.over();
    });
  }

  // Drops what no search will look at again; the byte before is kept to be looked back at.
  void forget() {
    auto keep = resolved_;
    if (keep <= base_ + 1) return;
    const auto drop = keep - 1 - base_;
    if (drop < 512 && drop * 2 < buffer_.size()) return;
    buffer_.erase(0, drop);
    origins_.erase(origins_.begin(), origins_.begin() + static_cast<std::ptrdiff_t>(drop));
    base_ += drop;
  }

  // Of a rule of which a match may have ended in what is not decided, or whose last match reaches into it.
  struct Progress {
    RuleIndex rule;
    Cursor cursor = {};
    std::size_t dirty_until = 0;  // where the last such match may have ended; 0: none has
  };
  Progress& progress(RuleIndex rule) {
    const auto at = std::ranges::lower_bound(progress_, rule, {}, &Progress::rule);
    return at != progress_.end() && at->rule == rule ? *at : *progress_.insert(at, {.rule = rule});
  }

  struct Origin {
    std::size_t begin, end;
    Mark mark;
  };
  text::Encoding encoding_ = text::Encoding::kNone;
  bool of_data_ = false;
  const Detector::Impl* impl_;
  MatchScratch* scratch_;
  Matcher* matcher_;
  OpenMatches open_;
  std::string buffer_;
  std::vector<Origin> origins_;
  std::size_t base_ = 0;
  std::size_t resolved_ = 0;        // hits that begin before are all found
  std::vector<Progress> progress_;  // by rule
  std::vector<TailInProgress> tails_;
};

}  // namespace

struct StreamInspector::State final : text::StreamViewSink {
  static constexpr std::array<text::Encoding, text::kStandingViews> kEncodings = {
      text::Encoding::kNone, text::Encoding::kUnicode, text::Encoding::kEscapes, text::Encoding::kLetters};

  const Detector::Impl& impl;
  Scratch& scratch;
  JsonReading json;
  text::StreamViews views;
  std::array<std::optional<Lane>, text::kStandingViews> lanes;  // each once it differs from the one before it
  std::array<std::optional<classify::StreamScorer>, text::kStandingViews> scorers;  // as the lanes
  std::optional<tagger::StreamTagger> names;
  std::vector<Finding> waiting;  // for the text to leave, where names are looked for
  std::size_t names_decided = 0;
  Scores model_scores;
  Resolver resolver;
  std::vector<OpenTail> tails;
  std::vector<Hit> hits;  // certain, but not yet in order
  std::size_t read = 0;   // bytes that arrived,
  std::size_t told = 0;   // and that the lanes know
  std::size_t decided = 0;
  std::size_t hold_back;
  FullnessSoFar fullness;
  bool is_too_full = false;
  std::size_t last_ciphered = SIZE_MAX;  // place
  BarrenRuns barren;
  std::size_t hits_before_run = 0;

  State(const Detector& detector, Scratch& memory, std::size_t hold)
      : impl(detector.impl()),
        scratch(memory),
        views(impl.normalizer),
        resolver(impl.rules),
        hold_back(hold) {
    lanes[0].emplace(impl, scratch);
    if (impl.model) scorers[0].emplace(*impl.model);
    if (impl.names) names.emplace(*impl.names, scratch.names);
  }

  void advance(const std::array<Stretch, text::kStandingViews>& stretches) override {
    for (std::size_t i = 1; i < lanes.size(); ++i) {
      if (lanes.at(i) || stretches.at(i).text == stretches.at(i - 1).text) continue;
      auto before = i - 1;
      while (!lanes.at(before)) --before;
      lanes.at(i).emplace(*lanes.at(before));
      lanes.at(i)->disguised_by(kEncodings.at(i));
      if (kEncodings.at(i) == text::Encoding::kUnicode) {
        lanes.at(before)->leave_words();
        scorers.at(i) = std::exchange(scorers.at(before), std::nullopt);
      } else if (impl.model) {
        scorers.at(i).emplace(classify::StreamScorer::Parts(*scorers.at(before)));
      }
    }
    for (std::size_t i = 0; i < lanes.size(); ++i)
      if (lanes.at(i) && text::is_cipher(kEncodings.at(i))) note_ciphers(stretches.at(i), kEncodings.at(i));
    const auto& original = stretches[0];
    for (std::size_t i = 0; i < lanes.size(); ++i)
      if (lanes.at(i)) lanes.at(i)->append(stretches.at(i), original.text, told);
    for (std::size_t i = 0; i < scorers.size(); ++i)
      if (scorers.at(i)) scorers.at(i)->feed(stretches.at(i).text, marks_of(stretches.at(i)), scratch.model);
    if (names) take_names(names->feed(original.text));
    told += original.text.size();
  }

  // As Impl::note_ciphers().
  void note_ciphers(const Stretch& stretch, text::Encoding cipher) {
    for (const auto& range : stretch.origins) {
      if (!range.changed || range.begin / Fullness::kPlace == last_ciphered) continue;
      last_ciphered = range.begin / Fullness::kPlace;
      hits.push_back({.begin = range.begin, .end = range.begin + 1, .rule = kCipher, .disguise = cipher});
    }
  }

  bool begin_run(text::Encoding encoding, std::string_view run, std::size_t span) override {
    hits_before_run = hits.size();
    return barren.begin(encoding, run, span);
  }
  void end_run() override { barren.end(hits.size() == hits_before_run); }

  std::string_view marks_of(const Stretch& stretch) {
    scratch.marks.clear();
    for (const auto& range : stretch.origins) scratch.marks += range.changed ? '\1' : '\0';
    return scratch.marks;
  }

  void take_names(const tagger::StreamTagger::Step& step) {
    for (const auto& span : step.spans) waiting.push_back(finding_of(span));
    names_decided = step.decided;
  }

  void take(const text::Derived& derived) override {
    scratch.model_scores = {};
    impl.score(derived, scratch);
    model_scores.raise(scratch.model_scores);
    scratch.hits.clear();
    impl.scan_run(derived, scratch);
    hits.insert(hits.end(), scratch.hits.begin(), scratch.hits.end());
  }

  // Text waits until its names are known, too, and findings wait with it: none may be cut in two.
  void wait_for_names(bool last, std::size_t before, Step& out) {
    if (last) take_names(names->finish());
    waiting.insert(waiting.end(), out.findings.begin(), out.findings.end());
    std::ranges::sort(waiting, in_order);
    if (!last) decided = std::max(before, std::min(decided, names_decided));
    const auto cut = [&](const Finding& f) { return f.span.begin < decided && f.span.end > decided; };
    for (auto f = waiting.begin(); !last && (f = std::ranges::find_if(waiting, cut)) != waiting.end();)
      decided = f->span.begin;
    const auto ready = std::ranges::partition_point(
        waiting, [&](const Finding& f) { return f.span.begin < decided || last; });
    out.findings.assign(waiting.begin(), ready);
    waiting.erase(waiting.begin(), ready);
  }

  // Nothing is looked for any more: all that has not been decided is what too full a text is said to be.
  Step too_full() {
    Step out;
    if (read > decided) out.findings = findings_of_too_full(decided, read);
    for (auto& finding : out.findings) finding.continuation = is_too_full;
    is_too_full = true;
    out.decided = decided = read;
    out.scores = scores_of_too_full();
    return out;
  }

  Step step(bool last) {
    Step out;
    auto settled = views.decided();
    for (auto& lane : lanes) {
      if (!lane) continue;
      lane->collect(last, hits);
      settled = std::min(settled, lane->settled(told));
    }
    std::sort(hits.begin(), hits.end());
    const auto ready =
        std::ranges::find_if(hits, [&](const Hit& hit) { return !last && hit.begin >= settled; });
    for (auto it = hits.begin(); it != ready; ++it) {
      if (!impl.fill(fullness, *it)) return too_full();
      if (it->rule != kCipher) resolver.add(*it);
    }
    hits.erase(hits.begin(), ready);
    tails.clear();
    for (const auto& lane : lanes)
      if (lane) lane->open_tails(tails);
    // A finding has its name once all is known that begins where it does.
    const auto hold = std::max(hold_back, read - settled + Resolver::kNaming);
    const auto before = decided;
    decided = std::max(decided, resolver.advance(settled, read, hold, tails, out.findings));
    for (auto& scorer : scorers)
      if (scorer) model_scores.raise(last ? scorer->finish(scratch.model).scores : scorer->so_far().scores);
    if (names) wait_for_names(last, before, out);
    out.decided = decided;
    out.scores = impl.combine(resolver.scores(), model_scores);
    return out;
  }
};

StreamInspector::StreamInspector(const Detector& detector, Scratch& scratch, std::size_t hold_back)
    : state_(std::make_unique<State>(detector, scratch, hold_back)) {}
StreamInspector::~StreamInspector() = default;
StreamInspector::StreamInspector(StreamInspector&&) noexcept = default;
StreamInspector& StreamInspector::operator=(StreamInspector&&) noexcept = default;

StreamInspector::Step StreamInspector::feed(std::string_view piece, const Deadline& deadline) {
  // In slices, so that what is kept of each stream stays small.
  constexpr std::size_t kSlice = 256;
  auto& s = *state_;
  Step all;
  do {
    deadline.check();
    std::string text(piece.substr(0, s.is_too_full ? piece.size() : kSlice));
    piece.remove_prefix(text.size());
    s.read += text.size();
    if (!s.is_too_full) {
      s.json.read(text);
      s.views.feed(text, s.scratch.views, s);
    }
    auto step = s.is_too_full ? s.too_full() : s.step(false);
    all.findings.insert(all.findings.end(), step.findings.begin(), step.findings.end());
    all.decided = step.decided;
    all.scores = step.scores;
  } while (!piece.empty());
  return all;
}

StreamInspector::Step StreamInspector::finish() {
  if (state_->is_too_full) return state_->too_full();
  state_->views.finish(state_->scratch.views, *state_);
  return state_->step(true);
}

}  // namespace plimsoll::detect
