#include "detect/detector.h"

#include <algorithm>
#include <array>
#include <bit>
#include <tuple>
#include <utility>

#include "base/hash.h"
#include "engine.h"
#include "json_reading.h"
#include "search.h"
#include "sort_runs.h"

namespace plimsoll::detect {
namespace {

class ViewWindow final : public Window {
 public:
  explicit ViewWindow(const Reading& reading) : view_(reading.view) {
    text = view_.text();
    if (reading.in_run)
      longest = SIZE_MAX / 2;  // runs are short
    else if (!view_.identical())
      longest = text::kMaxDisguised;
    in_run_ = reading.in_run;
  }
  std::size_t begin_of(std::size_t i) const override { return view_.begin_of(i); }
  std::size_t end_of(std::size_t i) const override { return view_.end_of(i); }
  Mark mark(std::size_t i) const override {
    return mark_of(text[i], view_.source().substr(begin_of(i), end_of(i) - begin_of(i)));
  }
  // Whether [begin, end) stands at `from` of the original just so.
  bool as_written(std::size_t begin, std::size_t end, std::size_t from) const {
    return end_of(end - 1) - from == end - begin &&
           view_.source().substr(from, end - begin) == text.substr(begin, end - begin);
  }
  bool toned(std::size_t begin, std::size_t end) const override {
    return in_run_ || Window::toned(begin, end);
  }

 private:
  const text::View& view_;
  bool in_run_ = false;
};

// Bytes; in shorter texts everyday words are looked for everywhere.
constexpr std::size_t kWorthLooking = 1024;

// What lies between two places where matches may begin is searched with them when it is no more: passing over it costs
// less than to begin again.
constexpr std::size_t kNear = 24;

// A place that a match of the rule may begin at, from `first` to `last`.
void note(Scratch& scratch, RuleIndex rule, std::size_t first, std::size_t last) {
  auto& open = scratch.open[rule];
  if (open != 0) {
    auto& known = scratch.starts[open - 1];
    if (first <= known.last + kNear && last + kNear >= known.first) {
      known.first = std::min(known.first, static_cast<std::uint32_t>(first));
      known.last = std::max(known.last, static_cast<std::uint32_t>(last));
      return;
    }
  }
  scratch.starts.push_back(
      {.first = static_cast<std::uint32_t>(first), .last = static_cast<std::uint32_t>(last), .rule = rule});
  open = static_cast<std::uint32_t>(scratch.starts.size());
}

// A word begins as matches of the rule do, and no later ones are known.
void note_at(Scratch& scratch, RuleIndex rule, std::size_t at) {
  auto& open = scratch.open[rule];
  if (open != 0 && scratch.starts[open - 1].first == at) return;
  scratch.starts.push_back(
      {.first = static_cast<std::uint32_t>(at), .last = static_cast<std::uint32_t>(at), .rule = rule});
  open = static_cast<std::uint32_t>(scratch.starts.size());
}

// By rule, then by where they begin; and no rule has any open. Those of one rule are mostly in order already.
void sort_starts(Scratch& scratch) {
  auto& starts = scratch.starts;
  for (const auto& s : starts) scratch.open[s.rule] = 0;
  constexpr std::size_t kFew = 256;
  const auto place = [](const Starts& s) { return std::uint64_t{s.rule} << 32U | s.first; };
  if (starts.size() <= kFew) {
    std::ranges::sort(starts, {}, place);
    return;
  }
  auto& ends = scratch.open;  // of each rule's, for now
  for (const auto& s : starts) ++ends[s.rule];
  std::uint32_t total = 0;
  for (auto& end : ends) end = total += end;
  scratch.sorted.resize(starts.size());
  for (auto s = starts.rbegin(); s != starts.rend(); ++s) scratch.sorted[--ends[s->rule]] = *s;
  std::ranges::fill(ends, 0);
  starts.swap(scratch.sorted);
  for (auto from = starts.begin(); from != starts.end();) {
    const auto to = std::find_if(from, starts.end(), [&](const Starts& s) { return s.rule != from->rule; });
    if (!std::ranges::is_sorted(from, to, {}, place)) std::ranges::sort(from, to, {}, place);
    from = to;
  }
}

// Those of the rule of the first.
std::span<const Starts> first_rule_of(std::span<const Starts> starts) {
  const auto end =
      std::ranges::find_if(starts, [&](const Starts& s) { return s.rule != starts.front().rule; });
  return {starts.begin(), end};
}

// Starts of one rule that are near each other: no match that begins elsewhere reaches them, or is kept from being found by
// one that begins here.
struct Cluster {
  std::span<const Starts> starts;
  std::size_t first, last;
};

std::size_t apart(const CompiledRule& rule) {
  return rule.automaton.longest + kBreath + 2;
}

Cluster first_cluster_of(std::span<const Starts> starts, std::size_t apart) {
  std::size_t count = 1, last = starts.front().last;
  for (; count < starts.size() && starts[count].first <= last + apart; ++count)
    last = std::max<std::size_t>(last, starts[count].last);
  return {.starts = starts.first(count), .first = starts.front().first, .last = last};
}

// The first change from `from` on that ends at `at` or behind it. It is mostly near, and there may be very many.
auto first_not_before(std::span<const text::View::Change>::iterator from,
                      std::span<const text::View::Change>::iterator end, std::size_t at) {
  std::ptrdiff_t step = 1;
  auto to = from;
  while (to != end && to->end < at) {
    from = to + 1;
    to += std::min(step, end - to);
    step *= 2;
  }
  return std::partition_point(from, to, [&](const text::View::Change& change) { return change.end < at; });
}

// Whether what matches of the rule name matters when it begins in [first, last] of the view.
bool may_matter(const Reading& reading, const CompiledRule& rule, std::size_t first, std::size_t last) {
  if (reading.nearby == nullptr || !rule.rule->everyday || !reading.view.ordered()) return true;
  const auto& steps = reading.steps;
  if (steps.empty()) return reading.nearby->may_meet(rule, first, last);
  return reading.nearby->may_meet(rule, steps[first / Nearby::kStep], steps[last / Nearby::kStep + 1]);
}

// How far what a match names may begin when the match begins at `last`.
std::size_t last_of(const Reading& reading, const CompiledRule& rule, std::size_t last) {
  return std::min(last + (rule.automaton.groups > 0 ? rule.automaton.longest : 0),
                  reading.view.text().size() - 1);
}

struct Collecting {
  const RuleSet& rules;
  const Triggerer& triggerer;
  Scratch& scratch;
  std::size_t from;   // where the text begins
  std::size_t first;  // where a match may begin at the earliest
};

// A match that contains a trigger begins less than a match's length before the trigger's end.
int collect(unsigned id, unsigned long long, unsigned long long to, unsigned, void* context) {
  auto& [rules, triggerer, scratch, from, first] = *static_cast<Collecting*>(context);
  const auto end = from + static_cast<std::size_t>(to);
  if (end == 0) return 0;
  for (const auto rule : triggerer.rules[id])
    note(scratch, rule, std::max(first, end - std::min(end, rules.rules()[rule].automaton.longest)), end - 1);
  return 0;
}

void fold(std::string_view text, std::string& folded) {
  folded.resize(text.size());
  // So written, many bytes go at once: what `out` points to is not the string, and nothing branches.
  const auto* const in = text.data();
  auto* const out = folded.data();
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto c = static_cast<unsigned char>(in[i]);
    const auto since_tab = static_cast<unsigned char>(c - '\t');
    const unsigned upper = static_cast<unsigned char>(c - 'A') < 26 ? 0x20 : 0;
    const unsigned white = (since_tab < 5 ? 0xFFU : 0U) & (c != '\v' ? 0xFFU : 0U);
    out[i] = static_cast<char>(((c | upper) & ~white) | (' ' & white));
  }
}

// Texts are searched for literals in blocks, so that what is remembered of a long one stays small.
constexpr std::size_t kBlock = 64U << 10U;
// No later literal tells of a match that begins so far before.
constexpr std::size_t kSettled = 512;
// Places searched, or matches found, between two looks at the clock.
constexpr std::size_t kStepsBetweenClocks = 256;
// So many are kept to be searched by others.
constexpr std::size_t kMostStarts = 1U << 18U;
// Where much is changed, what is there in disguise is soon too much: the first are searched where they are found, so many at
// a time, so many times.
constexpr std::size_t kFirstStarts = 1U << 13U, kFirstTimes = 4;

// Calls see(digits, block) for all blocks of the text, a bit for each digit from `first` on.
template <class F>
void each_digit(std::string_view text, char first, F&& see) {
  std::size_t block = 0;
  const auto see_all = [&](std::uint64_t digits) {
    for (; digits != 0; digits &= digits - 1) see(block + static_cast<std::size_t>(std::countr_zero(digits)));
  };
  for (; block + kBytesAtOnce <= text.size(); block += kBytesAtOnce)
    see_all(digits_among(text.data() + block, first));
  std::array<char, kBytesAtOnce> rest{};
  std::ranges::copy(text.substr(block), rest.begin());
  see_all(digits_among(rest.data(), first));
}

// Calls found(begin, end) for all stretches of the text where a match of `longest` bytes at most may have so many digits as
// matches need, and one so large, with a byte before it and one behind.
template <class F>
void where_digits_are(std::string_view text, std::size_t longest, F&& found) {
  const auto where_numbers_are = [&](std::size_t begin, std::size_t end) {
    std::size_t from = 0, to = 0;
    each_digit(text.substr(begin, end - begin), RuleSet::kLeastOfNumber, [&](std::size_t i) {
      const auto at = begin + i;
      const auto first = std::max(begin, at - std::min(at, longest + 1));
      if (first > to) {
        if (to > 0) found(from, to);
        from = first;
      }
      to = std::min(end, at + longest + 2);
    });
    if (to > 0) found(from, to);
  };
  std::array<std::size_t, RuleSet::kFewestDigits> last{};  // digits, in turns
  std::size_t count = 0, begin = 0, end = 0;
  each_digit(text, '0', [&](std::size_t at) {
    last.at(count++ % last.size()) = at;
    if (count < last.size()) return;
    const auto first = last.at(count % last.size());
    if (at - first >= RuleSet::kDigitsWithin) return;
    const auto from = at - std::min(at, longest + 1);
    if (from > end) {
      if (end > 0) where_numbers_are(begin, end);
      begin = from;
    }
    end = std::min(text.size(), first + longest + 1);
  });
  if (end > 0) where_numbers_are(begin, end);
}

// Calls found(begin, end) for lines in [from, until) of the view that are not as in the one it was made from, or stand among
// such.
template <class F>
void changed_lines(const text::View& view, std::size_t from, std::size_t until, F&& found) {
  // What is no more costs less to search than to begin again.
  constexpr std::size_t kBetween = 128;
  const auto text = view.text().substr(0, until).substr(from);
  const auto changes = view.changes();
  std::size_t begin = from, end = from;
  for (auto change = first_not_before(changes.begin(), changes.end(), from);
       change != changes.end() && change->begin <= until; ++change) {
    // The bytes beside it have become neighbours of others.
    const auto last = std::clamp<std::size_t>(change->end, from, until);
    if (last < end) continue;
    const auto first = std::clamp<std::size_t>(change->begin - std::min(change->begin, 1U), end, until);
    const auto newline = text.substr(end - from, first - end).rfind('\n');
    const auto line = newline == std::string_view::npos ? end : end + newline + 1;
    if (line > end + kBetween) {
      if (end > begin) found(begin, end);
      begin = line;
    }
    end = std::min(until, from + std::min(text.size(), text.find('\n', last - from)) + 1);
  }
  if (end > begin) found(begin, end);
}

}  // namespace

void ScratchDeleter::operator()(Scratch* scratch) const {
  delete scratch;
}

Detector::Detector(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Detector::~Detector() = default;

Result<std::shared_ptr<const Detector>> Detector::create(Options options) {
  if (hs_valid_platform() != HS_SUCCESS) return fail(Code::kInternal, "this processor lacks SSSE3");
  auto normalizer = text::Normalizer::create();
  if (!normalizer) return std::unexpected(std::move(normalizer).error());
  auto rules = RuleSet::compile(options.rules);
  if (!rules) return std::unexpected(std::move(rules).error().in("compile rules"));

  hs_scratch_t* scratch = nullptr;
  for (const auto* triggerer : {&rules->words(), &rules->digits()})
    if (triggerer->database && hs_alloc_scratch(triggerer->database.get(), &scratch) != HS_SUCCESS)
      return fail(Code::kInternal, "no memory for a scan");
  HsScratch owned(scratch);
  MatchAutomaton automaton(rules->rules());
  rules->forget_states();
  auto impl = std::make_unique<Impl>(*std::move(rules), std::move(automaton), *std::move(normalizer),
                                     std::move(owned), std::move(options.model), std::move(options.names),
                                     Combination(options.model_alone));
  impl->revision = impl->rules.revision();
  if (impl->model) impl->revision.append("+risk-").append(impl->model->version().substr(0, 12));
  if (impl->names) impl->revision.append("+").append(impl->names->revision());
  if (impl->model)
    for (const auto& [category, counts] : options.model_alone)
      impl->revision.append("+").append(to_string(category)).append("-").append(std::to_string(counts));
  return std::shared_ptr<const Detector>(new Detector(std::move(impl)));
}

ScratchPtr Detector::make_scratch() const {
  return impl_->make_scratch();
}

ScratchPtr Detector::Impl::make_scratch() const {
  ScratchPtr scratch(new Scratch(rules, automaton, normalizer));
  hs_scratch_t* clone = nullptr;
  if (hs_scratch && hs_clone_scratch(hs_scratch.get(), &clone) != HS_SUCCESS) throw std::bad_alloc();
  scratch->hs.reset(clone);
  return scratch;
}

std::string_view Detector::revision() const {
  return impl_->revision;
}

void Detector::Impl::scan(const Reading& reading, Scratch& scratch) const {
  fold(reading.view.text(), scratch.folded);
  scratch.cursors.restart();
  for (const auto part : {Part::kWords, Part::kDigits}) {
    find_triggers(reading, part, 0, scratch);
    search_starts(reading, SIZE_MAX, scratch);
  }
  scan_literals(rules.literals(reading.layer), reading, {}, scratch);
  scan_first_words(rules.first_words(reading.layer), reading, {}, scratch);
}

void Detector::Impl::score(const text::Derived& derived, Scratch& scratch) const {
  if (!model || derived.layer == text::Layer::kWritten) return;
  const auto& view = derived.view;
  auto& parts = scratch.parts;
  parts.clear();
  if (derived.layer == text::Layer::kUndone)
    for (const auto& change : view.changes()) parts.push_back({.begin = change.begin, .end = change.end});
  const auto whole = [&](std::string_view text) { return model->assess(text, scratch.model).scores; };
  scratch.model_scores.raise(!parts.empty()   ? model->assess(view.text(), parts, scratch.model).scores
                             : derived.in_run ? scratch.scored_runs.of(view.text(), whole)
                                              : whole(view.text()));
}

void Detector::Impl::find_starts(const Reading& reading, Part part, IdeaSet ideas, Scratch& scratch) const {
  const auto text = reading.view.text();
  fold(text, scratch.folded);
  scratch.cursors.restart();
  if (part == Part::kEveryday) {
    want_everyday(ideas, scratch);
    note_everywhere(text.size(), scratch);
    scan_literals(rules.everyday_literals(), reading, {.everyday = true, .most = kMostStarts}, scratch);
    scan_first_words(rules.everyday_first_words(), reading, {.everyday = true, .most = kMostStarts}, scratch);
  } else if (part == Part::kLiterals) {
    const auto first = scratch.full != nullptr && reading.much_changed() ? kFirstStarts : kMostStarts;
    scan_literals(rules.literals(reading.layer), reading, {.most = kMostStarts, .first = first}, scratch);
    scan_first_words(rules.first_words(reading.layer), reading, {.most = kMostStarts}, scratch);
  } else {
    find_triggers(reading, part, 0, scratch);
  }
  sort_starts(scratch);
}

// Of the rules that are wanted, those that may match anywhere.
void Detector::Impl::note_everywhere(std::size_t size, Scratch& scratch) const {
  for (const auto& everyday : rules.everyday())
    if (scratch.wanted[everyday.rule] != 0 && !everyday.has_places && size > 0)
      note(scratch, everyday.rule, 0, size - 1);
}

bool Detector::Impl::find_everyday(const Reading& reading, IdeaSet ideas, const Place& stretch,
                                   Scratch& scratch) const {
  want_everyday(ideas, scratch);
  const auto beyond = std::max(rules.everyday_literals().longest(), Beginning::kLongest + 1);
  for (auto at = stretch.begin; at < stretch.end; at += kBlock) {
    scratch.deadline.check();
    const auto size = std::min(kBlock, stretch.end - at);
    fold(reading.view.text().substr(at, size + beyond), scratch.folded);
    const Literals all{.everyday = true, .most = SIZE_MAX, .from = at};
    scan_literals(rules.everyday_literals(), reading, all, scratch);
    scan_first_words(rules.everyday_first_words(), reading, all, scratch);
    if (scratch.starts.size() <= kMostStarts) continue;
    scratch.tidy();
    return false;
  }
  for (const auto& s : scratch.starts) scratch.open[s.rule] = 0;
  return true;
}

void Detector::Impl::join(std::span<const std::vector<Starts>> stretches, const Reading& reading,
                          Scratch& scratch) const {
  scratch.cursors.restart();
  note_everywhere(reading.view.text().size(), scratch);
  for (const auto& starts : stretches)
    scratch.starts.insert(scratch.starts.end(), starts.begin(), starts.end());
  sort_starts(scratch);
}

void Detector::Impl::find_triggers(const Reading& reading, Part part, std::size_t from,
                                   Scratch& scratch) const {
  const auto& triggerer = part == Part::kDigits ? rules.digits() : rules.words();
  if (!triggerer.database) return;
  const std::string_view text = scratch.folded;
  const auto scan = [&](std::size_t begin, std::size_t end, std::size_t first) {
    Collecting collecting{rules, triggerer, scratch, from + begin, from + first};
    hs_scan(triggerer.database.get(), text.data() + begin, static_cast<unsigned>(end - begin), 0,
            scratch.hs.get(), collect, &collecting);
  };
  const auto find = [&](std::size_t begin, std::size_t end) {
    if (part != Part::kDigits) return scan(begin, end, begin);
    where_digits_are(text.substr(begin, end - begin), triggerer.longest,
                     [&](std::size_t b, std::size_t e) { scan(begin + b, begin + e, begin); });
  };
  if (!triggerer.by_line || reading.afresh || reading.view.changes().empty()) return find(0, text.size());
  changed_lines(reading.view, from, from + text.size(),
                [&](std::size_t begin, std::size_t end) { find(begin - from, end - from); });
}

void Detector::Impl::want_everyday(IdeaSet ideas, Scratch& scratch) const {
  for (const auto& everyday : rules.everyday())
    scratch.wanted[everyday.rule] = (everyday.partners & ideas) != 0 ? 1 : 0;
}

void Detector::Impl::scan_everyday(const Reading& reading, IdeaSet ideas, std::span<const Place> places,
                                   Scratch& scratch) const {
  if (reading.nearby != nullptr && scan_everyday_near(reading, ideas, places, true, scratch)) return;
  want_everyday(ideas, scratch);
  search_everyday_anywhere(reading, scratch);
  fold(reading.view.text(), scratch.folded);
  scratch.cursors.restart();
  scan_literals(rules.everyday_literals(), reading, {.everyday = true}, scratch);
  scan_first_words(rules.everyday_first_words(), reading, {.everyday = true}, scratch);
}

// Of the rules that are wanted, those that may match anywhere.
void Detector::Impl::search_everyday_anywhere(const Reading& reading, Scratch& scratch) const {
  const auto size = reading.view.text().size();
  for (const auto& everyday : rules.everyday())
    if (Cursor cursor; scratch.wanted[everyday.rule] != 0 && !everyday.has_places)
      search(everyday.rule, reading, cursor, size, size, scratch);
}

std::optional<std::size_t> Detector::Impl::fresh_before(RuleIndex index, const Reading& reading,
                                                        std::size_t at, std::size_t lowest,
                                                        Scratch& scratch) const {
  constexpr int kMostSteps = 32;
  const auto& rule = rules.rules()[index];
  const ViewWindow window(reading);
  const Matching matching{.rule = rule, .number = index, .matcher = scratch.matcher.get()};
  const auto step = std::max(rule.automaton.longest, kBreath);
  for (int i = 0; i < kMostSteps && at > 0 && at >= lowest; ++i, at -= std::min(at, step))
    if (!any_match_begins(matching, window, at - std::min(at, step), at)) return at;
  if (at == 0) return 0;
  return std::nullopt;
}

std::optional<std::size_t> Detector::Impl::fresh_after(RuleIndex index, const Reading& reading,
                                                       std::size_t at, std::size_t highest,
                                                       Scratch& scratch) const {
  constexpr int kMostSteps = 32;
  const auto& rule = rules.rules()[index];
  const auto size = reading.view.text().size();
  const ViewWindow window(reading);
  const Matching matching{.rule = rule, .number = index, .matcher = scratch.matcher.get()};
  const auto step = std::max(rule.automaton.longest, kBreath);
  at += step;
  for (int i = 0; i < kMostSteps && at <= highest && at < size; ++i, at += step)
    if (!any_match_begins(matching, window, at - step, at)) return at;
  if (at >= size) return size;
  return std::nullopt;
}

// Whether there are tails: what begins far before a change may end far behind it.
bool Detector::Impl::tails_reach_far(const Reading& reading, Scratch& scratch) const {
  fold(reading.view.text(), scratch.folded);
  const ViewWindow window(reading);
  for (const auto& [rule, literal] : rules.tailed()) {
    const auto& compiled = rules.rules()[rule];
    const Matching matching{.rule = compiled, .number = rule, .matcher = scratch.matcher.get()};
    const std::string_view folded = scratch.folded;
    for (auto at = folded.find(literal); at != std::string_view::npos; at = folded.find(literal, at + 1))
      if (any_match_begins(matching, window, at - std::min(at, compiled.automaton.longest), at + 1))
        return true;
  }
  return false;
}

bool Detector::Impl::scan_near_changes(const Reading& reading, bool everyday, Scratch& scratch) const {
  const auto text = reading.view.text();
  const auto changes = reading.view.changes();
  if (text.size() < kWorthSharing || changes.empty()) return false;
  // Mostly enough before and behind a change to see where no match is.
  constexpr std::size_t kMargin = 2 * kMaxMatch + 32, kMostMargin = 16 * kMargin;
  std::vector<Stretch> stretches;
  std::size_t total = 0;
  for (const auto& change : changes) {
    const auto begin = std::min<std::size_t>(change.begin, text.size());
    const auto end = std::min<std::size_t>(change.end, text.size());
    if (!stretches.empty() && begin <= stretches.back().end + 2 * kMargin)
      stretches.back().end = std::max(stretches.back().end, end);
    else
      stretches.push_back({.begin = begin, .end = end, .next = text.size() + kMostMargin});
  }
  for (std::size_t i = 0; i < stretches.size(); ++i) {
    total += stretches[i].end - stretches[i].begin + 2 * kMargin;
    if (i > 0) stretches[i - 1].next = stretches[i].begin;
  }
  if (total * 3 > text.size() * 2) return false;

  if (!everyday && tails_reach_far(reading, scratch)) return false;
  for (auto stretch : stretches) {
    scratch.deadline.check();
    for (stretch.margin = kMargin; !scan_stretch(reading, stretch, everyday, scratch); stretch.margin *= 2) {
      total += stretch.end - stretch.begin + 4 * stretch.margin;
      if (stretch.margin == kMostMargin || total > text.size()) return false;
    }
  }
  return true;
}

// Before the stretch and behind it there is text that both views have. What matters begins in clusters that end there; or
// in it there is a place across which no match of the rule reaches: up to the first the view's matches are those of the
// other, and from the second on they are again.
bool Detector::Impl::scan_stretch(const Reading& reading, const Stretch& stretch, bool everyday,
                                  Scratch& scratch) const {
  const auto text = reading.view.text();
  const auto first = stretch.begin - std::min(stretch.begin, stretch.margin);
  const auto last = std::min(text.size(), stretch.end + stretch.margin);
  fold(text.substr(first, last - first), scratch.folded);
  const Literals all{.everyday = everyday, .most = SIZE_MAX, .from = first};
  if (everyday) {
    scan_literals(rules.everyday_literals(), reading, all, scratch);
    scan_first_words(rules.everyday_first_words(), reading, all, scratch);
  } else {
    find_triggers(reading, Part::kWords, first, scratch);
    find_triggers(reading, Part::kDigits, first, scratch);
    scan_literals(rules.literals(reading.layer), reading, all, scratch);
    scan_first_words(rules.first_words(reading.layer), reading, all, scratch);
  }
  sort_starts(scratch);
  bool done = true;
  for (std::span<const Starts> rest = scratch.starts; done && !rest.empty();) {
    const auto starts = first_rule_of(rest);
    rest = rest.subspan(starts.size());
    done = search_stretch(reading, stretch, {.begin = first, .end = last}, starts, scratch);
  }
  scratch.starts.clear();
  return done;
}

// `known`: in the view, where the starts of the one rule are known.
bool Detector::Impl::search_stretch(const Reading& reading, const Stretch& stretch, const Place& known,
                                    std::span<const Starts> starts, Scratch& scratch) const {
  const auto number = starts.front().rule;
  const auto& rule = rules.rules()[number];
  const auto size = reading.view.text().size();
  const auto reach = apart(rule);
  const auto near = std::max(rule.automaton.longest, kBreath) + 2;
  const auto low = stretch.begin - std::min(stretch.begin, near), high = stretch.end + near;
  const auto reaches = [&](const Starts& s) { return s.first <= high && s.last >= low; };
  if (std::ranges::none_of(starts, reaches)) return true;
  auto& cursor = scratch.cursors[number];
  cursor = {};
  for (auto rest = starts; !rest.empty();) {
    const auto [cluster, first, last] = first_cluster_of(rest, reach);
    rest = rest.subspan(cluster.size());
    if (std::ranges::none_of(cluster, reaches) ||
        !may_matter(reading, rule, first, last_of(reading, rule, last)))
      continue;
    if ((known.begin == 0 || first > known.begin + reach) &&
        (known.end == size || last + reach < known.end)) {
      for (const auto& s : cluster) search(reading, s, scratch);
      continue;
    }
    const auto begin =
        fresh_before(number, reading, low, known.begin == 0 ? 0 : known.begin + reach, scratch);
    const auto end = fresh_after(number, reading, stretch.end + 1,
                                 std::min(known.end == size ? size : known.end - std::min(known.end, reach),
                                          stretch.next - std::min(stretch.next, reach)),
                                 scratch);
    if (!begin || !end) return false;
    cursor = {.next = *begin};
    for (auto s = starts.begin(); s != starts.end() && s->first < *end; ++s) {
      auto place = *s;
      place.last = static_cast<std::uint32_t>(std::min<std::size_t>(place.last, *end - 1));
      search(reading, place, scratch);
    }
    return true;
  }
  return true;
}

bool Detector::Impl::scan_everyday_near(const Reading& reading, IdeaSet ideas, std::span<const Place> places,
                                        bool anywhere, Scratch& scratch) const {
  want_everyday(ideas, scratch);
  const auto before = static_cast<std::ptrdiff_t>(scratch.hits.size());
  // Whichever is less to read.
  constexpr std::size_t kBeside = 600;
  std::size_t bytes = 0;
  for (const auto& place : places) bytes += place.end - place.begin + kBeside / 2;
  const bool changes_first =
      reading.layer == text::Layer::kUndone && reading.view.changes().size() * kBeside < bytes;
  if ((changes_first && scan_near_changes(reading, true, scratch)) || scan_places(reading, places, scratch)) {
    if (anywhere) search_everyday_anywhere(reading, scratch);
    return true;
  }
  scratch.hits.erase(scratch.hits.begin() + before, scratch.hits.end());
  return false;
}

bool Detector::Impl::scan_places(const Reading& reading, std::span<const Place> places,
                                 Scratch& scratch) const {
  const auto& view = reading.view;
  const auto text = view.text();
  if (!view.ordered()) return false;
  // Before a place it is mostly seen where no match is.
  constexpr std::size_t kMargin = 192, kMostMargin = 64 * kMargin;
  const auto in_view = [&](std::size_t offset, std::size_t from) {
    std::size_t to = text.size();
    while (from < to) {
      const auto middle = from + (to - from) / 2;
      if (view.begin_of(middle) < offset)
        from = middle + 1;
      else
        to = middle;
    }
    return from;
  };
  std::vector<Place> stretches;
  std::size_t total = 0;
  for (const auto& place : places) {
    const auto begin = in_view(place.begin, 0), end = in_view(place.end, begin);
    if (!stretches.empty() && begin <= stretches.back().end + kMargin)
      stretches.back().end = std::max(stretches.back().end, end);
    else
      stretches.push_back({.begin = begin, .end = end});
  }
  for (const auto& stretch : stretches) total += stretch.end - stretch.begin + kMargin;
  if (total * 4 > text.size() * 3) return false;

  for (const auto& stretch : stretches) {
    scratch.deadline.check();
    for (auto margin = kMargin; !scan_place(reading, stretch, margin, scratch); margin *= 4) {
      total += stretch.end - stretch.begin + 4 * margin;
      if (margin == kMostMargin || total > text.size()) return false;
    }
  }
  return true;
}

// All that begins in the place and may meet something; false where the margin before it does not tell.
bool Detector::Impl::scan_place(const Reading& reading, const Place& place, std::size_t margin,
                                Scratch& scratch) const {
  const auto known = place.begin - std::min(place.begin, margin);
  fold(reading.view.text().substr(known, place.end - known + kMaxMatch), scratch.folded);
  const Literals all{.everyday = true, .most = SIZE_MAX, .from = known};
  scan_literals(rules.everyday_literals(), reading, all, scratch);
  scan_first_words(rules.everyday_first_words(), reading, all, scratch);
  sort_starts(scratch);
  bool told = true;
  for (std::span<const Starts> rest = scratch.starts; told && !rest.empty();) {
    auto starts = first_rule_of(rest);
    rest = rest.subspan(starts.size());
    const auto number = starts.front().rule;
    const auto& rule = rules.rules()[number];
    auto& cursor = scratch.cursors[number] = {};
    while (told && !starts.empty()) {
      const auto [cluster, first, last] = first_cluster_of(starts, apart(rule));
      const bool matters =
          last >= place.begin && may_matter(reading, rule, first, last_of(reading, rule, last));
      if (matters && (known == 0 || first > known + apart(rule))) break;
      starts = starts.subspan(cluster.size());
      if (!matters) continue;
      const auto begin = fresh_before(number, reading, first, 0, scratch);
      told = begin.has_value();
      if (!told) break;
      cursor.next = *begin;
      search(reading,
             {.first = static_cast<std::uint32_t>(*begin),
              .last = static_cast<std::uint32_t>(last),
              .rule = number},
             scratch);
    }
    if (told && !starts.empty()) search_changed(reading, starts, SIZE_MAX, scratch);
  }
  scratch.starts.clear();
  return told;
}

// Finds where matches may begin, and searches there when that is more than `most` places; `most` 0: all.
void Detector::Impl::scan_literals(const LiteralScan& literals, const Reading& reading, const Literals& which,
                                   Scratch& scratch) const {
  const std::string_view text = scratch.folded;
  auto most = std::min(which.most, which.first);
  std::size_t times = 0;
  for (std::size_t at = 0; at < text.size(); at += kBlock) {
    if (at > 0) scratch.deadline.check();
    const auto block = text.substr(at, kBlock + literals.longest());
    literals.scan(block, [&](std::span<const LiteralScan::Use> uses, std::size_t end) {
      end += which.from + at;
      for (const auto& [rule, reach] : uses) {
        if (reach.least > end || (which.everyday && scratch.wanted[rule] == 0)) continue;
        note(scratch, rule, end - std::min<std::size_t>(end, reach.most), end - reach.least);
      }
    });
    if (scratch.starts.size() <= most) continue;
    if (++times >= kFirstTimes) most = which.most;
    const bool all = at + block.size() == text.size();
    search_starts(reading, all ? SIZE_MAX : which.from + at + kBlock - kSettled, scratch);
  }
}

void Detector::Impl::scan_first_words(const FirstWords& words, const Reading& reading, const Literals& which,
                                      Scratch& scratch) const {
  const std::string_view text = scratch.folded;
  for (std::size_t at = 0; at < text.size(); at += kBlock) {
    if (at > 0) scratch.deadline.check();
    words.scan(text.substr(at, kBlock + Beginning::kLongest + 1),
               [&](std::span<const RuleIndex> found, std::size_t begin) {
                 if (begin >= kBlock) return;
                 for (const auto rule : found)
                   if (!which.everyday || scratch.wanted[rule] != 0)
                     note_at(scratch, rule, which.from + at + begin);
               });
    const bool all = at + kBlock >= text.size();
    if (scratch.starts.size() > which.most)
      search_starts(reading, all ? SIZE_MAX : which.from + at + kBlock, scratch);
  }
}

// Searches where matches may begin before `known`, and keeps what lies beyond.
void Detector::Impl::search_starts(const Reading& reading, std::size_t known, Scratch& scratch) const {
  auto& starts = scratch.starts;
  sort_starts(scratch);
  std::size_t kept = 0;
  for (std::span<const Starts> rest = starts; !rest.empty();) {
    const auto of_rule = first_rule_of(rest);
    rest = rest.subspan(of_rule.size());
    for (const auto& s : search_changed(reading, of_rule, known, scratch)) starts[kept++] = s;
  }
  starts.resize(kept);
}

// Searches where matches of one rule may begin before `known`; returns what lies beyond.
//
// Where a view is as the one that it was made from, so are the matches in it, if no match reaches there from where it is
// not. So places that are near each other are searched together, or not at all.
std::span<const Starts> Detector::Impl::search_changed(const Reading& reading, std::span<const Starts> starts,
                                                       std::size_t known, Scratch& scratch) const {
  const auto& rule = rules.rules()[starts.front().rule];
  if (!reading.looks_for(*rule.rule)) return {};
  const auto changes = reading.changes_for(*rule.rule);
  const bool everywhere = changes.empty() || rule.rule->tail != Tail::kNone;
  if (everywhere && (reading.nearby == nullptr || !rule.rule->everyday)) {
    std::size_t i = 0;
    for (; i < starts.size() && starts[i].last < known; ++i) search(reading, starts[i], scratch);
    return starts.subspan(i);
  }
  const auto reach = apart(rule);
  auto change = changes.begin();
  while (!starts.empty()) {
    const auto [cluster, first, last] = first_cluster_of(starts, reach);
    if (known != SIZE_MAX && last + reach >= known) return starts;
    change = first_not_before(change, changes.end(), first - std::min(first, reach));
    const bool differs = everywhere || (change != changes.end() && change->begin <= last + reach);
    if (differs && may_matter(reading, rule, first, last_of(reading, rule, last)))
      for (const auto& s : cluster) search(reading, s, scratch);
    starts = starts.subspan(cluster.size());
  }
  return starts;
}

void Detector::Impl::search(const Reading& reading, std::span<const Starts> starts, const Cursors& cursors,
                            Scratch& scratch) const {
  scratch.cursors = cursors;
  while (!starts.empty()) {
    const auto of_rule = first_rule_of(starts);
    starts = starts.subspan(of_rule.size());
    search_changed(reading, of_rule, SIZE_MAX, scratch);
  }
}

void Detector::Impl::search(const Reading& reading, const Starts& starts, Scratch& scratch) const {
  auto& cursor = scratch.cursors[starts.rule];
  if (++scratch.searched % kStepsBetweenClocks == 0) scratch.deadline.check();
  cursor.next = std::max<std::size_t>(cursor.next, starts.first);
  if (cursor.next > starts.last) return;
  search(starts.rule, reading, cursor, starts.last + 1ULL,
         std::min(reading.view.text().size(), starts.last + rules.rules()[starts.rule].automaton.longest),
         scratch);
}

void Detector::Impl::note_cipher(std::size_t begin, std::size_t end, text::Encoding cipher,
                                 Scratch& scratch) const {
  scratch.hits.push_back({.begin = begin, .end = end, .rule = kCipher, .disguise = cipher});
  if (scratch.full != nullptr) scratch.full->add_cipher(begin, end, cipher);
}

// Of each place the first byte tells.
void Detector::Impl::note_ciphers(const Reading& reading, Scratch& scratch) const {
  if (!text::is_cipher(reading.encoding)) return;
  const auto& view = reading.view;
  auto last = SIZE_MAX;
  for (const auto& change : view.changes())
    for (std::size_t i = change.begin; i < std::min<std::size_t>(change.end, view.text().size()); ++i) {
      const auto at = view.begin_of(i);
      if (at / Fullness::kPlace == last) continue;
      last = at / Fullness::kPlace;
      note_cipher(reading.base + at, reading.base + at + 1, reading.encoding, scratch);
    }
}

void Detector::Impl::scan_run(const text::Derived& derived, Scratch& scratch) const {
  // What is said here decides which everyday words are looked for, so all of it must be known.
  const Reading reading{.view = derived.view,
                        .encoding = derived.encodings.front(),
                        .layer = derived.layer,
                        .in_run = true,
                        .afresh = true,
                        .base = derived.base};
  const auto before = scratch.hits.size();
  scan(reading, scratch);
  if (const auto ideas = ideas_of(std::span(scratch.hits).subspan(before)); ideas != 0)
    scan_everyday(reading, ideas, {}, scratch);
  if (derived.encodings.size() == 1 && text::is_ciphered_text(reading.encoding, derived.view.text()))
    note_cipher(derived.begin, derived.end, reading.encoding, scratch);
  if (derived.encodings.size() == 1 && text::is_hidden(reading.encoding))
    scratch.hits.push_back(
        {.begin = derived.begin, .end = derived.end, .rule = kHiddenText, .disguise = reading.encoding});
}

IdeaSet Detector::Impl::ideas_of(std::span<const Hit> hits) const {
  IdeaSet ideas = 0;
  for (const auto& hit : hits)
    if (hit.of_rule()) ideas |= set_of(rules.rules()[hit.rule].rule->idea);
  return ideas & ~set_of(Idea::kNone);
}

void Detector::Impl::search(RuleIndex index, const Reading& reading, Cursor& cursor, std::size_t before,
                            std::size_t end, Scratch& scratch) const {
  const ViewWindow window(reading);
  const auto& rule = rules.rules()[index];
  const Matching matching{.rule = rule, .number = index, .matcher = scratch.matcher.get()};
  std::size_t found = 0;
  while (const auto match = next_match(matching, window, cursor, before, end)) {
    if (++found % kStepsBetweenClocks == 0) scratch.deadline.check();
    auto last = match->end;
    if (rule.rule->tail != Tail::kNone) {
      last += TailRun(rule.rule->tail).take(window.text.substr(last));
      cursor.next = std::max(cursor.next, last);
    }
    const auto [from, to] = reading.view.cover(match->begin, last);
    const bool disguised = reading.in_run || (reading.encoding != text::Encoding::kNone &&
                                              !window.as_written(match->begin, match->end, from) &&
                                              window.disguised(match->begin, match->end));
    scratch.hits.push_back({.begin = reading.base + from,
                            .end = reading.base + to,
                            .rule = index,
                            .disguise = disguised ? reading.encoding : text::Encoding::kNone});
    if (disguised) {
      const auto pattern = reading.view.cover(match->begin, match->end);
      scratch.hits.back().stretch_over(match->end - match->begin, pattern.second - pattern.first);
    }
    if (scratch.full == nullptr) continue;
    if (rule.rule->tells_of_harm()) scratch.full->add(reading.base + from, disguised);
    if (rule.rule->tells_of_ideas()) scratch.full->add_idea(reading.base + from, index, disguised);
  }
}

void Detector::Impl::read(std::string_view text, Scratch& scratch) const {
  // Every view of the text is scored here.
  struct Scan final : text::ViewSink {
    const Impl& impl;
    Scratch& scratch;
    BarrenRuns barren;
    std::size_t before = 0;
    Scan(const Impl& i, Scratch& s) : impl(i), scratch(s) {}
    bool begin_run(text::Encoding encoding, std::string_view run, std::size_t span) override {
      before = scratch.hits.size();
      return barren.begin(encoding, run, span);
    }
    void end_run() override { barren.end(scratch.hits.size() == before); }
    void take(const text::Derived& derived) override {
      impl.score(derived, scratch);
      if (derived.in_run) return impl.scan_run(derived, scratch);
      const auto encoding = derived.encodings.empty() ? text::Encoding::kNone : derived.encodings.back();
      const Reading reading{.view = derived.view, .encoding = encoding, .layer = derived.layer};
      impl.note_ciphers(reading, scratch);
      if (reading.layer != text::Layer::kUndone || !impl.scan_near_changes(reading, false, scratch))
        impl.scan(reading, scratch);
    }
  } scan(*this, scratch);
  scratch.views.read(text, scan);

  if (const auto ideas = ideas_of(scratch.hits); ideas != 0) {
    std::optional<Nearby> nearby;
    std::vector<Place> places;
    if (text.size() >= kWorthLooking) {
      nearby.emplace(rules, scratch.hits, scratch.views.standing(), text.size());
      places = nearby->places();
    }
    const auto standing = scratch.views.standing();
    for (std::size_t i = 0; i < standing.size(); ++i) {
      const auto& [view, encoding, layer] = standing[i];
      if (layer == text::Layer::kWritten) continue;
      Reading reading{.view = *view, .encoding = encoding, .layer = layer};
      if (nearby) reading.look_near(*nearby, i);
      scan_everyday(reading, ideas, places, scratch);
    }
  }
  if (names) names->tag(text, scratch.names, scratch.name_spans);
}

// False: it is known to be too full, and not all of it has been read.
bool Detector::Impl::read_all(std::string_view text, Scratch& scratch) const {
  const auto read_it = [&] {
    if (text.size() >= kWorthSharing && TaskGroup::helpers() > 0)
      read_with_help(text, scratch);
    else
      read(text, scratch);
  };
  if (text.size() < Fullness::kLeast) {
    read_it();
    return true;
  }
  auto& fullness = scratch.fullness;
  fullness.begin(text.size());
  const auto until = scratch.deadline;
  const auto leave = [&] {
    scratch.full = nullptr;
    scratch.stop_at(until);
  };
  scratch.full = &fullness;
  scratch.stop_at(until.or_when(fullness.over()));
  try {
    read_it();
  } catch (const Deadline::Passed&) {
    leave();
    scratch.tidy();
    if (!fullness.over()) throw;
    return false;
  } catch (...) {
    leave();
    throw;
  }
  leave();
  return true;
}

Inspection Detector::inspect(std::string_view text, Scratch& scratch) const {
  scratch.hits.clear();
  scratch.resolver.reset();
  scratch.model_scores = {};
  if (text.size() >= 1ULL << 31U) text = text.substr(0, (1ULL << 31U) - 1);
  std::string json;
  if (JsonReading::may_change(text)) {
    json = text;
    JsonReading().read(json);
    text = json;
  }
  if (!impl_->read_all(text, scratch)) return inspection_of_too_full(text.size());

  sort_runs(scratch.hits);
  Inspection inspection;
  FullnessSoFar fullness;
  for (std::size_t i = 0; i < scratch.hits.size(); ++i) {
    const auto& hit = scratch.hits[i];
    if (i > 0 && hit == scratch.hits[i - 1]) continue;  // in two views: it says nothing new
    if (!impl_->fill(fullness, hit)) return inspection_of_too_full(text.size());
    if (hit.rule != kCipher) scratch.resolver.add(hit);
  }
  inspection.places = fullness.count();
  inspection.ideas = fullness.ideas();
  inspection.ciphered = fullness.ciphered();
  scratch.resolver.advance(SIZE_MAX, SIZE_MAX, 0, {}, inspection.findings);
  inspection.scores = impl_->combine(scratch.resolver.scores(), scratch.model_scores);
  if (impl_->names) {
    for (const auto& span : scratch.name_spans) inspection.findings.push_back(finding_of(span));
    std::ranges::sort(inspection.findings, in_order);
  }
  return inspection;
}

std::optional<Inspection> Detector::inspect(std::string_view text, Scratch& scratch,
                                            const Deadline& deadline) const {
  scratch.stop_at(deadline);
  std::optional<Inspection> found;
  try {
    found = inspect(text, scratch);
  } catch (const Deadline::Passed&) {
    scratch.tidy();
  }
  scratch.stop_at(Deadline());
  return found;
}

Detector::Whole Detector::inspect(const Conversation& conversation, Scratch& scratch,
                                  std::chrono::steady_clock::time_point deadline) const {
  std::vector<std::string_view> texts;
  texts.reserve(conversation.segments.size());
  for (const auto& segment : conversation.segments) texts.push_back(segment.text);
  Whole all;
  auto inspections = recall(texts, scratch, Deadline(deadline));
  for (std::size_t i = 0; i < inspections.size(); ++i) {
    auto& one = inspections[i];
    all.complete = one.has_value();
    if (!one) break;
    for (auto& finding : one->findings) {
      finding.segment = static_cast<std::uint32_t>(i);
      all.found.findings.push_back(finding);
    }
    all.found.scores.raise(one->scores);
  }
  return all;
}

bool in_order(const Finding& a, const Finding& b) {
  return std::tuple(a.span.begin, a.span.end, a.category, a.entity) <
         std::tuple(b.span.begin, b.span.end, b.category, b.entity);
}

Finding finding_of(const tagger::NameSpan& span) {
  return {.category = Category::kPii,
          .entity = tagger::to_string(span.kind),
          .detector = "names",
          .span = {span.begin, span.end},
          .confidence = span.confidence};
}

std::size_t TailRun::take(std::string_view text) {
  static constexpr std::string_view kEnd = "-----END ";
  const auto is_alnum = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
  };
  std::size_t i = 0;
  for (; i < text.size() && !over_; ++i) {
    const char c = text[i];
    if (++taken_ > kMost) over_ = true;
    if (kind_ == Tail::kToken) {
      if (!is_alnum(c) && !std::string_view("_.~+/=-").contains(c)) over_ = true;
    } else if (end_matched_ < kEnd.size()) {
      if (!is_alnum(c) && !std::string_view("+/=-:,\\ \r\n\t").contains(c)) over_ = true;
      if (c == kEnd[end_matched_])
        ++end_matched_;
      else if (c != '-')  // another dash than the fifth still leaves five before what follows
        end_matched_ = 0;
    } else if (dashes_ == 0 && c != '-') {
      if (!(c >= 'A' && c <= 'Z') && c != ' ') over_ = true;
    } else if (c != '-' || ++dashes_ > 5) {
      over_ = true;
    }
    if (over_) return i;
  }
  return i;
}

}  // namespace plimsoll::detect
