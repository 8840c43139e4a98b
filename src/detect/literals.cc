#include <algorithm>
#include <array>
#include <bitset>
#include <optional>
#include <tuple>
#include <unordered_map>
#include <utility>
#include <vector>

#include "common_words.h"
#include "pattern.h"
#include "word_bytes.h"

namespace plimsoll::detect {
namespace {

// Sorted, no two alike. kEdge stands in them where a word begins or ends.
using Strings = std::vector<std::string>;
constexpr char kEdge = '\0';

constexpr std::size_t kMostStrings = 48;
constexpr std::size_t kMostOfOneByte = 5;
constexpr std::size_t kShortest = 3;

char folded(char c) {
  if (c >= 'A' && c <= 'Z') return static_cast<char>(c + 32);
  return c == '\t' || c == '\n' || c == '\f' || c == '\r' ? ' ' : c;
}

// Of which each match contains one, and how often they are likely to stand in a megabyte.
struct Required {
  Strings strings;
  double often = 0;
};

struct Facts {
  std::optional<Strings> exact;  // all that the node matches
  std::optional<Required> best;
};

void tidy(Strings& strings) {
  std::ranges::sort(strings);
  const auto rest = std::ranges::unique(strings);
  strings.erase(rest.begin(), rest.end());
}

// Space around a literal is everywhere, and says what an edge does.
Literal literal_of(std::string_view s) {
  constexpr std::string_view kAround(" \0", 2);
  const auto begin = std::min(s.find_first_not_of(kAround), s.size());
  const auto end = s.find_last_not_of(kAround) + 1;
  if (begin >= end) return {};
  Literal literal{.bytes = std::string(s.substr(begin, end - begin))};
  std::erase(literal.bytes, kEdge);
  literal.begins_word = begin > 0 && is_word(literal.bytes.front());
  literal.ends_word = end < s.size() && is_word(literal.bytes.back());
  return literal;
}

// Those that contain another of the set add nothing.
std::vector<Literal> minimal(const Strings& all) {
  std::vector<Literal> literals;
  literals.reserve(all.size());
  for (const auto& s : all) literals.push_back(literal_of(s));
  std::ranges::sort(literals, {}, [](const Literal& l) {
    return std::tuple(l.bytes.size(), l.begins_word + l.ends_word, std::string_view(l.bytes));
  });
  std::vector<Literal> kept;
  for (auto& literal : literals)
    if (std::ranges::none_of(kept, [&](const Literal& other) { return literal.contains(other); }))
      kept.push_back(std::move(literal));
  std::ranges::sort(kept);
  return kept;
}

const std::unordered_map<std::string_view, unsigned>& ranks_of_common_words() {
  static const auto ranks = [] {
    std::unordered_map<std::string_view, unsigned> made;
    for (auto rest = kCommonWords; !rest.empty();) {
      const auto word = rest.substr(0, rest.find(' '));
      made.emplace(word, static_cast<unsigned>(made.size()));
      rest.remove_prefix(word.size() + 1);
    }
    return made;
  }();
  return ranks;
}

// How often a run of bytes of a kind is likely to stand in a megabyte of text. `edges`: how many of its ends are a word's. As
// counted for common words, roughly for others.
double often(std::string_view run, int edges) {
  constexpr std::size_t kLongest = 6;
  const auto by_length = [&](const std::array<double, kLongest>& often, std::size_t length) {
    return often.at(std::clamp<std::size_t>(length, 1, kLongest) - 1);
  };
  const auto first = static_cast<unsigned char>(run.front());
  if (first >= 0xE3)
    return by_length({60, 10, 4, 3, 2, 2}, run.size() / 3);  // a character is a syllable or a word
  if (first >= 0xE0) return by_length({300, 100, 30, 10, 6, 4}, run.size() / 3);
  if (first >= 0x80) return by_length({300, 100, 30, 10, 6, 4}, run.size() / 2);
  if (!is_word(run.front())) return by_length({2000, 300, 50, 20, 10, 10}, run.size());
  constexpr std::array<std::array<double, kLongest>, 3> kLetters = {
      {{2000, 1000, 300, 100, 40, 15}, {1000, 300, 60, 30, 15, 8}, {500, 200, 12, 8, 6, 4}}};
  const double rest = by_length(kLetters.at(static_cast<std::size_t>(edges)), run.size());
  constexpr double kWords = 15'000, kRanks = 20;
  const auto& ranks = ranks_of_common_words();
  const auto known = ranks.find(run);
  return known == ranks.end() ? rest : std::max(rest, kWords / (kRanks + known->second));
}

// The same of a literal: as often as the rarest of its runs, and of several less.
double often(const Literal& literal) {
  constexpr double kEachMore = .2;
  const auto kind = [](char c) {
    return is_word(c) ? 0 : c == ' ' ? 1 : static_cast<unsigned char>(c) >= 0x80 ? 2 : 3;
  };
  const std::string_view bytes = literal.bytes;
  double least = 0;
  for (std::size_t at = 0; at < bytes.size();) {
    auto end = at + 1;
    while (end < bytes.size() && kind(bytes[end]) == kind(bytes[at])) ++end;
    const int edges =
        (at > 0 || literal.begins_word ? 1 : 0) + (end < bytes.size() || literal.ends_word ? 1 : 0);
    const auto run = bytes.substr(at, end - at);
    if (bytes[at] != ' ')
      least = least == 0 ? often(run, edges) : std::min(least, often(run, edges)) * kEachMore;
    at = end;
  }
  return least;
}

// Nothing where one of them is too short to be looked for.
std::optional<Required> required(Strings strings) {
  Required all{.strings = std::move(strings)};
  for (const auto& s : all.strings) {
    const auto literal = literal_of(s);
    if (literal.bytes.size() < kShortest) return std::nullopt;
    all.often += often(literal);
  }
  if (all.strings.empty()) return std::nullopt;
  return all;
}

void prefer(std::optional<Required>& best, std::optional<Required> other) {
  if (other && (!best || other->often < best->often)) best = std::move(other);
}

// Each of `a` before each of `b`, in place of `a`; false, and nothing done, where that would be too many.
bool cross(Strings& a, const Strings& b) {
  if (a.size() * b.size() > kMostStrings) return false;
  if (b.size() == 1) {
    for (auto& x : a) x += b.front();
  } else {
    Strings both;
    both.reserve(a.size() * b.size());
    for (const auto& x : a)
      for (const auto& y : b) both.push_back(x + y);
    a.swap(both);
  }
  if (a.size() > b.size()) tidy(a);  // there were several before
  return true;
}

Facts facts(const SyntaxNode& node, Edges edges);

// Whether what matches the node begins, or ends, with no byte of a word, or at the edge of one.
bool has_edge(const SyntaxNode& node, bool first) {
  switch (node.kind) {
    case SyntaxNode::Kind::kBoundary:
    case SyntaxNode::Kind::kLineStart:
      return true;
    case SyntaxNode::Kind::kBytes: {
      for (auto b = node.bytes._Find_first(); b < 256; b = node.bytes._Find_next(b))
        if (is_word(static_cast<char>(b))) return false;
      return true;
    }
    case SyntaxNode::Kind::kSequence:
      return !node.parts.empty() && has_edge(first ? node.parts.front() : node.parts.back(), first);
    case SyntaxNode::Kind::kChoice:
      return std::ranges::all_of(node.parts, [&](const auto& part) { return has_edge(part, first); });
    case SyntaxNode::Kind::kRepeat:
      return node.least > 0 && has_edge(node.parts.front(), first);
  }
  return false;
}

// Whether there is one between parts[at - 1] and parts[at], by what is read before that place, or behind it; `otherwise`: what is
// known of the places before all parts and behind them.
bool has_edge(const std::vector<const SyntaxNode*>& parts, std::size_t at, bool before, Edges otherwise) {
  for (auto i = before ? at - 1 : at; i < parts.size();
       before ? --i : ++i) {  // before the first comes SIZE_MAX
    const auto& part = *parts[i];
    const bool may_lack = part.kind == SyntaxNode::Kind::kRepeat && part.least == 0;
    if (!may_lack) return has_edge(part, !before);
    if (!has_edge(part.parts.front(), !before)) return false;
  }
  return before ? otherwise.before : otherwise.behind;
}

Facts of_sequence(const std::vector<const SyntaxNode*>& parts, Edges around) {
  Facts all;
  Strings run;
  const auto begin = [&](std::size_t at) {
    run.assign(1, std::string(has_edge(parts, at, true, around) ? 1 : 0, kEdge));
  };
  const auto end = [&](std::size_t at) {
    if (has_edge(parts, at, false, around))
      for (auto& s : run) s += kEdge;
  };
  begin(0);
  bool whole = true;
  for (std::size_t i = 0; i < parts.size(); ++i) {
    auto f = facts(*parts[i], {.before = has_edge(parts, i, true, around),
                               .behind = has_edge(parts, i + 1, false, around)});
    prefer(all.best, std::move(f.best));
    if (f.exact && cross(run, *f.exact)) continue;
    whole = false;
    end(i);
    prefer(all.best, required(std::exchange(run, {})));
    begin(f.exact ? i : i + 1);
    if (f.exact) cross(run, *f.exact);
  }
  end(parts.size());
  if (whole) all.exact = run;
  prefer(all.best, required(std::move(run)));
  return all;
}

Facts facts(const SyntaxNode& node, Edges edges) {
  switch (node.kind) {
    case SyntaxNode::Kind::kBytes: {
      std::bitset<256> bytes;
      for (auto b = node.bytes._Find_first(); b < 256; b = node.bytes._Find_next(b))
        bytes.set(static_cast<unsigned char>(folded(static_cast<char>(b))));
      if (bytes.count() > kMostOfOneByte) return {};
      Strings strings;
      for (auto b = bytes._Find_first(); b < 256; b = bytes._Find_next(b))
        strings.emplace_back(1, static_cast<char>(b));
      return {.exact = std::move(strings), .best = {}};
    }
    case SyntaxNode::Kind::kSequence: {
      std::vector<const SyntaxNode*> parts;
      parts.reserve(node.parts.size());
      for (const auto& part : node.parts) parts.push_back(&part);
      return of_sequence(parts, edges);
    }
    case SyntaxNode::Kind::kChoice: {
      Facts any{.exact = Strings{}, .best = Required{}};
      for (const auto& part : node.parts) {
        auto f = facts(part, edges);
        if (f.exact) prefer(f.best, required(*f.exact));
        if (!f.best) any.best.reset();
        if (any.best) {
          any.best->strings.insert(any.best->strings.end(), f.best->strings.begin(), f.best->strings.end());
          any.best->often += f.best->often;
        }
        if (!f.exact) any.exact.reset();
        if (any.exact) any.exact->insert(any.exact->end(), f.exact->begin(), f.exact->end());
      }
      if (any.best) tidy(any.best->strings);
      if (any.exact) tidy(*any.exact);
      if (any.exact && any.exact->size() > kMostStrings) any.exact.reset();
      return any;
    }
    case SyntaxNode::Kind::kRepeat: {
      if (node.least == 0) {
        auto f = facts(node.parts.front(), edges);
        if (node.most > 1 || !f.exact) return {};
        f.exact->emplace_back();
        tidy(*f.exact);
        return {.exact = std::move(f.exact), .best = {}};
      }
      const bool more = node.most > node.least;
      if (more) edges.behind = edges.behind && has_edge(node.parts.front(), true);
      auto f = of_sequence(std::vector<const SyntaxNode*>(node.least, &node.parts.front()), edges);
      if (more) {
        if (f.exact) prefer(f.best, required(*std::move(f.exact)));
        f.exact.reset();
      }
      return f;
    }
    case SyntaxNode::Kind::kBoundary:
    case SyntaxNode::Kind::kLineStart:
      break;
  }
  return {.exact = Strings{std::string(1, kEdge)}, .best = {}};
}

}  // namespace

bool Literal::contains(const Literal& other) const {
  const auto size = other.bytes.size();
  for (auto at = bytes.find(other.bytes); at != std::string::npos; at = bytes.find(other.bytes, at + 1)) {
    const auto end = at + size;
    const bool begins =
        !other.begins_word || (at == 0 ? begins_word : is_word(bytes[at]) != is_word(bytes[at - 1]));
    const bool ends = !other.ends_word ||
                      (end == bytes.size() ? ends_word : is_word(bytes[end - 1]) != is_word(bytes[end]));
    if (begins && ends) return true;
  }
  return false;
}

RequiredLiterals required_literals(const SyntaxNode& root, Edges edges) {
  auto all = facts(root, edges);
  if (all.exact) prefer(all.best, required(*std::move(all.exact)));
  if (!all.best) return {};
  return {.literals = minimal(all.best->strings), .often = all.best->often};
}

}  // namespace plimsoll::detect
