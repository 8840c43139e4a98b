#include "word_table.h"

#include <algorithm>
#include <array>
#include <span>

#include "base/hash.h"
#include "token.h"

extern "C" {
extern const char plimsoll_tagger_words[];      // NOLINT: defined by words.S
extern const char plimsoll_tagger_words_end[];  // NOLINT
}

namespace plimsoll::tagger {
namespace {

constexpr std::array<std::string_view, kListCount> kNames{"given",        "family",
                                                          "country",      "city",
                                                          "street",       "unit",
                                                          "organization", "organization-word",
                                                          "title",        "particle",
                                                          "other",        "person-cue",
                                                          "place-cue",    "organization-cue",
                                                          "address-cue",  "abbreviation",
                                                          "street-end"};

std::string_view all_words() {
  return {plimsoll_tagger_words, plimsoll_tagger_words_end};
}

// Calls `take(list, entry)` for every entry: lines of words separated by ", " under "[list]"; '#' begins a
// comment line.
template <class Take>
void each_entry(Take take) {
  std::string_view rest = all_words();
  auto list = kNames.end();
  while (!rest.empty()) {
    const std::size_t end = std::min(rest.find('\n'), rest.size());
    std::string_view line = rest.substr(0, end);
    rest.remove_prefix(std::min(end + 1, rest.size()));
    if (line.empty() || line.front() == '#') continue;
    if (line.front() == '[') {
      list = std::ranges::find(kNames, line.substr(1, line.size() - 2));
      continue;
    }
    while (!line.empty()) {
      const std::size_t comma = std::min(line.find(','), line.size());
      std::string_view entry = line.substr(0, comma);
      line.remove_prefix(std::min(comma + 1, line.size()));
      while (entry.starts_with(' ')) entry.remove_prefix(1);
      while (entry.ends_with(' ')) entry.remove_suffix(1);
      if (!entry.empty() && list != kNames.end()) take(static_cast<List>(list - kNames.begin()), entry);
    }
  }
}

// What a word ends with, in a few bits.
std::size_t pair_of(std::string_view word) {
  const auto last = static_cast<unsigned char>(word.back());
  const auto before = static_cast<unsigned char>(word[word.size() - 2]);
  return (last * 31U + before) % 256U;
}

}  // namespace

WordTable::WordTable() : slots_(kSlots), mask_(kSlots - 1) {
  each_entry([this](List list, std::string_view entry) { add(entry, list); });
}

bool WordTable::street_end(std::string_view folded) const {
  if (folded.size() < 5 || !last_bytes_[pair_of(folded)]) return false;
  return std::ranges::any_of(street_ends_, [&](const std::string& end) {
    return folded.size() >= end.size() + 3 && folded.ends_with(end);
  });
}

void WordTable::set_usage(std::uint64_t hash, Usage usage) {
  std::uint32_t& value = at(hash);
  value = (value & kListMask) | static_cast<std::uint32_t>(usage) << kUsageShift;
}

Digest WordTable::digest() {
  return sha256(all_words());
}

std::vector<std::string_view> WordTable::entries(List wanted) {
  std::vector<std::string_view> out;
  each_entry([&](List list, std::string_view entry) {
    if (list == wanted) out.push_back(entry);
  });
  return out;
}

std::uint32_t& WordTable::at(std::uint64_t hash) {
  for (std::size_t i = hash & mask_;; i = (i + 1) & mask_) {
    Slot& slot = slots_[i];
    if (slot.value != 0 && slot.key != static_cast<std::uint32_t>(hash >> 32U)) continue;
    slot.key = static_cast<std::uint32_t>(hash >> 32U);
    return slot.value;
  }
}

// An entry of several words is found by the hash of the chain; its first word is marked.
void WordTable::add(std::string_view entry, List list) {
  if (list == List::kStreetEnd) {
    street_ends_.push_back(fold_all(entry));
    last_bytes_[pair_of(street_ends_.back())] = true;
    return;
  }
  std::string folded;
  std::uint64_t first = 0;
  std::uint64_t chain = 0;
  std::size_t words = 0;
  for (std::size_t i = 0; i < entry.size();) {
    if (entry[i] == ' ') {
      ++i;
      continue;
    }
    const Token token = token_at(entry, i, folded);
    chain = words == 0 ? token.hash : hash_pair(chain, token.hash);
    if (words == 0) first = token.hash;
    ++words;
    i = token.end;
  }
  at(chain) |= bit(list);
  if (words > 1) at(first) |= bit(List::kPhrase);
}

}  // namespace plimsoll::tagger
