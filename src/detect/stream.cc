#include <algorithm>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "detect/detector.h"
#include "engine.h"
#include "json_reading.h"
#include "open_matches.h"
#include "search.h"

namespace plimsoll::detect {
namespace {

// One view of the stream, of which only the undecided end is kept, with the rules' progress in it. Offsets
// into the view count from the start of the stream; `base_` is where the kept part begins.
class Lane final : public Window {
 public:
  Lane(const Detector::Impl& impl, MatchScratch& scratch)
      : impl_(&impl), scratch_(&scratch), open_(impl.automaton), cursors_(impl.rules.rules().size()) {
    dirty_until_.resize(cursors_.size());
  }

  // Bytes that stand for original bytes [begin, end); or, when end is 0, for themselves from `begin` on.
  void append(std::string_view bytes, std::size_t begin, std::size_t end) {
    for (std::size_t i = 0; i < bytes.size(); ++i) {
      const auto from = end == 0 ? begin + i : begin;
      const auto to = end == 0 ? begin + i + 1 : end;
      const auto at = base_ + buffer_.size();
      buffer_.push_back(bytes[i]);
      origins_.push_back({from, to});
      open_.read(static_cast<unsigned char>(bytes[i]), at, from, to, *scratch_, [&](RuleIndex rule) {
        if (dirty_until_[rule] == 0) dirty_.push_back(rule);
        dirty_until_[rule] = at + 1;
      });
    }
  }

  // Appends every hit that is certain now. `all`: nothing follows.
  void collect(bool all, std::vector<Hit>& hits) {
    const auto size = base_ + buffer_.size();
    grow_tails(all, hits);
    const auto settled = all || !open_.any() ? size : open_.oldest();
    text = buffer_;
    std::erase_if(dirty_, [&](RuleIndex rule) {
      auto cursor = cursors_[rule];
      cursor.next = std::max(cursor.next, resolved_) - base_;
      cursor.retry_end -= std::min(cursor.retry_end, base_);
      const auto& compiled = impl_->rules.rules()[rule];
      while (const auto match = next_match(compiled, *this, cursor, settled - base_, buffer_.size()))
        take(rule, *match, cursor, all, hits);
      cursor.next += base_;
      cursor.retry_end += base_;
      cursors_[rule] = cursor;
      if (dirty_until_[rule] > settled) return false;
      dirty_until_[rule] = 0;
      return true;
    });
    resolved_ = settled;
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

 private:
  struct TailInProgress {
    RuleIndex rule;
    TailRun run;
    std::size_t at;     // in the view: up to here it has been taken
    std::size_t begin;  // in the original: where the match began
  };

  void take(RuleIndex rule, const Match& match, Cursor& cursor, bool all, std::vector<Hit>& hits) {
    Hit hit{.begin = begin_of(match.begin), .end = end_of(match.end - 1), .rule = rule};
    if (const auto kind = impl_->rules.rules()[rule].rule->tail; kind != Tail::kNone) {
      TailInProgress tail{.rule = rule, .run = TailRun(kind), .at = base_ + match.end, .begin = hit.begin};
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
        hits.push_back(
            {.begin = tail.begin, .end = end_of(tail.at - base_ - 1), .rule = tail.rule, .continues = true});
      cursors_[tail.rule].next = std::max(cursors_[tail.rule].next, tail.at);
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

  struct Origin {
    std::size_t begin, end;
  };
  const Detector::Impl* impl_;
  MatchScratch* scratch_;
  OpenMatches open_;
  std::string buffer_;
  std::vector<Origin> origins_;
  std::size_t base_ = 0;
  std::size_t resolved_ = 0;  // hits that begin before are all found
  std::vector<Cursor> cursors_;
  std::vector<RuleIndex> dirty_;  // rules of which a match may have ended, and where the last did
  std::vector<std::size_t> dirty_until_;
  std::vector<TailInProgress> tails_;
};

}  // namespace

struct StreamInspector::State final : text::FoldSink {
  const Detector::Impl& impl;
  JsonReading json;
  text::Folder folder;
  Lane original;
  std::optional<Lane> view;  // once it differs
  Resolver resolver;
  std::vector<OpenTail> tails;
  std::vector<Hit> hits;  // certain, but not yet in order
  std::string raw;        // what of the original the folder has not settled
  std::size_t raw_begin = 0;
  std::size_t read = 0;
  std::size_t decided = 0;
  std::size_t hold_back;

  State(const Detector& detector, Scratch& scratch, std::size_t hold)
      : impl(detector.impl()),
        folder(impl.normalizer),
        original(impl, scratch.matches),
        resolver(impl.rules),
        hold_back(hold) {}

  void same(std::string_view bytes, std::size_t begin) override {
    original.append(bytes, begin, 0);
    if (view) append_characters(bytes, begin);
  }
  void changed(std::string_view bytes, std::size_t begin, std::size_t end) override {
    if (!view) view.emplace(original);
    original.append(std::string_view(raw).substr(begin - raw_begin, end - begin), begin, 0);
    view->append(bytes, begin, end);
  }
  // The bytes of a character of the view come from all of it.
  void append_characters(std::string_view bytes, std::size_t begin) {
    for (std::size_t i = 0; i < bytes.size();) {
      std::size_t end = i + 1;
      while (end < bytes.size() && (static_cast<unsigned char>(bytes[end]) & 0xC0U) == 0x80U) ++end;
      view->append(bytes.substr(i, end - i), begin + i, begin + end);
      i = end;
    }
  }

  Step step(bool last) {
    Step out;
    original.collect(last, hits);
    auto settled = std::min(folder.settled(), original.settled(folder.settled()));
    if (view) {
      view->collect(last, hits);
      settled = std::min(settled, view->settled(folder.settled()));
    }
    std::sort(hits.begin(), hits.end());
    const auto ready =
        std::ranges::find_if(hits, [&](const Hit& hit) { return !last && hit.begin >= settled; });
    for (auto it = hits.begin(); it != ready; ++it) resolver.add(*it);
    hits.erase(hits.begin(), ready);
    tails.clear();
    original.open_tails(tails);
    if (view) view->open_tails(tails);
    decided = std::max(decided, resolver.advance(settled, read, hold_back, tails, out.findings));
    out.decided = decided;
    out.scores = resolver.scores();
    return out;
  }
};

StreamInspector::StreamInspector(const Detector& detector, Scratch& scratch, std::size_t hold_back)
    : state_(std::make_unique<State>(detector, scratch, hold_back)) {}
StreamInspector::~StreamInspector() = default;
StreamInspector::StreamInspector(StreamInspector&&) noexcept = default;
StreamInspector& StreamInspector::operator=(StreamInspector&&) noexcept = default;

StreamInspector::Step StreamInspector::feed(std::string_view piece) {
  auto& s = *state_;
  std::string text(piece);
  s.json.read(text);
  s.raw.append(text);
  s.read += text.size();
  s.folder.feed(text, s);
  s.raw.erase(0, s.folder.settled() - s.raw_begin);
  s.raw_begin = s.folder.settled();
  return s.step(false);
}

StreamInspector::Step StreamInspector::finish() {
  state_->folder.finish(*state_);
  return state_->step(true);
}

}  // namespace plimsoll::detect
