#include "corpus.h"

#include <map>
#include <string_view>
#include <utility>

#include "kernel.h"
#include "ngrams.h"
#include "parameters.h"
#include "windows.h"

namespace plimsoll::classify {
namespace {

constexpr std::uint32_t kNone = 0xFFFFFFFFU;

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

}  // namespace

Corpus read_corpus(std::span<const Example> examples, const WordVectors* vectors) {
  Corpus c;
  Parameters index;
  if (vectors != nullptr) {
    index.word_keys = vectors->keys();
    index.build_index();
  }
  const Kernel& kernel = kernels().back();
  Numbering number(c.keys);
  WindowKeys keys;
  for (const auto& example : examples) {
    c.first.push_back(c.windows.size());
    std::string_view text = example.text;
    while (!text.empty()) {
      const std::size_t cut = first_window(text);
      const std::size_t size = cut == 0 ? text.size() : cut;
      read_words(text.substr(0, size), keys);
      text.remove_prefix(size);
      const std::size_t count =
          keys.size + kernel.run_keys(keys.folded.data(), keys.length, keys.keys.data() + keys.size);
      c.windows.push_back({c.grams.size(), c.words.size(), static_cast<std::uint32_t>(count)});
      for (std::size_t k = 0; k < count; ++k) c.grams.push_back(number(keys.keys[k]));
      if (vectors == nullptr) continue;
      for (std::size_t w = 0; w < keys.words; ++w)
        if (const auto id = find_word(index.index, keys.keys[w]); id != WordSlot::kNone)
          c.words.push_back(static_cast<std::uint16_t>(id));
    }
  }
  c.first.push_back(c.windows.size());
  c.windows.push_back({c.grams.size(), c.words.size(), 0});
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
  for (std::size_t i = 0; i < examples.size(); ++i) {
    c.first.push_back(c.windows.size());
    for (std::size_t w = all.first[i]; part[i] && w < all.first[i + 1]; ++w) {
      c.windows.push_back({c.grams.size(), c.words.size(), all.windows[w].keys});
      for (std::size_t k = all.windows[w].grams; k < all.windows[w + 1].grams; ++k)
        if (id[all.grams[k]] != kNone) c.grams.push_back(id[all.grams[k]]);
      for (std::size_t k = all.windows[w].words; k < all.windows[w + 1].words; ++k)
        c.words.push_back(all.words[k]);
    }
  }
  c.first.push_back(c.windows.size());
  c.windows.push_back({c.grams.size(), c.words.size(), 0});
  return c;
}

}  // namespace plimsoll::classify
