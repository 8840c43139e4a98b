#include "glosses.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>
#include <utility>

#include "base/hash.h"

// Defined by glosses.S.
extern "C" {
// NOLINTBEGIN
extern const char plimsoll_glosses[], plimsoll_glosses_end[];
// NOLINTEND
}

namespace plimsoll::classify {
namespace {

std::uint32_t joined(std::uint32_t first, std::uint32_t second) {
  return std::max(1U, finish_key(std::rotl(first, 9) + second));
}

// How many bytes of a word are an article or a pronoun with an apostrophe; 0: none are.
std::size_t elided(const std::uint8_t* word, std::size_t size) {
  constexpr std::size_t kLongest = 6;
  std::uint64_t bytes = 0;
  std::memcpy(&bytes, word, sizeof bytes);
  // The lowest byte that is 0 where an apostrophe is.
  constexpr std::uint64_t kOnes = 0x0101010101010101U, kHigh = 0x8080808080808080U;
  const auto others = bytes ^ (kOnes * static_cast<std::uint8_t>('\''));
  const auto found = (others - kOnes) & ~others & kHigh;
  if (found == 0) return 0;
  const auto cut = static_cast<std::size_t>(std::countr_zero(found)) / 8 + 1;
  return cut > 1 && cut <= kLongest && cut < size ? cut : 0;
}

// Every form that one with alternatives stands for: "kill_(a|the|)_process" for three.
template <typename Take>
void each_form(const std::string& form, const Take& take) {
  const auto open = form.find('('), close = form.find(')', open);
  if (open == std::string::npos || close == std::string::npos) return take(form);
  for (std::size_t begin = open + 1; begin <= close;) {
    const auto end = std::min(form.find('|', begin), close);
    each_form(form.substr(0, open) + form.substr(begin, end - begin) + form.substr(close + 1), take);
    begin = end + 1;
  }
}

}  // namespace

const Glosses& Glosses::shipped() {
  static const Glosses glosses(std::string_view(plimsoll_glosses, plimsoll_glosses_end));
  return glosses;
}

Glosses::Glosses(std::string_view lists) : digest_(to_hex(sha256(lists)).substr(0, 8)) {
  WindowKeys words;  // `_` parts words, too
  const auto hashes_of = [&](std::string_view text) {
    split_words(text, words);
    return std::span<const std::uint32_t>(words.hashes);
  };
  std::vector<Entry> all;
  while (!lists.empty()) {
    const auto line = lists.substr(0, lists.find('\n'));
    lists.remove_prefix(std::min(lists.size(), line.size() + 1));
    const auto colon = line.find(": ");
    const auto english = hashes_of(line.substr(0, colon));
    if (colon == std::string_view::npos || english.size() != 1) {
      faults_ += line.empty() ? 0 : 1;
      continue;
    }
    const auto meaning = english[0];
    const auto take = [&](const std::string& form) {
      const auto parts = hashes_of(form);
      if (parts.empty() || parts.size() > kMostWords) {
        ++faults_;
        return;
      }
      auto whole = parts[0];
      for (const auto word : parts.subspan(1)) whole = joined(whole, word);
      auto& known = known_[words.folded[words.edges[0]] >= 0x80 ? 1 : 0];
      known.first.put(parts[0]);
      if (parts.size() > 1) {
        known.pairs.put(joined(parts[0], parts[1]));
        known.rows.put(whole);
        known.longest = std::max(known.longest, parts.size());
      }
      all.push_back({.form = whole, .meaning = meaning});
    };
    for (auto rest = line.substr(colon + 2); !rest.empty();) {
      const auto form = rest.substr(0, rest.find(' '));
      rest.remove_prefix(std::min(rest.size(), form.size() + 1));
      each_form(std::string(form), take);
    }
  }
  entries_.resize(std::bit_ceil(all.size() * 4 / 3 + 2));
  for (const auto& [form, meaning] : all) put(form, meaning);
}

void Glosses::put(std::uint32_t form, std::uint32_t meaning) {
  auto i = form & (entries_.size() - 1);
  for (; entries_[i].form != 0; i = (i + 1) & (entries_.size() - 1))
    if (entries_[i].form == form) return;
  entries_[i] = {.form = form, .meaning = meaning};
  ++size_;
}

std::uint32_t Glosses::find(std::uint32_t form) const {
  for (auto i = form & (entries_.size() - 1);; i = (i + 1) & (entries_.size() - 1))
    if (entries_[i].form == form || entries_[i].form == 0) return entries_[i].meaning;
}

Glosses::Meaning Glosses::meaning(const WindowKeys& window, std::size_t i, std::uint32_t first,
                                  const Known& known) const {
  // The longest form counts.
  const auto& words = window.hashes;
  if (i + 1 < words.size() && known.pairs.may_hold(joined(first, words[i + 1]))) {
    std::array<std::uint32_t, kMostWords> rows{first};
    const auto most = std::min(known.longest, words.size() - i);
    for (std::size_t k = 1; k < most; ++k) rows.at(k) = joined(rows.at(k - 1), words[i + k]);
    for (auto k = most; k > 1; --k)
      if (known.rows.may_hold(rows.at(k - 1)))
        if (const auto found = find(rows.at(k - 1)); found != kNoMeaning) return {.word = found, .words = k};
  }
  return {.word = find(first)};
}

void Glosses::read(WindowKeys& window) const {
  auto& words = window.hashes;
  auto& lengths = window.lengths;
  // Which words may begin a form, mostly found without a branch; in most windows few do.
  auto& some = window.parted;
  some.resize(words.size());
  std::size_t count = 0;
  const auto* const bytes = window.folded.data();
  const auto begin_of = [&](std::size_t i) { return bytes + window.edges[2 * i]; };
  const auto find_some = [&](auto may_begin) {
    for (std::size_t i = 0; i < words.size(); ++i) {
      some[count] = static_cast<std::uint32_t>(i);
      count += static_cast<std::size_t>(may_begin(i));
    }
  };
  if (!window.ascii || std::memchr(bytes, '\'', window.length) != nullptr)
    find_some([&](std::size_t i) {
      return known(*begin_of(i)).first.may_hold(words[i]) || elided(begin_of(i), lengths[i]) > 0;
    });
  else
    find_some([&](std::size_t i) { return known_[0].first.may_hold(words[i]); });
  // Where words become one, the others have no length.
  bool shorter = false;
  for (std::size_t k = 0, next = 0; k < count; ++k) {
    const std::size_t i = some[k];
    if (i < next) continue;
    const auto* const begin = begin_of(i);
    auto found = meaning(window, i, words[i], known(*begin));
    if (found.word == kNoMeaning)
      if (const auto cut = elided(begin, lengths[i]); cut > 0)
        found = meaning(window, i, word_hash(begin + cut, lengths[i] - cut), known(begin[cut]));
    if (found.word == kNoMeaning) continue;
    words[i] = found.word;
    next = i + found.words;
    shorter = shorter || found.words > 1;
    for (auto other = i + 1; other < next; ++other) lengths[i] += std::exchange(lengths[other], 0);
    // Their letters mean nothing in English.
    auto* const first = window.folded.data() + window.edges[2 * i];
    std::fill(first, window.folded.data() + window.edges[2 * next - 1], ' ');
  }
  if (!shorter) return;
  std::size_t kept = 0;
  for (std::size_t i = 0; i < words.size(); ++i) {
    if (lengths[i] == 0) continue;
    words[kept] = words[i];
    lengths[kept++] = lengths[i];
  }
  words.resize(kept);
  lengths.resize(kept);
}

}  // namespace plimsoll::classify
