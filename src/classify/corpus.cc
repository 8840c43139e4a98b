#include "corpus.h"

#include <algorithm>
#include <iterator>
#include <map>
#include <string_view>
#include <utility>

#include "first_said.h"
#include "kernel.h"
#include "ngrams.h"
#include "parameters.h"
#include "windows.h"
#include "word_vectors.h"

namespace plimsoll::classify {
namespace {

constexpr std::uint32_t kNone = kNoWord;

// Numbers keys in the order in which they first appear.
class Numbering {
 public:
  explicit Numbering(std::vector<std::uint32_t>& keys) : keys_(keys), slots_(1U << 16U, kNone) {}

  std::uint32_t operator()(std::uint32_t key) {
    for (std::size_t i = place(key);; i = (i + 1) & (slots_.size() - 1)) {
      if (slots_[i] == kNone) {
        const auto id = static_cast<std::uint32_t>(keys_.size());
        keys_.push_back(key);
        slots_[i] = id;
        if (keys_.size() * 2 > slots_.size()) grow();
        return id;
      }
      if (keys_[slots_[i]] == key) return slots_[i];
    }
  }

 private:
  std::size_t place(std::uint32_t key) const { return key & (slots_.size() - 1); }
  void grow() {
    slots_.assign(slots_.size() * 2, kNone);
    for (std::uint32_t id = 0; id < keys_.size(); ++id) {
      std::size_t i = place(keys_[id]);
      while (slots_[i] != kNone) i = (i + 1) & (slots_.size() - 1);
      slots_[i] = id;
    }
  }
  std::vector<std::uint32_t>& keys_;
  std::vector<std::uint32_t> slots_;
};

// How many examples that take part, and how many sources, have each n-gram.
struct Census {
  std::vector<std::uint32_t> examples;
  std::vector<std::uint32_t> sources;
};

Census count(const Corpus& all, std::span<const Example> examples, const std::vector<bool>& part) {
  // Source by source, so that one mark per n-gram tells whether it was counted.
  std::map<std::string_view, std::vector<std::size_t>> by_source;
  for (std::size_t i = 0; i < examples.size(); ++i)
    if (part[i]) by_source[examples[i].source].push_back(i);
  const std::size_t n = all.keys.size();
  Census census{std::vector<std::uint32_t>(n), std::vector<std::uint32_t>(n)};
  std::vector<std::uint32_t> last_example(n);
  std::vector<std::uint32_t> last_source(n);
  std::uint32_t example = 0;
  std::uint32_t source = 0;
  for (const auto& [name, members] : by_source) {
    ++source;
    for (const std::size_t i : members) {
      ++example;
      for (std::size_t k = all.windows[all.first[i]].grams; k < all.windows[all.first[i + 1]].grams; ++k) {
        const std::uint32_t id = all.grams[k];
        if (std::exchange(last_example[id], example) != example) ++census.examples[id];
        if (std::exchange(last_source[id], source) != source) ++census.sources[id];
      }
    }
  }
  return census;
}

// Numbers the words that occur often enough in what takes part; the most frequent ones, when they are too many.
std::vector<std::uint32_t> number_words(const Corpus& all, const std::vector<bool>& part, unsigned least,
                                        std::vector<std::uint32_t>& keys) {
  std::vector<std::uint32_t> times(all.word_keys.size());
  for (std::size_t i = 0; i < part.size(); ++i)
    for (std::size_t k = all.windows[all.first[i]].words; part[i] && k < all.windows[all.first[i + 1]].words;
         ++k)
      ++times[all.words[k]];
  std::vector<std::uint32_t> order;
  for (std::uint32_t w = 0; w < times.size(); ++w)
    if (times[w] >= least) order.push_back(w);
  std::ranges::sort(order, [&](std::uint32_t a, std::uint32_t b) {
    return times[a] != times[b] ? times[a] > times[b] : a < b;
  });
  order.resize(std::min(order.size(), Parameters::kMaxWords));
  std::vector<std::uint32_t> number(all.word_keys.size(), kNone);
  for (const std::uint32_t w : order) {
    number[w] = static_cast<std::uint32_t>(keys.size());
    keys.push_back(all.word_keys[w]);
  }
  return number;
}

// Words that got no number are needed until here: they are what words lie apart by.
void learn_vectors_of(Corpus& c, const TrainOptions& options) {
  std::vector<std::vector<std::uint32_t>> lines;
  lines.reserve(c.windows.size());
  for (std::size_t w = 0; w + 1 < c.windows.size(); ++w)
    lines.emplace_back(c.words.begin() + static_cast<std::ptrdiff_t>(c.windows[w].words),
                       c.words.begin() + static_cast<std::ptrdiff_t>(c.windows[w + 1].words));
  c.vectors = learn_vectors(lines, c.word_keys.size(), {.width = options.width, .seed = options.seed});
  std::vector<std::uint32_t> words;
  for (std::size_t w = 0; w < lines.size(); ++w) {
    c.windows[w].words = words.size();
    std::ranges::copy_if(lines[w], std::back_inserter(words), [](std::uint32_t n) { return n != kNone; });
  }
  c.windows.back().words = words.size();
  c.words = std::move(words);
}

}  // namespace

Corpus read_corpus(std::span<const Example> examples) {
  Corpus c;
  const Kernel& kernel = kernels().back();
  Numbering number(c.keys);
  Numbering number_word(c.word_keys);
  WindowKeys keys;
  FirstSaid first_said;
  SaidInWindow said;
  for (const auto& example : examples) {
    c.first.push_back(c.windows.size());
    first_said.begin_text();
    std::string_view text = example.text;
    while (!text.empty()) {
      const std::size_t cut = first_window(text);
      const std::size_t size = cut == 0 ? text.size() : cut;
      read_words(text.substr(0, size), keys);
      text.remove_prefix(size);
      const std::size_t words = c.words.size();
      for (std::size_t w = 0; w < keys.words; ++w) c.words.push_back(number_word(keys.keys[w]));
      const std::size_t count =
          keys.size + kernel.run_keys(keys.folded.data(), keys.length, keys.keys.data() + keys.size);
      const std::size_t fresh = first_said.sort(keys.keys, count, said, [](std::uint32_t) {});
      c.windows.push_back({.grams = c.grams.size(),
                           .again = c.grams.size() + fresh,
                           .words = words,
                           .fresh = static_cast<std::uint32_t>(fresh),
                           .keys = static_cast<std::uint32_t>(fresh + said.again_count)});
      for (std::size_t k = 0; k < fresh; ++k) c.grams.push_back(number(keys.keys[k]));
      for (std::size_t k = 0; k < said.again_count; ++k) c.grams.push_back(number(said.again[k]));
    }
  }
  c.first.push_back(c.windows.size());
  c.windows.push_back({.grams = c.grams.size(), .again = c.grams.size(), .words = c.words.size()});
  return c;
}

Corpus select(const Corpus& all, std::span<const Example> examples, const std::vector<bool>& part,
              const TrainOptions& options) {
  const Census census = count(all, examples, part);
  Corpus c;
  std::vector<std::uint32_t> id(all.keys.size(), kNone);
  for (std::size_t k = 0; k < all.keys.size(); ++k) {
    if (census.examples[k] < options.min_examples || census.sources[k] < options.min_sources) continue;
    id[k] = static_cast<std::uint32_t>(c.keys.size());
    c.keys.push_back(all.keys[k]);
    c.counts.push_back(census.examples[k]);
  }
  const auto number = options.width > 0 ? number_words(all, part, options.min_word, c.word_keys)
                                        : std::vector<std::uint32_t>(all.word_keys.size(), kNone);
  for (std::size_t i = 0; i < examples.size(); ++i) {
    c.first.push_back(c.windows.size());
    for (std::size_t w = all.first[i]; part[i] && w < all.first[i + 1]; ++w) {
      const auto& window = all.windows[w];
      c.windows.push_back(window);
      c.windows.back().grams = c.grams.size();
      c.windows.back().words = c.words.size();
      for (std::size_t k = window.grams; k < all.windows[w + 1].grams; ++k) {
        if (k == window.again) c.windows.back().again = c.grams.size();
        if (id[all.grams[k]] != kNone) c.grams.push_back(id[all.grams[k]]);
      }
      if (window.again == all.windows[w + 1].grams) c.windows.back().again = c.grams.size();
      for (std::size_t k = window.words; k < all.windows[w + 1].words; ++k)
        c.words.push_back(number[all.words[k]]);
    }
  }
  c.first.push_back(c.windows.size());
  c.windows.push_back({.grams = c.grams.size(), .again = c.grams.size(), .words = c.words.size()});
  if (!c.word_keys.empty()) learn_vectors_of(c, options);
  return c;
}

}  // namespace plimsoll::classify
