#include "first_words.h"

#include <limits>
#include <map>
#include <optional>
#include <utility>

#include "literal_scan.h"

namespace plimsoll::detect {
namespace {

constexpr std::size_t kMostBeginnings = 4096;
constexpr std::size_t kMostOfOneByte = 8;

// What goes on in more ways is not read further than so many bytes.
constexpr std::size_t kManyOpen = 128, kEnough = 4;

// What has been read of matches so far.
struct Read {
  std::vector<std::string> open;  // whatever follows is known
  std::vector<Beginning> closed;
  bool too_many = false;  // not all of it is there

  void close() {
    for (auto& bytes : open) closed.push_back({.bytes = std::move(bytes)});
    open.clear();
  }
  std::size_t size() const { return open.size() + closed.size(); }
  void join(Read other) {
    too_many = too_many || other.too_many;
    open.insert(open.end(), std::make_move_iterator(other.open.begin()),
                std::make_move_iterator(other.open.end()));
    closed.insert(closed.end(), std::make_move_iterator(other.closed.begin()),
                  std::make_move_iterator(other.closed.end()));
  }
  void tidy() {
    const auto unique = [](auto& all) {
      std::ranges::sort(all);
      const auto rest = std::ranges::unique(all);
      all.erase(rest.begin(), rest.end());
    };
    unique(open);
    if (open.size() > kManyOpen) {
      const auto enough =
          std::ranges::partition(open, [](const auto& bytes) { return bytes.size() < kEnough; });
      for (auto& bytes : enough) closed.push_back({.bytes = std::move(bytes)});
      open.erase(enough.begin(), enough.end());
    }
    unique(closed);
    too_many = too_many || size() > kMostBeginnings;
  }
};

// What is read where `node` follows what is open.
Read follow(std::vector<std::string> open, const SyntaxNode& node) {
  Read read{.open = std::move(open), .closed = {}};
  if (read.open.empty()) return read;
  switch (node.kind) {
    case SyntaxNode::Kind::kBytes: {
      std::string bytes;
      for (unsigned b = 0; b < 256; ++b)
        if (const auto c = fold_for_literals(static_cast<char>(b)); node.bytes[b] && !bytes.contains(c))
          bytes += c;
      if (bytes.size() > kMostOfOneByte) {
        read.close();
        return read;
      }
      for (const auto& before : std::exchange(read.open, {}))
        for (const char c : bytes)
          if (before.size() + 1 < Beginning::kLongest)
            read.open.push_back(before + c);
          else
            read.closed.push_back({.bytes = before + c});
      return read;
    }
    case SyntaxNode::Kind::kBoundary:
      for (auto& before : std::exchange(read.open, {}))
        if (before.empty() || !is_word(before.back()))
          read.open.push_back(std::move(before));
        else
          read.closed.push_back({.bytes = std::move(before), .whole_word = true});
      return read;
    case SyntaxNode::Kind::kLineStart:
      read.close();
      return read;
    case SyntaxNode::Kind::kSequence:
      for (const auto& part : node.parts) {
        read.join(follow(std::exchange(read.open, {}), part));
        read.tidy();
        if (read.too_many) return read;
      }
      return read;
    case SyntaxNode::Kind::kChoice: {
      Read any;
      for (const auto& part : node.parts) {
        any.join(follow(read.open, part));
        if (any.size() > kMostBeginnings) any.tidy();  // its parts may read the same
        if (any.too_many) return any;
      }
      any.tidy();
      return any;
    }
    case SyntaxNode::Kind::kRepeat: {
      Read all;
      for (unsigned i = 0; i < node.most && !read.open.empty() && !all.too_many; ++i) {
        if (i >= node.least) all.open.insert(all.open.end(), read.open.begin(), read.open.end());
        auto once = follow(std::move(read.open), node.parts.front());
        once.tidy();
        read.open = std::exchange(once.open, {});
        all.join(std::move(once));
        all.tidy();
      }
      all.join(std::move(read));
      all.tidy();
      return all;
    }
  }
  return read;
}

}  // namespace

std::vector<Beginning> beginnings_of(const SyntaxNode& root) {
  auto read = follow({""}, root);
  read.close();
  read.tidy();
  if (read.too_many) return {};
  for (const auto& [bytes, whole_word] : read.closed) {
    if (bytes.empty() || !is_word(bytes.front())) return {};
    const bool is_known = whole_word || std::ranges::any_of(bytes, [](char c) { return !is_word(c); });
    if (!is_known && bytes.size() < 3) return {};
  }
  // What begins as another does adds nothing: in order it comes right behind it.
  std::vector<Beginning> beginnings;
  for (auto& one : read.closed)
    if (beginnings.empty() || beginnings.back().whole_word || !one.bytes.starts_with(beginnings.back().bytes))
      beginnings.push_back(std::move(one));
  return beginnings;
}

FirstWords::FirstWords(const std::vector<Entry>& entries) {
  std::map<Beginning, std::vector<std::uint16_t>> by_beginning;
  for (const auto& [beginning, rule] : entries) by_beginning[beginning].push_back(rule);
  std::map<std::uint64_t, std::vector<const decltype(by_beginning)::value_type*>> by_key;
  for (const auto& one : by_beginning) {
    const auto& [bytes, whole_word] = one.first;
    const auto word = static_cast<std::size_t>(std::ranges::find_if_not(bytes, is_word) - bytes.begin());
    const bool is_known = word < bytes.size() || whole_word;
    const auto key = bytes.size() == Beginning::kLongest ? key_of(load(bytes, 0), bytes.size(), kEight)
                     : is_known && word <= kLongestWord  ? key_of(load(bytes, 0), word, kWord)
                     : word >= 4                         ? key_of(load(bytes, 0), 4, kFour)
                                                         : key_of(load(bytes, 0), 3, kThree);
    by_key[key].push_back(&one);
    const auto h = hash(key);
    filter_[h >> 6U] |= std::uint64_t{1} << (h & 63U);
  }
  slots_.resize(std::bit_ceil(by_key.size() * 2 + 1));
  for (const auto& [key, all] : by_key) {
    auto i = hash(key);
    while (slots_[i & (slots_.size() - 1)].count != 0) ++i;
    slots_[i & (slots_.size() - 1)] = {.key = key,
                                       .first = static_cast<std::uint32_t>(begins_.size()),
                                       .count = static_cast<std::uint32_t>(all.size())};
    for (const auto* one : all) {
      const auto& [beginning, rules] = *one;
      begins_.push_back({.bytes = load(beginning.bytes, 0),
                         .mask = mask_of(beginning.bytes.size()),
                         .size = static_cast<std::uint8_t>(beginning.bytes.size()),
                         .whole_word = beginning.whole_word,
                         .rules = static_cast<std::uint16_t>(rules.size()),
                         .first = static_cast<std::uint32_t>(rules_.size())});
      rules_.insert(rules_.end(), rules.begin(), rules.end());
    }
  }
  begins_.shrink_to_fit();
  rules_.shrink_to_fit();
}

}  // namespace plimsoll::detect
