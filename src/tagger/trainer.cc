// Maximum likelihood for the conditional random field, by stochastic gradients with step sizes of their own
// (AdaGrad, Duchi et al. 2011). Where words are not annotated the likelihood is that of all labellings that
// the annotation allows (Tsuboi et al. 2008). Features of a word's own and its neighbours' spelling are left
// out at random, so that shape, lists and context have to carry names that were never seen.
#include <algorithm>
#include <array>
#include <cmath>
#include <cstring>
#include <map>

#include "lattice.h"
#include "model.h"
#include "practice.h"
#include "tagger/training.h"
#include "word_features.h"

namespace plimsoll::tagger {
namespace {

constexpr float kRate = 0.1F;
constexpr float kLargest = 4.0F;  // of a weight, so that 8 bits are fine enough

// How words are written in running text: capitals that a sentence's start or a heading asks for do not count.
class UsageCounts {
 public:
  void add(const Reading& reading) {
    if (reading.written != Case::kMixed) return;
    const auto& tokens = reading.words.tokens;
    for (std::size_t i = 1; i < tokens.size(); ++i) {
      const Token& t = tokens[i];
      if (tokens[i - 1].shape == Shape::kMark || t.gap != Gap::kSpace) {
        if (t.shape == Shape::kLower) ++counts_[t.hash].lower;
        continue;
      }
      if (t.shape == Shape::kLower)
        ++counts_[t.hash].lower;
      else if (t.capital() && t.shape != Shape::kInitial)
        ++counts_[t.hash].capital;
    }
  }

  std::array<std::vector<std::uint64_t>, 3> usages() const {
    struct Entry {
      std::size_t count;
      std::uint64_t hash;
      Usage usage;
    };
    std::vector<Entry> entries;
    for (const auto& [hash, c] : counts_) {
      const std::size_t all = c.lower + c.capital;
      if (all < 3) continue;
      const Usage usage = c.lower * 10 >= all * 9 ? Usage::kLower
                          : c.lower * 10 <= all   ? Usage::kCapital
                                                  : Usage::kMixed;
      entries.push_back({.count = all, .hash = hash, .usage = usage});
    }
    std::ranges::sort(entries, [](const Entry& a, const Entry& b) {
      return a.count != b.count ? a.count > b.count : a.hash < b.hash;
    });
    if (entries.size() > WordTable::kMaxUsages) entries.resize(WordTable::kMaxUsages);
    std::array<std::vector<std::uint64_t>, 3> out;
    for (const auto& e : entries) out[static_cast<std::size_t>(e.usage) - 1].push_back(e.hash);
    for (auto& group : out) std::ranges::sort(group);
    return out;
  }

 private:
  struct Count {
    std::size_t lower = 0, capital = 0;
  };
  std::map<std::uint64_t, Count> counts_;
};

// A run as it is trained on.
struct Lesson {
  std::vector<Feature> features;
  std::vector<std::uint32_t> ends;     // of each word's features
  std::vector<std::uint16_t> allowed;  // labels of each word
  float weight = 1;
};

constexpr std::uint16_t only(Label label) {
  return static_cast<std::uint16_t>(1U << label);
}

// What the annotation allows word `i` to be.
class Teacher {
 public:
  explicit Teacher(const Example& example) : example_(&example) {}

  std::uint16_t allowed(const Reading& reading, std::size_t i) const {
    const Token& t = reading.words.tokens[i];
    switch (example_->annotation) {
      case Annotation::kAll:
        return only(known(t));
      case Annotation::kNone:
        return only(kOutside);
      case Annotation::kUnmarked:
        return open(reading, i);
      case Annotation::kFirstNames: {
        const WordInfo& info = reading.contexts[i].info;
        if (t.shape == Shape::kTitle && (info.lists & bit(List::kGiven)) != 0 &&
            info.usage != Usage::kLower && (info.lists & bit(List::kOther)) == 0)
          return only(begin_of(Kind::kPerson)) | only(inside_of(Kind::kPerson));
        return open(reading, i);
      }
    }
    return Lattice::kAll;
  }

 private:
  Label known(const Token& t) const {
    for (const NameSpan& span : example_->spans) {
      if (t.end <= span.begin || t.begin >= span.end) continue;
      return t.begin <= span.begin ? begin_of(span.kind) : inside_of(span.kind);
    }
    return kOutside;
  }

  // Nobody marked this text. Words that are on lists of names and usually written as such are some name,
  // ordinary words are none, and of the rest nothing is said.
  static std::uint16_t open(const Reading& reading, std::size_t i) {
    constexpr std::uint32_t kNames = bit(List::kGiven) | bit(List::kFamily) | bit(List::kCountry) |
                                     bit(List::kCity) | bit(List::kOrganization);
    constexpr std::uint32_t kSure = kNames & ~bit(List::kFamily);
    const Token& t = reading.words.tokens[i];
    const WordInfo& info = reading.contexts[i].info;
    if (t.number() || !t.word()) return only(kOutside);
    if ((info.lists & bit(List::kOther)) != 0) return only(kOutside);
    if (reading.contexts[i].phrase) return static_cast<std::uint16_t>(Lattice::kAll & ~only(kOutside));
    if ((info.lists & kNames) != 0) {
      const bool written = t.capital() ? reading.written != Case::kCaps && reading.written != Case::kTitle
                                       : reading.written == Case::kLower;
      const bool usual = info.usage == Usage::kCapital || (info.usage == Usage::kUnknown && t.capital());
      if ((info.lists & kSure) != 0 && usual && written && t.end - t.begin > 2)
        return static_cast<std::uint16_t>(Lattice::kAll & ~only(kOutside));
      return info.usage == Usage::kLower && !t.capital() ? only(kOutside) : Lattice::kAll;
    }
    if (info.usage == Usage::kLower) return only(kOutside);
    if (!t.capital() && reading.written == Case::kMixed) return only(kOutside);
    return Lattice::kAll;
  }

  const Example* example_;
};

// Labels a run can really have: "inside" only after a name of its kind. A run may begin in a name's middle.
void repair(std::vector<std::uint16_t>& allowed) {
  Label before = kOutside;
  for (auto& set : allowed) {
    const bool single = (set & (set - 1)) == 0;
    if (!single) {
      before = kOutside;
      continue;
    }
    Label label = 0;
    while ((set >> label & 1U) == 0) ++label;
    if (!legal(before, label)) {
      --label;
      set = only(label);
    }
    before = label;
  }
}

class Trainer {
 public:
  explicit Trainer(const TrainOptions& options) : options_(options), weights_(kBuckets), steps_(kBuckets) {}

  void learn_usages(std::span<const Example> examples) {
    UsageCounts counts;
    for (const Example& e : examples) {
      if (e.annotation == Annotation::kAll) continue;
      each_window(e, [&](const Reading& reading) { counts.add(reading); });
    }
    usages_ = counts.usages();
    for (std::size_t g = 0; g < usages_.size(); ++g)
      for (const auto hash : usages_[g]) table_.set_usage(hash, static_cast<Usage>(g + 1));
  }

  void add(const Example& example, float weight) {
    const Teacher teacher(example);
    each_window(example, [&](const Reading& reading) {
      find_runs(reading, runs_);
      for (const Run run : runs_) {
        Lesson lesson;
        lesson.weight = weight;
        std::array<Feature, kMaxFeatures> features;  // NOLINT: filled before it is read
        for (std::size_t i = run.begin; i < run.end; ++i) {
          const std::size_t n = features_of(reading, i, features);
          lesson.features.insert(lesson.features.end(), features.begin(),
                                 features.begin() + static_cast<std::ptrdiff_t>(n));
          lesson.ends.push_back(static_cast<std::uint32_t>(lesson.features.size()));
          lesson.allowed.push_back(teacher.allowed(reading, i));
        }
        repair(lesson.allowed);
        lessons_.push_back(std::move(lesson));
      }
    });
  }

  bool empty() const { return lessons_.empty(); }

  void run(const std::function<void(double)>& progress) {
    Random random(options_.seed ^ 0x5EEDULL);
    std::vector<std::uint32_t> order(lessons_.size());
    for (std::size_t i = 0; i < order.size(); ++i) order[i] = static_cast<std::uint32_t>(i);
    for (unsigned epoch = 0; epoch < options_.epochs; ++epoch) {
      for (std::size_t i = order.size(); i > 1; --i) std::swap(order[i - 1], order[random.below(i)]);
      for (std::size_t i = 0; i < order.size(); ++i) {
        step(lessons_[order[i]], random);
        if (progress && i % 4096 == 0)
          progress((epoch + static_cast<double>(i) / static_cast<double>(order.size())) / options_.epochs);
      }
    }
  }

  Model model() const {
    Model out;
    out.scale = kLargest / 127;
    const auto pack = [&](float w) { return std::lround(std::clamp(w, -kLargest, kLargest) / out.scale); };
    out.weights.resize(kBuckets);
    for (std::size_t b = 0; b < kBuckets; ++b) {
      out.weights[b].fill(0);
      for (std::size_t y = 0; y < kLabels; ++y)
        out.weights[b][y] = static_cast<std::int8_t>(pack(weights_[b][y]));
    }
    for (std::size_t x = 0; x < kLabels; ++x)
      for (std::size_t y = 0; y < kLabels; ++y)
        out.transitions[x][y] = static_cast<std::int16_t>(pack(transitions_[x][y]));
    out.usages = usages_;
    return out;
  }

 private:
  template <class Take>
  void each_window(const Example& example, Take take) {
    bool fresh = true;
    for (std::size_t at = skip_space(example.text, 0); at < example.text.size();) {
      const auto window = next_window(example.text, at, true, table_, reading_.words);
      read(example.text, fresh, table_, reading_);
      take(reading_);
      fresh = !window->mid_sentence;
      at = skip_space(example.text, window->end);
    }
  }

  // Which templates are left out for a word this time.
  static std::uint64_t dropped(Random& random) {
    using enum Template;
    const auto mark = [](std::initializer_list<Template> kinds) {
      std::uint64_t set = 0;
      for (const Template k : kinds) set |= 1ULL << static_cast<unsigned>(k);
      return set;
    };
    std::uint64_t set = 0;
    const std::uint64_t dice = random.next();
    if ((dice & 0xFFU) < 90) set |= mark({kWord});
    if ((dice >> 8U & 0xFFU) < 40) set |= mark({kSuffix2, kSuffix3, kSuffix4, kPrefix3});
    if ((dice >> 16U & 0xFFU) < 50) set |= mark({kWordBefore, kWordBefore2, kWordsBefore, kWordBeforeShape});
    if ((dice >> 24U & 0xFFU) < 50) set |= mark({kWordAfter, kWordAfter2, kWordsAfter, kWordAfterShape});
    if ((dice >> 32U & 0xFFU) < 30)
      set |= mark({kLists, kListsPlace, kListsBefore, kListsAfter, kListsAround, kEachList});
    return set;
  }

  void step(const Lesson& lesson, Random& random) {
    const std::size_t n = lesson.ends.size();
    unary_.resize(n);
    kept_.clear();
    kept_ends_.clear();
    std::size_t k = 0;
    for (std::size_t t = 0; t < n; ++t) {
      unary_[t].fill(0);
      const std::uint64_t drop = dropped(random);
      for (; k < lesson.ends[t]; ++k) {
        const Feature f = lesson.features[k];
        if ((drop >> static_cast<unsigned>(f.kind) & 1U) != 0) continue;
        kept_.push_back(f.bucket);
        for (std::size_t y = 0; y < kLabels; ++y) unary_[t][y] += weights_[f.bucket][y];
      }
      kept_ends_.push_back(kept_.size());
    }
    const auto steps = Lattice::steps_of(transitions_);
    if (!truth_.sum(unary_, steps, lesson.allowed) || !all_.sum(unary_, steps, {})) return;
    k = 0;
    for (std::size_t t = 0; t < n; ++t) {
      Lattice::Row gradient;
      float largest = 0;
      for (std::size_t y = 0; y < kLabels; ++y) {
        const auto label = static_cast<Label>(y);
        gradient[y] = lesson.weight * (truth_.probability(t, label) - all_.probability(t, label));
        largest = std::max(largest, std::abs(gradient[y]));
      }
      if (largest < 1e-3F) {
        k = kept_ends_[t];
        continue;
      }
      for (; k < kept_ends_[t]; ++k) update(weights_[kept_[k]], steps_[kept_[k]], gradient);
    }
    for (std::size_t t = 0; t < n; ++t) {
      for (std::size_t x = 0; x < kLabels; ++x) {
        if (t == 0 && x != kOutside) break;
        for (std::size_t y = 0; y < kLabels; ++y) {
          const auto before = static_cast<Label>(x);
          const auto label = static_cast<Label>(y);
          const float difference =
              t == 0 ? truth_.probability(0, label) - all_.probability(0, label)
                     : truth_.probability(t, before, label) - all_.probability(t, before, label);
          const float g = lesson.weight * difference;
          float& sum = transition_steps_[x][y];
          sum += g * g;
          if (sum > 0) transitions_[x][y] += kRate * g / (std::sqrt(sum) + 1e-6F);
        }
      }
    }
  }

  static void update(Lattice::Row& weights, Lattice::Row& steps, const Lattice::Row& gradient) {
    for (std::size_t y = 0; y < kLabels; ++y) {
      steps[y] += gradient[y] * gradient[y];
      weights[y] += kRate * gradient[y] / (std::sqrt(steps[y]) + 0.1F);
    }
  }

  TrainOptions options_;
  WordTable table_;
  std::array<std::vector<std::uint64_t>, 3> usages_;
  std::vector<Lesson> lessons_;
  std::vector<Lattice::Row> weights_, steps_;
  Transitions<float> transitions_{}, transition_steps_{};
  Reading reading_;
  std::vector<Run> runs_;
  Lattice truth_, all_;
  std::vector<Lattice::Row> unary_;
  std::vector<std::uint32_t> kept_;
  std::vector<std::size_t> kept_ends_;
};

Example lower_case(const Example& example) {
  Example out = example;
  out.text = in_case(example.text, false);
  return out;
}

}  // namespace

Result<std::string> train(std::span<const Example> examples, const TrainOptions& options,
                          const std::function<void(double)>& progress) {
  Trainer trainer(options);
  trainer.learn_usages(examples);
  Practice practice(options.seed);
  Random random(options.seed ^ 0xCA5EULL);
  for (const Example& e : examples) {
    const bool annotated = e.annotation == Annotation::kAll;
    trainer.add(e, annotated ? 1.0F : 0.5F);
    if (!annotated || e.spans.empty()) continue;
    trainer.add(practice.with_other_values(e), 0.5F);
    if (random.chance(30)) trainer.add(lower_case(e), 0.5F);
  }
  for (unsigned round = 0; round < options.rounds; ++round)
    for (const Example& e : practice.round()) trainer.add(e, 0.5F);
  if (trainer.empty()) return fail(Code::kInvalid, "no example holds a word that could be a name");
  trainer.run(progress);
  return trainer.model().bytes();
}

}  // namespace plimsoll::tagger
