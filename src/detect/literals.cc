#include <algorithm>
#include <bitset>
#include <optional>
#include <utility>
#include <vector>

#include "pattern.h"

namespace plimsoll::detect {
namespace {

// Sorted, no two alike.
using Strings = std::vector<std::string>;

constexpr std::size_t kMostStrings = 48;
constexpr std::size_t kMostOfOneByte = 5;
constexpr std::size_t kShortest = 3;

// Too common in honest text to look for.
constexpr std::string_view kCommon[] = {
    "you",  "your", "are",   "the",     "and",  "what",   "this", "that", "with",   "from",
    "have", "will", "can",   "for",     "all",  "now",    "any",  "not",  "please", "must",
    "make", "how",  "write", "message", "text", "system", "user", "tell", "give",   "show",
    "know", "say",  "act",   "want",    "get",  "use",    "only"};

char folded(char c) {
  if (c >= 'A' && c <= 'Z') return static_cast<char>(c + 32);
  return c == '\t' || c == '\n' || c == '\f' || c == '\r' ? ' ' : c;
}

struct Facts {
  std::optional<Strings> exact;  // all that the node matches
  std::optional<Strings> best;   // of which each match contains one
};

void tidy(Strings& strings) {
  std::ranges::sort(strings);
  const auto rest = std::ranges::unique(strings);
  strings.erase(rest.begin(), rest.end());
}

std::string_view trimmed(std::string_view s) {
  const auto begin = s.find_first_not_of(' ');
  return begin == std::string_view::npos ? std::string_view()
                                         : s.substr(begin, s.find_last_not_of(' ') + 1 - begin);
}

// Space around a literal is everywhere, and strings that contain another of the set add nothing.
std::vector<std::string> minimal(const Strings& all) {
  Strings strings;
  strings.reserve(all.size());
  for (const auto& s : all) strings.emplace_back(trimmed(s));
  tidy(strings);
  std::ranges::sort(strings, {}, &std::string::size);
  std::vector<std::string> kept;
  std::vector<std::size_t> starts[256];  // of `kept`, by the first byte
  for (auto& s : strings) {
    const auto holds = [&](std::size_t at) {
      return std::ranges::any_of(starts[static_cast<unsigned char>(s[at])],
                                 [&](std::size_t k) { return s.compare(at, kept[k].size(), kept[k]) == 0; });
    };
    std::size_t at = 0;
    while (at < s.size() && !holds(at)) ++at;
    if (at < s.size()) continue;
    starts[static_cast<unsigned char>(s.front())].push_back(kept.size());
    kept.push_back(std::move(s));
  }
  std::ranges::sort(kept);
  return kept;
}

double worth(std::string_view literal) {
  const auto s = trimmed(literal);
  if (s.size() < kShortest) return 0;
  if (s.size() <= 7 && std::ranges::find(kCommon, s) != std::end(kCommon)) return 1;
  return static_cast<double>(std::min<std::size_t>(s.size(), 10));
}

// How rare the commonest of the strings is likely to be.
double worth(const Strings& strings) {
  double least = 10;
  for (const auto& s : strings) {
    least = std::min(least, worth(s));
    if (least == 0) return 0;
  }
  return strings.empty() ? 0 : least - static_cast<double>(std::min<std::size_t>(strings.size(), 100)) / 200;
}

void prefer(std::optional<Strings>& best, std::optional<Strings> other) {
  if (!other) return;
  const auto value = worth(*other);
  if (value > 0 && (!best || value > worth(*best))) best = std::move(other);
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

Facts facts(const SyntaxNode& node);

Facts of_sequence(const std::vector<const SyntaxNode*>& parts) {
  Facts all;
  Strings run{""};
  bool whole = true;
  for (const auto* part : parts) {
    auto f = facts(*part);
    prefer(all.best, std::move(f.best));
    if (f.exact && cross(run, *f.exact)) continue;
    whole = false;
    prefer(all.best, std::move(run));
    run = f.exact ? *std::move(f.exact) : Strings{""};
  }
  if (whole) all.exact = run;
  prefer(all.best, std::move(run));
  return all;
}

Facts facts(const SyntaxNode& node) {
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
      return of_sequence(parts);
    }
    case SyntaxNode::Kind::kChoice: {
      Facts any{.exact = Strings{}, .best = Strings{}};
      for (const auto& part : node.parts) {
        auto f = facts(part);
        prefer(f.best, f.exact);
        if (!f.best) any.best.reset();
        if (any.best) any.best->insert(any.best->end(), f.best->begin(), f.best->end());
        if (!f.exact) any.exact.reset();
        if (any.exact) any.exact->insert(any.exact->end(), f.exact->begin(), f.exact->end());
      }
      if (any.best) tidy(*any.best);
      if (any.exact) tidy(*any.exact);
      if (any.exact && any.exact->size() > kMostStrings) any.exact.reset();
      return any;
    }
    case SyntaxNode::Kind::kRepeat: {
      if (node.least == 0) {
        auto f = facts(node.parts.front());
        if (node.most > 1 || !f.exact) return {};
        f.exact->emplace_back();
        tidy(*f.exact);
        return {.exact = std::move(f.exact), .best = {}};
      }
      auto f = of_sequence(std::vector<const SyntaxNode*>(node.least, &node.parts.front()));
      if (node.most > node.least) {
        prefer(f.best, f.exact);
        f.exact.reset();
      }
      return f;
    }
    default:
      return {.exact = Strings{""}, .best = {}};
  }
}

}  // namespace

std::vector<std::string> required_literals(const SyntaxNode& root) {
  auto all = facts(root);
  prefer(all.best, std::move(all.exact));
  if (!all.best || worth(*all.best) < .5) return {};
  return minimal(*all.best);
}

}  // namespace plimsoll::detect
