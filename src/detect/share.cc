// A long text read in pieces by all threads that are idle: the same hits, scores and names as by one.
//
// The pieces are what does not depend on each other: the model's view of a text, some of the rules, the passes that look
// for other texts in it, what those texts hold. Hits are put in order later, scores only rise, so it does not matter who
// is done first.
#include <algorithm>
#include <atomic>
#include <iterator>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

#include "base/hash.h"
#include "engine.h"
#include "sort_runs.h"

namespace plimsoll::detect {
namespace {

// What a task searches at least, in bytes; and what a place to begin takes beside.
constexpr std::size_t kPiece = 128U << 10U, kStart = 16, kBesidePlace = 256;

// A task that waits for others runs one of them, with memory of its own.
constexpr std::size_t kSparePerHelper = 2;

struct ToSearch {
  std::vector<Starts> starts;
  Cursors cursors;
};

class Sharing final : public text::SpreadViewSink {
 public:
  Sharing(const Detector::Impl& impl, Scratch& scratch) : impl_(impl), scratch_(scratch) {}

  TaskGroup& tasks() { return tasks_; }

  // A standing view, which stays as it is until the scratch is used again.
  void take(const text::Derived& derived) override {
    const auto encoding = derived.encodings.empty() ? text::Encoding::kNone : derived.encodings.back();
    const auto& view = derived.view;
    const Reading reading{.view = view, .encoding = encoding, .layer = derived.layer};
    if (derived.layer != text::Layer::kUndone)
      add_parts(reading);
    else
      add(
          [this, reading](Scratch& own) {
            impl_.note_ciphers(reading, own);
            if (!impl_.scan_near_changes(reading, false, own)) add_parts(reading);
          },
          order_of(reading));
    if (impl_.model && derived.layer != text::Layer::kWritten)
      add([this, &view, layer = derived.layer](Scratch& own) {
        impl_.score({.view = view, .encodings = {}, .layer = layer}, own);
      });
  }

  void take_runs(text::FoundRuns runs) override {
    add([this, runs = std::move(runs)](Scratch& own) {
      struct Sink final : text::ViewSink {
        const Sharing& sharing;
        Scratch& own;
        BarrenRuns barren;
        std::size_t before = 0;
        Sink(const Sharing& s, Scratch& o) : sharing(s), own(o) {}
        bool begin_run(text::Encoding encoding, std::string_view run, std::size_t span) override {
          before = own.hits.size();
          return barren.begin(encoding, run, span);
        }
        void end_run() override { barren.end(own.hits.size() == before); }
        void take(const text::Derived& derived) override {
          sharing.impl_.score(derived, own);
          sharing.impl_.scan_run(derived, own);
        }
      } sink(*this, own);
      own.views.read(runs, sink);
    });
  }

  void expect_cipher(std::size_t begin, std::size_t end, text::Encoding cipher) override {
    if (scratch_.full != nullptr) scratch_.full->add_cipher(begin, end, cipher);
  }

  void look_for_names(std::string_view text) {
    tasks_.add([this, text] { impl_.names->tag(text, scratch_.names, scratch_.name_spans); });
  }

  void scan_everyday(IdeaSet ideas, std::span<const Hit> hits, std::size_t size) {
    const auto all = scratch_.views.standing();
    nearby_.emplace(impl_.rules, hits, all, size);
    places_ = nearby_->places();
    for (std::size_t i = 0; i < all.size(); ++i) {
      const auto& [view, encoding, layer] = all[i];
      if (layer == text::Layer::kWritten) continue;
      Reading reading{.view = *view, .encoding = encoding, .layer = layer};
      reading.look_near(*nearby_, i);
      if (layer == text::Layer::kPlain)
        scan_everyday_at(places_, reading, ideas);
      else
        add([this, reading, ideas](Scratch& own) {
          if (!impl_.scan_everyday_near(reading, ideas, places_, true, own))
            scan_all_everyday(reading, ideas, own);
        });
    }
  }

 private:
  // In several tasks, where there are many places; everywhere, where they are nearly all of the text.
  void scan_everyday_at(std::span<const Place> places, const Reading& reading, IdeaSet ideas) {
    std::size_t total = 0;
    for (const auto& place : places) total += place.end - place.begin + kBesidePlace;
    if (total * 4 > reading.view.text().size() * 3)
      return add([this, reading, ideas](Scratch& own) { scan_all_everyday(reading, ideas, own); });
    const auto given_up = std::make_shared<std::atomic<bool>>(false);
    for (bool first = true; first || !places.empty(); first = false) {
      std::size_t count = 0, bytes = 0;
      for (; count < places.size() && bytes < kPiece; ++count)
        bytes += places[count].end - places[count].begin + kBesidePlace;
      add([this, reading, ideas, given_up, first, some = places.first(count)](Scratch& own) {
        if (*given_up || impl_.scan_everyday_near(reading, ideas, some, first, own)) return;
        if (!given_up->exchange(true)) scan_all_everyday(reading, ideas, own);
      });
      places = places.subspan(count);
    }
  }
  // Nothing else may be left to do meanwhile, so that places are looked for by all.
  void scan_all_everyday(const Reading& reading, IdeaSet ideas, Scratch& own) {
    struct Found {
      explicit Found(std::size_t count) : stretches(count), left(count) {}
      std::vector<std::vector<Starts>> stretches;
      std::atomic<std::size_t> left;
      std::atomic<bool> too_many = false;
    };
    const auto size = reading.view.text().size();
    const auto count = std::clamp<std::size_t>(size / kPiece, 1, TaskGroup::helpers() + 1);
    const auto found = std::make_shared<Found>(count);
    const auto find = [this, reading, ideas, size, count, found](std::size_t i, Scratch& some) {
      const Place stretch{.begin = size * i / count, .end = size * (i + 1) / count};
      if (!impl_.find_everyday(reading, ideas, stretch, some)) found->too_many = true;
      found->stretches[i] = std::exchange(some.starts, {});
      if (--found->left > 0) return;
      if (found->too_many) return scan_part(reading, Detector::Impl::Part::kEveryday, ideas, some);
      impl_.join(found->stretches, reading, some);
      search_found(reading, some);
    };
    for (std::size_t i = 1; i < count; ++i) add([find, i](Scratch& other) { find(i, other); });
    find(0, own);
  }
  // What is much changed is soon known to be too full, if it is.
  static TaskGroup::Order order_of(const Reading& reading) {
    return reading.much_changed() ? TaskGroup::Order::kMore : TaskGroup::Order::kLast;
  }
  void add_parts(const Reading& reading) {
    for (const auto part : Detector::Impl::kParts)
      add([this, reading, part](Scratch& own) { scan_part(reading, part, 0, own); }, order_of(reading));
  }
  // Finds where the part's rules may match, then searches there.
  void scan_part(const Reading& reading, Detector::Impl::Part part, IdeaSet ideas, Scratch& own) {
    impl_.find_starts(reading, part, ideas, own);
    search_found(reading, own);
  }
  // In several tasks, where there is much to search.
  void search_found(const Reading& reading, Scratch& own) {
    const auto to_search = std::make_shared<const ToSearch>(std::exchange(own.starts, {}), own.cursors);
    const auto& starts = to_search->starts;
    std::size_t work = 0;
    auto from = starts.begin();
    for (auto s = from; s != starts.end(); ++s) {
      work += kStart + s->last - s->first;
      const auto next = s + 1;
      if (work < kPiece || next == starts.end() || next->rule == s->rule) continue;
      add([this, reading, to_search, piece = std::span(from, next)](Scratch& other) {
        impl_.search(reading, piece, to_search->cursors, other);
      });
      from = next;
      work = 0;
    }
    impl_.search(reading, std::span(from, starts.end()), to_search->cursors, own);
  }

  // A task with memory of its own, of which what it found is kept.
  void add(std::move_only_function<void(Scratch&)> work, TaskGroup::Order order = TaskGroup::Order::kLast) {
    auto task = [this, work = std::move(work)]() mutable {
      auto own = impl_.borrow();
      own->hits.clear();
      own->model_scores = {};
      own->stop_at(scratch_.deadline);
      own->full = scratch_.full;
      scratch_.deadline.check();
      try {
        work(*own);
      } catch (const Deadline::Passed&) {
        own->tidy();
        impl_.give_back(std::move(own));
        throw;
      }
      sort_runs(own->hits);  // here, where others do the same
      {
        const std::lock_guard lock(mutex_);
        scratch_.hits.insert(scratch_.hits.end(), own->hits.begin(), own->hits.end());
        scratch_.model_scores.raise(own->model_scores);
      }
      impl_.give_back(std::move(own));
    };
    tasks_.add(std::move(task), order);
  }

  const Detector::Impl& impl_;
  Scratch& scratch_;
  std::optional<Nearby> nearby_;
  std::vector<Place> places_;
  std::mutex mutex_;  // of what was found
  TaskGroup tasks_;   // the last: it is waited for before anything else goes
};

}  // namespace

ScratchPtr Detector::Impl::borrow() const {
  {
    const std::lock_guard lock(spare_mutex);
    if (!spare.empty()) {
      auto own = std::move(spare.back());
      spare.pop_back();
      return own;
    }
  }
  return make_scratch();
}

void Detector::Impl::give_back(ScratchPtr own) const {
  own->stop_at(Deadline());
  own->full = nullptr;
  const std::lock_guard lock(spare_mutex);
  if (spare.size() < kSparePerHelper * (TaskGroup::helpers() + 1)) spare.push_back(std::move(own));
}

std::vector<std::optional<Inspection>> Detector::recall(std::span<const std::string_view> texts,
                                                        Scratch& scratch, const Deadline& deadline) const {
  constexpr std::size_t kBatch = 16U << 10U;      // bytes that a task reads at least
  constexpr std::size_t kWorthRemembering = 128;  // bytes; shorter ones are as soon inspected
  std::vector<std::optional<Inspection>> all(texts.size());
  struct Unknown {
    std::size_t index;
    std::optional<Digest> digest;
  };
  // A long text is itself read by several threads, so it is no task.
  std::vector<Unknown> some, long_ones;
  std::size_t bytes = 0;
  for (std::size_t i = 0; i < texts.size(); ++i) {
    const auto text = texts[i];
    Unknown unknown{.index = i, .digest = {}};
    if (text.size() >= kWorthRemembering) {
      unknown.digest = sha256(text);
      if (const auto* known = scratch.memory.find(*unknown.digest)) {
        all[i] = *known;
        continue;
      }
    }
    (text.size() >= Impl::kWorthSharing ? long_ones : some).push_back(unknown);
    if (text.size() < Impl::kWorthSharing) bytes += text.size();
  }
  // What they hold together may be too much, too.
  std::size_t size = 0;
  std::atomic<std::size_t> places = 0, ideas = 0, ciphered = 0;
  std::atomic<bool> over = false;
  for (const auto text : texts) size += text.size();
  const auto count = [&](const Inspection& one) {
    const std::size_t harm = places += one.places, hints = ideas += one.ideas,
                      codes = ciphered += one.ciphered;
    if (Fullness::too_full(harm, size) || Fullness::too_many_ideas(hints, size) ||
        Fullness::too_ciphered(codes, size))
      over = true;
  };
  for (const auto& one : all)
    if (one) count(*one);
  const auto until = deadline.or_when(over);
  const auto inspect_each = [&](std::span<const Unknown> batch, Scratch& own) {
    for (const auto& [i, digest] : batch) {
      if (over) return;
      all[i] = inspect(texts[i], own, until);
      if (!all[i]) return;
      count(*all[i]);
    }
  };
  if (bytes >= Impl::kWorthSharing && TaskGroup::helpers() > 0) {
    TaskGroup tasks;
    for (std::span<const Unknown> rest = some; !rest.empty();) {
      std::size_t batch = 0;
      for (std::size_t read = 0; batch < rest.size() && read < kBatch; ++batch)
        read += texts[rest[batch].index].size();
      tasks.add([&, mine = rest.first(batch)] {
        auto own = impl_->borrow();
        inspect_each(mine, *own);
        impl_->give_back(std::move(own));
      });
      rest = rest.subspan(batch);
    }
    tasks.wait();
  } else {
    inspect_each(some, scratch);
  }
  inspect_each(long_ones, scratch);
  if (over) {
    for (std::size_t i = 0; i < texts.size(); ++i) all[i] = inspection_of_too_full(texts[i].size());
    return all;
  }
  for (const auto* const each : {&some, &long_ones})
    for (const auto& one : *each)
      if (one.digest && all[one.index]) scratch.memory.put(*one.digest, *all[one.index]);
  return all;
}

void Detector::Impl::read_with_help(std::string_view text, Scratch& scratch) const {
  Sharing sharing(*this, scratch);
  auto& tasks = sharing.tasks();
  if (names) sharing.look_for_names(text);
  scratch.views.spread(text, tasks, sharing);
  tasks.wait();
  const auto ideas = ideas_of(scratch.hits);
  if (ideas == 0) return;
  // Everyday words are looked for while what was found is put in order.
  auto first = std::exchange(scratch.hits, {});
  sharing.scan_everyday(ideas, first, text.size());
  sort_runs(first);
  tasks.wait();
  sort_runs(scratch.hits);
  const auto second = std::exchange(scratch.hits, {});
  scratch.hits.reserve(first.size() + second.size());
  std::merge(first.begin(), first.end(), second.begin(), second.end(), std::back_inserter(scratch.hits));
}

}  // namespace plimsoll::detect
