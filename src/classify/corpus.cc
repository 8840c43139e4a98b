#include "corpus.h"

#include <algorithm>
#include <bit>
#include <map>

#include "kernel.h"
#include "ngrams.h"
#include "parameters.h"
#include "windows.h"

namespace plimsoll::classify {
namespace {

// Finds a key among sorted ones by its upper half first.
class KeyFinder {
 public:
  explicit KeyFinder(const std::vector<std::uint32_t>& keys) : keys_(keys), first_((1U << 16U) + 1) {
    std::size_t at = 0;
    for (std::uint32_t top = 0; top <= 1U << 16U; ++top) {
      while (at < keys.size() && keys[at] >> 16U < top) ++at;
      first_[top] = static_cast<std::uint32_t>(at);
    }
  }
  static constexpr std::uint32_t kNone = 0xFFFFFFFFU;
  std::uint32_t operator()(std::uint32_t key) const {
    const auto begin = keys_.begin() + first_[key >> 16U];
    const auto end = keys_.begin() + first_[(key >> 16U) + 1];
    const auto at = std::lower_bound(begin, end, key);
    return at != end && *at == key ? static_cast<std::uint32_t>(at - keys_.begin()) : kNone;
  }

 private:
  const std::vector<std::uint32_t>& keys_;
  std::vector<std::uint32_t> first_;
};

// How many examples and sources have each key.
struct Census {
  std::vector<std::uint32_t> examples;
  std::vector<std::uint32_t> sources;
};

void sort_unique(std::vector<std::uint32_t>& v) {
  std::ranges::sort(v);
  v.erase(std::ranges::unique(v).begin(), v.end());
}

}  // namespace

Corpus read_corpus(std::span<const Example> examples, const std::vector<bool>& part,
                   const TrainOptions& options) {
  Corpus c;
  Parameters index;
  if (options.vectors != nullptr) {
    index.word_keys = options.vectors->keys();
    index.build_index();
  }
  const Kernel& kernel = kernels().back();

  // Every key first, to be replaced by its id once those that take part are known.
  std::vector<std::uint32_t> all;
  WindowKeys keys;
  for (std::size_t i = 0; i < examples.size(); ++i) {
    c.first.push_back(c.windows.size());
    std::string_view text = examples[i].text;
    while (part[i] && !text.empty()) {
      const std::size_t cut = first_window(text);
      const std::size_t size = cut == 0 ? text.size() : cut;
      read_words(text.substr(0, size), keys);
      text.remove_prefix(size);
      c.windows.push_back({all.size(), c.words.size(), 0});
      const std::size_t count =
          keys.size + kernel.run_keys(keys.folded.data(), keys.length, keys.keys.data() + keys.size);
      c.windows.back().keys = static_cast<std::uint32_t>(count);
      all.insert(all.end(), keys.keys.begin(), keys.keys.begin() + static_cast<std::ptrdiff_t>(count));
      if (options.vectors != nullptr)
        for (std::size_t w = 0; w < keys.words; ++w)
          if (const auto id = find_word(index.index, keys.keys[w]); id != WordSlot::kNone)
            c.words.push_back(static_cast<std::uint16_t>(id));
    }
  }
  c.first.push_back(c.windows.size());
  c.windows.push_back({all.size(), c.words.size(), 0});

  // Sources in a row, so that one mark per key counts them.
  std::map<std::string_view, std::vector<std::size_t>> by_source;
  for (std::size_t i = 0; i < examples.size(); ++i)
    if (part[i]) by_source[examples[i].source].push_back(i);
  std::vector<std::uint32_t> distinct(all);
  sort_unique(distinct);
  const KeyFinder find(distinct);
  Census census{std::vector<std::uint32_t>(distinct.size()), std::vector<std::uint32_t>(distinct.size())};
  std::vector<std::uint32_t> last_example(distinct.size());
  std::vector<std::uint32_t> last_source(distinct.size());
  std::uint32_t example = 0;
  std::uint32_t source = 0;
  for (const auto& [name, members] : by_source) {
    ++source;
    for (const std::size_t i : members) {
      ++example;
      for (std::size_t k = c.windows[c.first[i]].grams; k < c.windows[c.first[i + 1]].grams; ++k) {
        all[k] = find(all[k]);
        if (std::exchange(last_example[all[k]], example) != example) ++census.examples[all[k]];
        if (std::exchange(last_source[all[k]], source) != source) ++census.sources[all[k]];
      }
    }
  }

  std::vector<std::uint32_t> id(distinct.size(), KeyFinder::kNone);
  for (std::size_t d = 0; d < distinct.size(); ++d) {
    if (census.examples[d] < options.min_examples || census.sources[d] < options.min_sources) continue;
    id[d] = static_cast<std::uint32_t>(c.keys.size());
    c.keys.push_back(distinct[d]);
    c.counts.push_back(census.examples[d]);
  }
  std::size_t at = 0;
  for (std::size_t w = 0; w + 1 < c.windows.size(); ++w) {
    const std::size_t begin = std::exchange(c.windows[w].grams, c.grams.size());
    at = begin + c.windows[w].keys;
    for (std::size_t k = begin; k < at; ++k)
      if (id[all[k]] != KeyFinder::kNone) c.grams.push_back(id[all[k]]);
  }
  c.windows.back().grams = c.grams.size();
  return c;
}

}  // namespace plimsoll::classify
