#include "text/views.h"

#include <algorithm>
#include <atomic>
#include <memory>
#include <utility>

#include "language.h"
#include "rewrite.h"
#include "runs.h"
#include "survey.h"
#include "utf8.h"
#include "view_builder.h"

namespace plimsoll::text {

std::string_view to_string(Encoding encoding) {
  switch (encoding) {
    case Encoding::kNone:
    case Encoding::kCount:
      return "original";
    case Encoding::kUnicode:
      return "unicode";
    case Encoding::kEscapes:
      return "escapes";
    case Encoding::kLetters:
      return "letters";
    case Encoding::kBase64:
      return "base64";
    case Encoding::kBase32:
      return "base32";
    case Encoding::kHex:
      return "hex";
    case Encoding::kBinary:
      return "binary";
    case Encoding::kDecimal:
      return "decimal";
    case Encoding::kMorse:
      return "morse";
    case Encoding::kRot13:
      return "rot13";
    case Encoding::kCaesar:
      return "caesar";
    case Encoding::kAtbash:
      return "atbash";
    case Encoding::kReversed:
      return "reversed";
    case Encoding::kUpsideDown:
      return "upside_down";
    case Encoding::kVariationSelectors:
      return "variation_selectors";
    case Encoding::kTags:
      return "tags";
    case Encoding::kZeroWidth:
      return "zero_width";
  }
  std::unreachable();
}

bool is_hidden(Encoding encoding) {
  return encoding == Encoding::kVariationSelectors || encoding == Encoding::kTags ||
         encoding == Encoding::kZeroWidth;
}

bool is_cipher(Encoding encoding) {
  constexpr std::array kCiphers = {Encoding::kLetters, Encoding::kRot13,    Encoding::kCaesar,
                                   Encoding::kAtbash,  Encoding::kReversed, Encoding::kUpsideDown};
  return std::ranges::find(kCiphers, encoding) != kCiphers.end();
}

bool is_ciphered_text(Encoding encoding, std::string_view text) {
  if (!is_cipher(encoding)) return false;
  return encoding == Encoding::kUpsideDown || is_third_letters(text);
}

bool ViewSink::begin_run(Encoding, std::string_view, std::size_t) {
  return true;
}

std::string Derived::name() const {
  std::string name(encodings.empty() ? to_string(Encoding::kNone) : "");
  for (const auto encoding : encodings) {
    if (!name.empty()) name += " > ";
    name += to_string(encoding);
  }
  return name;
}

struct Views::Level {
  View held;  // what a run holds, which is read here
  View normalized, unescaped, lettered;
  Run run;  // that a pass is at
};

struct Views::Taker final : RunSink {
  Views& views;
  const View& parent;
  unsigned depth;
  ViewSink& sink;
  Taker(Views& v, const View& p, unsigned d, ViewSink& s) : views(v), parent(p), depth(d), sink(s) {}
  void run(const Run& run) override { views.take_run(parent, run, run.begin, depth, sink); }
};

// How what is found where passes are spread goes to be read: some runs at a time.
struct Views::Spread {
  TaskGroup& tasks;
  SpreadViewSink& sink;
};

struct Views::Finder final : RunSink {
  static constexpr std::size_t kAtOnce = 32U << 10U;  // bytes
  const View& parent;
  SpreadViewSink& sink;
  FoundRuns found;
  std::size_t size = 0;
  Finder(const View& p, SpreadViewSink& s) : parent(p), sink(s), found(p) {}
  void run(const Run& run) override {
    if (is_ciphered_text(run.encoding, run.text)) {
      const auto [begin, end] = parent.cover(run.begin, run.end);
      sink.expect_cipher(begin, end, run.encoding);
    }
    found.runs_.push_back(run);
    size += run.text.size();
    if (size >= kAtOnce) pass_on();
  }
  void pass_on() {
    if (!found.runs_.empty()) sink.take_runs(std::exchange(found, FoundRuns(parent)));
    size = 0;
  }
};

FoundRuns::FoundRuns(const View& parent) : parent_(&parent) {}
FoundRuns::FoundRuns(FoundRuns&&) noexcept = default;
FoundRuns& FoundRuns::operator=(FoundRuns&&) noexcept = default;
FoundRuns::~FoundRuns() = default;

namespace {

class PlacesInView final : public Places {
 public:
  explicit PlacesInView(const View& view) : view_(view) {}
  std::size_t span(std::size_t begin, std::size_t end) const override {
    return view_.ordered() ? view_.end_of(end - 1) - view_.begin_of(begin) : end - begin;
  }

 private:
  const View& view_;
};

// What a pass reads between two looks at the clock.
constexpr std::size_t kPiece = 64U << 10U;

// pass(text, from, last) over all of the text, as over one that arrives in pieces.
template <class Pass>
void in_pieces(std::string_view text, const Deadline& deadline, Pass pass) {
  for (std::size_t at = 0, end = 0; end < text.size() || end == 0;) {
    end = std::min(text.size(), end + kPiece);
    at = pass(text.substr(0, end), at, end == text.size());
    if (end == text.size()) return;
    deadline.check();
  }
}

bool is_ascii(std::string_view text) {
  unsigned char all = 0;
  for (const char c : text) all |= static_cast<unsigned char>(c);
  return all < 0x80;
}

}  // namespace

Views::Views(const Normalizer& normalizer) : normalizer_(&normalizer) {}
Views::~Views() = default;

Views::Level& Views::level(unsigned depth) {
  auto& level = levels_.at(depth);
  if (!level) level = std::make_unique<Level>();
  return *level;
}

void Views::stand(const View& view, Encoding encoding, Layer layer, unsigned depth, ViewSink& sink) {
  if (encoding != Encoding::kNone) encodings_.at(encodings_count_++) = encoding;
  if (depth == 0) standing_.at(standing_count_++) = {.view = &view, .encoding = encoding, .layer = layer};
  sink.take({.view = view,
             .encodings = {encodings_.data(), encodings_count_},
             .layer = layer,
             .base = base_,
             .in_run = run_end_ != 0,
             .begin = run_begin_,
             .end = run_end_});
}

void Views::begin(std::string_view text) {
  standing_count_ = encodings_count_ = 0;
  base_ = run_begin_ = run_end_ = 0;
  ViewBuilder::borrow(level(0).held, text);
}

void Views::read(std::string_view text, ViewSink& sink) {
  begin(text);
  read_level(level(0).held, 0, sink);
}

void Views::spread(std::string_view text, TaskGroup& tasks, SpreadViewSink& sink) {
  begin(text);
  Spread spread{.tasks = tasks, .sink = sink};
  read_level(level(0).held, 0, sink, &spread);
}

void Views::read(const FoundRuns& found, ViewSink& sink) {
  begin({});
  for (const auto& run : found.runs_) take_run(*found.parent_, run, run.begin, 0, sink);
}

// With `spread` (of a whole text alone), passes that do not need each other are left to tasks, which outlive the call.
void Views::read_level(const View& base, unsigned depth, ViewSink& sink, Spread* spread) {
  auto& here = level(depth);
  const auto first = encodings_count_;
  const View* current = &base;
  const auto next = [&](const View& view, Encoding encoding, Layer layer) {
    current = &view;
    stand(view, encoding, layer, depth, sink);
  };
  // `pass(text, from, last, run, sink)` finds the runs of `view`, with memory for one.
  const auto find = [&](const View& view, auto pass) {
    if (depth == kDepth) return;
    if (spread != nullptr) {
      spread->tasks.add(
          [&view, &to = spread->sink, pass, until = deadline]() mutable {
            Finder finder(view, to);
            Run run;
            in_pieces(view.text(), until, [&](std::string_view text, std::size_t from, bool last) {
              return pass(text, from, last, run, finder);
            });
            finder.pass_on();
          },
          TaskGroup::Order::kMore);
      return;
    }
    Taker taker(*this, view, depth, sink);
    in_pieces(view.text(), deadline, [&](std::string_view text, std::size_t from, bool last) {
      return pass(text, from, last, here.run, taker);
    });
  };

  Rewriting normalizing(base, here.normalized);
  const auto written = [&] {
    next(base, Encoding::kNone, Layer::kWritten);
    find(base, HiddenRuns::find);
  };
  if (!is_ascii(base.text())) {
    Folder folder(*normalizer_);
    in_pieces(base.text(), deadline, [&](std::string_view text, std::size_t from, bool) {
      const bool changed = normalizing.changed();
      folder.feed(text.substr(from), normalizing);
      // Others may begin with it.
      if (normalizing.changed() && !changed) written();
      return text.size();
    });
    const bool changed = normalizing.changed();
    folder.finish(normalizing);
    if (normalizing.changed() && !changed) written();
  }
  if (!normalizing.finish()) {
    next(base, Encoding::kNone, Layer::kPlain);
  } else {
    next(here.normalized, Encoding::kUnicode, Layer::kPlain);
  }

  auto suspects = survey(current->text());
  if (suspects.escapes) {
    Rewriting rewriting(*current, here.unescaped);
    in_pieces(current->text(), deadline, [&](std::string_view text, std::size_t from, bool last) {
      return undo_escapes(text, from, last, normalizer_->table(), rewriting);
    });
    if (rewriting.finish()) {
      next(here.unescaped, Encoding::kEscapes, Layer::kUndone);
      suspects = survey(current->text());
    }
  }
  const auto& plain = *current;
  if (suspects.codes)
    find(plain, [&plain, codes = CodeRuns()](std::string_view text, std::size_t from, bool last, Run& run,
                                             RunSink& runs) mutable {
      return codes.find(text, from, last, PlacesInView(plain), run, runs);
    });
  if (suspects.words)
    find(plain, [&plain, words = WordRuns()](std::string_view text, std::size_t from, bool last, Run& run,
                                             RunSink& runs) mutable {
      return words.find(text, from, last, PlacesInView(plain), run, runs);
    });
  if (suspects.letters && spread != nullptr) {
    spread_lettering(plain, here.lettered, *spread);
  } else if (suspects.letters) {
    Rewriting rewriting(plain, here.lettered);
    in_pieces(plain.text(), deadline, [&](std::string_view text, std::size_t from, bool last) {
      return undo_lettering(text, from, last, rewriting);
    });
    if (rewriting.finish()) stand(here.lettered, Encoding::kLetters, Layer::kUndone, depth, sink);
  }
  if (spread == nullptr) encodings_count_ = first;
}

// In stretches, each a task.
void Views::spread_lettering(const View& plain, View& lettered, const Spread& spread) {
  constexpr std::size_t kStretch = 128U << 10U;
  struct Stretches {
    std::vector<std::size_t> cuts = {0};
    std::vector<View> views;
    std::atomic<std::size_t> left = 0;
  };
  const auto text = plain.text();
  const auto all = std::make_shared<Stretches>();
  while (all->cuts.back() < text.size())
    all->cuts.push_back(lettering_cut(text, all->cuts.back() + kStretch));
  all->left = all->cuts.size() - 1;
  all->views.resize(all->left);
  for (std::size_t i = 0; i < all->views.size(); ++i)
    spread.tasks.add(
        [this, &plain, &lettered, &sink = spread.sink, all, i, until = deadline] {
          auto& view = all->views[i];
          const auto end = all->cuts[i + 1];
          auto at = all->cuts[i];
          Rewriting rewriting(plain, view, at);
          for (auto to = at; to < end;) {
            until.check();
            to = std::min(end, to + kPiece);
            const auto read = to < end ? plain.text().substr(0, to) : plain.text();
            at = undo_lettering(read, at, to == end, rewriting, end);
          }
          if (rewriting.finish())
            for (const auto& [begin, last] : view.changes())
              if (begin < view.text().size())
                sink.expect_cipher(view.begin_of(begin),
                                   view.end_of(std::min<std::size_t>(last, view.text().size()) - 1),
                                   Encoding::kLetters);
          if (--all->left > 0 || std::ranges::all_of(all->views, &View::identical)) return;
          ViewBuilder::join(lettered, plain, all->views, all->cuts);
          stand(lettered, Encoding::kLetters, Layer::kUndone, 0, sink);
        },
        TaskGroup::Order::kMore);
}

void Views::take_run(const View& parent, const Run& run, std::size_t at, unsigned depth, ViewSink& sink) {
  const auto range =
      depth == 0 ? parent.cover(at, at + (run.end - run.begin)) : std::pair<std::size_t, std::size_t>();
  if (depth == 0 && !sink.begin_run(run.encoding, run.text, range.second - range.first)) return;
  auto& below = level(depth + 1);
  ViewBuilder::hold(below.held, parent, run, at);
  const auto outer = std::pair(run_begin_, run_end_);
  const auto outer_encodings = encodings_count_;
  if (depth == 0) {
    encodings_count_ = 0;  // whether the text around it was disguised too is another matter
    run_begin_ = base_ + range.first;
    run_end_ = base_ + range.second;
  }
  encodings_.at(encodings_count_++) = run.encoding;
  read_level(below.held, depth + 1, sink);
  encodings_count_ = outer_encodings;
  std::tie(run_begin_, run_end_) = outer;
  if (depth == 0) sink.end_run();
}

// One standing view of a stream, of which the end is kept that something is still to read.
namespace {

struct Queue {
  std::string text;
  std::vector<StreamViewSink::Range> origins;
  Gap gap;
  bool dropped = false;  // something, right before what is still to come

  void append(std::string_view bytes, StreamViewSink::Range range) {
    text.append(bytes);
    origins.insert(origins.end(), bytes.size(), range);
    mark(bytes.size());
  }
  void append(const Queue& from, std::size_t begin, std::size_t end) {
    text.append(from.text, begin, end - begin);
    for (auto i = begin; i < end; ++i)
      origins.push_back({.begin = from.origins[i].begin, .end = from.origins[i].end});
    mark(end - begin);
  }
  // Of so many bytes the first follows what was dropped.
  void mark(std::size_t size) {
    if (dropped && size > 0) origins[origins.size() - size].changed = true;
    dropped = dropped && size == 0;
  }
  void drop(std::size_t count) {
    text.erase(0, count);
    origins.erase(origins.begin(), origins.begin() + static_cast<std::ptrdiff_t>(count));
  }
  // The end of what `from` and after it there is before original offset `end`.
  std::size_t until(std::size_t from, std::size_t end) const {
    while (from < text.size() && origins[from].begin < end) ++from;
    return from;
  }
};

class PlacesInQueue final : public Places {
 public:
  explicit PlacesInQueue(const Queue& queue) : queue_(queue) {}
  std::size_t span(std::size_t begin, std::size_t end) const override {
    return queue_.origins[end - 1].end - queue_.origins[begin].begin;
  }

 private:
  const Queue& queue_;
};

// How far a pass is in what it reads. What it could not decide it looks at again once an eighth more of the original
// is there, so that small pieces cost no more than large ones.
struct Progress {
  std::size_t at = 0;
  std::size_t retry = 0;  // not before so much is there

  // `offset` tells where in the original the pass is.
  template <class Work, class Offset>
  void run(std::size_t size, std::size_t fed, bool last, Work work, Offset offset) {
    if (at == size || (!last && fed < retry)) return;
    at = work(at);
    retry = fed + (fed - offset()) / 8;
  }
};

}  // namespace

struct StreamViews::State final : FoldSink {
  const Normalizer& normalizer;
  Folder folder;
  std::string raw;  // of the original, from raw_begin on
  std::size_t raw_begin = 0;
  Queue normalized, unescaped;
  Queue lettered;  // what has not been told
  CodeRuns codes;
  WordRuns words;
  Progress hiding, escaping, lettering, coding, wording;
  std::size_t told = 0;                                 // offset: so far the standing views have been told
  std::size_t told_normalized = 0, told_unescaped = 0;  // the same, in the queues

  explicit State(const Normalizer& n) : normalizer(n), folder(n) {}

  void same(std::string_view bytes, std::size_t begin) override {
    for (std::size_t i = 0; i < bytes.size();) {
      const auto end = i + std::max<std::size_t>(1, decode(bytes.substr(i)).size);
      normalized.append(bytes.substr(i, end - i), {.begin = begin + i, .end = begin + end});
      i = end;
    }
  }
  void changed(std::string_view bytes, std::size_t begin, std::size_t end) override {
    normalized.append(bytes, {.begin = begin, .end = end, .changed = true});
    normalized.dropped = normalized.dropped || bytes.empty();
  }

  struct Rewrite final : RewriteSink {
    const Queue& from;
    Queue& to;
    Rewrite(const Queue& f, Queue& t) : from(f), to(t) {}
    void keep(std::size_t begin, std::size_t end) override {
      to.gap.kept(from.origins[end - 1].end);
      to.append(from, begin, end);
    }
    void replace(std::size_t begin, std::size_t end, std::string_view bytes) override {
      const auto last = from.origins[end - 1].end;
      const auto filled = to.gap.fill(bytes, last);
      to.append(filled, {.begin = from.origins[begin].begin, .end = last, .changed = true});
      to.dropped = to.dropped || filled.empty();
    }
  };

  struct RunTaker final : RunSink {
    State& state;
    const Queue* queue;  // null: the original
    Views& nested;
    StreamViewSink& sink;
    RunTaker(State& s, const Queue* q, Views& n, StreamViewSink& k)
        : state(s), queue(q), nested(n), sink(k) {}
    void run(const Run& run) override {
      View part;
      const auto size = run.end - run.begin;
      nested.base_ = queue != nullptr ? queue->origins[run.begin].begin : state.raw_begin + run.begin;
      if (queue != nullptr)
        ViewBuilder::part(part, std::string_view(queue->text).substr(run.begin, size), [&](std::size_t i) {
          const auto& range = queue->origins[run.begin + i];
          return std::pair(range.begin - nested.base_, range.end - nested.base_);
        });
      else
        ViewBuilder::borrow(part, std::string_view(state.raw).substr(run.begin, size));
      nested.take_run(part, run, 0, 0, sink);
    }
  };

  void step(bool last, Views& nested, StreamViewSink& sink) {
    const auto fed = raw_begin + raw.size();
    RunTaker hidden_taker(*this, nullptr, nested, sink), taker(*this, &unescaped, nested, sink);
    auto& run = nested.level(0).run;
    const PlacesInQueue places(unescaped);
    hiding.run(
        raw.size(), fed, last,
        [&](std::size_t at) { return HiddenRuns::find(raw, at, last, run, hidden_taker); },
        [&] { return raw_begin + hiding.at; });
    escaping.run(
        normalized.text.size(), fed, last,
        [&](std::size_t at) {
          Rewrite rewrite(normalized, unescaped);
          return undo_escapes(normalized.text, at, last, normalizer.table(), rewrite);
        },
        [&] { return end_of_normalized(); });
    lettering.run(
        unescaped.text.size(), fed, last,
        [&](std::size_t at) {
          Rewrite rewrite(unescaped, lettered);
          return undo_lettering(unescaped.text, at, last, rewrite);
        },
        [&] { return offset_of(lettering); });
    coding.run(
        unescaped.text.size(), fed, last,
        [&](std::size_t at) { return codes.find(unescaped.text, at, last, places, run, taker); },
        [&] { return offset_of(coding); });
    wording.run(
        unescaped.text.size(), fed, last,
        [&](std::size_t at) { return words.find(unescaped.text, at, last, places, run, taker); },
        [&] { return offset_of(wording); });
    tell(sink);
    trim();
  }

  std::size_t end_of_normalized() const {
    return escaping.at < normalized.text.size() ? normalized.origins[escaping.at].begin : folder.settled();
  }
  std::size_t offset_of(const Progress& progress) const {
    return progress.at < unescaped.text.size() ? unescaped.origins[progress.at].begin : end_of_normalized();
  }

  void tell(StreamViewSink& sink) {
    const auto end = offset_of(lettering);
    if (end == told) return;
    std::vector<StreamViewSink::Range> own;
    for (auto i = told; i < end; ++i) own.push_back({.begin = i, .end = i + 1});
    const auto slice = [](const Queue& queue, std::size_t from, std::size_t to) -> StreamViewSink::Stretch {
      return {std::string_view(queue.text).substr(from, to - from),
              std::span(queue.origins).subspan(from, to - from)};
    };
    const auto until_normalized = normalized.until(told_normalized, end);
    const auto until_unescaped = unescaped.until(told_unescaped, end);
    sink.advance({StreamViewSink::Stretch{std::string_view(raw).substr(told - raw_begin, end - told), own},
                  slice(normalized, told_normalized, until_normalized),
                  slice(unescaped, told_unescaped, until_unescaped),
                  slice(lettered, 0, lettered.text.size())});
    told = end;
    told_normalized = until_normalized;
    told_unescaped = until_unescaped;
    lettered.drop(lettered.text.size());
  }

  void trim() {
    const auto excess = [](std::size_t needed) {
      return needed > 2 * kLookBehind ? needed - kLookBehind : 0;
    };
    if (const auto n = excess(std::min(told - raw_begin, hiding.at)); n > 0) {
      raw.erase(0, n);
      raw_begin += n;
      hiding.at -= n;
    }
    if (const auto n = excess(std::min(told_normalized, escaping.at)); n > 0) {
      normalized.drop(n);
      told_normalized -= n;
      escaping.at -= n;
    }
    if (const auto n = excess(std::min({told_unescaped, lettering.at, coding.at, wording.at})); n > 0) {
      unescaped.drop(n);
      told_unescaped -= n;
      lettering.at -= n;
      coding.at -= n;
      wording.at -= n;
    }
  }
};

StreamViews::StreamViews(const Normalizer& normalizer) : state_(std::make_unique<State>(normalizer)) {}
StreamViews::~StreamViews() = default;
StreamViews::StreamViews(StreamViews&&) noexcept = default;
StreamViews& StreamViews::operator=(StreamViews&&) noexcept = default;

void StreamViews::feed(std::string_view piece, Views& nested, StreamViewSink& sink) {
  state_->raw.append(piece);
  state_->folder.feed(piece, *state_);
  state_->step(false, nested, sink);
}

void StreamViews::finish(Views& nested, StreamViewSink& sink) {
  state_->folder.finish(*state_);
  state_->step(true, nested, sink);
}

std::size_t StreamViews::decided() const {
  const auto& s = *state_;
  return std::min({s.told, s.offset_of(s.coding), s.offset_of(s.wording), s.raw_begin + s.hiding.at});
}

}  // namespace plimsoll::text
