#include <algorithm>
#include <optional>
#include <set>
#include <utility>

#include "pattern.h"

namespace plimsoll::detect {
namespace {

using Strings = std::set<std::string>;

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

std::string_view trimmed(std::string_view s) {
  const auto begin = s.find_first_not_of(' ');
  return begin == std::string_view::npos ? std::string_view()
                                         : s.substr(begin, s.find_last_not_of(' ') + 1 - begin);
}

// Space around a literal is everywhere, and strings that contain another of the set add nothing.
std::vector<std::string> minimal(const Strings& all) {
  Strings strings;
  std::vector<std::string> kept;
  for (const auto& s : all) strings.emplace(trimmed(s));
  for (const auto& s : strings)
    if (std::ranges::none_of(strings, [&](const auto& t) { return t.size() < s.size() && s.contains(t); }))
      kept.push_back(s);
  return kept;
}

// How rare the commonest of the strings is likely to be.
double worth(const Strings& strings) {
  double least = 10;
  for (const auto& whole : strings) {
    const auto s = trimmed(whole);
    if (s.size() < kShortest) return 0;
    auto value = static_cast<double>(std::min<std::size_t>(s.size(), 10));
    if (s.size() <= 7 && std::ranges::find(kCommon, s) != std::end(kCommon)) value = 1;
    least = std::min(least, value);
  }
  return strings.empty() ? 0 : least - static_cast<double>(std::min<std::size_t>(strings.size(), 100)) / 200;
}

void prefer(std::optional<Strings>& best, const std::optional<Strings>& other) {
  if (!other) return;
  const auto value = worth(*other);
  if (value > 0 && (!best || value > worth(*best))) best = other;
}

std::optional<Strings> cross(const Strings& a, const Strings& b) {
  if (a.size() * b.size() > kMostStrings) return std::nullopt;
  Strings both;
  for (const auto& x : a)
    for (const auto& y : b) both.insert(x + y);
  return both;
}

Facts facts(const SyntaxNode& node);

Facts of_sequence(const std::vector<const SyntaxNode*>& parts) {
  Facts all;
  std::optional<Strings> run = Strings{""};
  bool whole = true;
  for (const auto* part : parts) {
    auto f = facts(*part);
    prefer(all.best, f.best);
    auto longer = f.exact ? cross(*run, *f.exact) : std::nullopt;
    if (longer) {
      run = std::move(longer);
      continue;
    }
    whole = false;
    prefer(all.best, run);
    run = f.exact ? std::move(f.exact) : Strings{""};
  }
  prefer(all.best, run);
  if (whole) all.exact = std::move(run);
  return all;
}

Facts facts(const SyntaxNode& node) {
  switch (node.kind) {
    case SyntaxNode::Kind::kBytes: {
      Strings strings;
      for (unsigned b = 0; b < 256; ++b)
        if (node.bytes[b]) strings.insert(std::string(1, folded(static_cast<char>(b))));
      if (strings.size() > kMostOfOneByte) return {};
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
        if (any.best) any.best->insert(f.best->begin(), f.best->end());
        if (!f.exact) any.exact.reset();
        if (any.exact) any.exact->insert(f.exact->begin(), f.exact->end());
      }
      if (any.exact && any.exact->size() > kMostStrings) any.exact.reset();
      return any;
    }
    case SyntaxNode::Kind::kRepeat: {
      if (node.least == 0) {
        auto f = facts(node.parts.front());
        if (node.most > 1 || !f.exact) return {};
        f.exact->insert("");
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
  prefer(all.best, all.exact);
  if (!all.best || worth(*all.best) < .5) return {};
  return minimal(*all.best);
}

}  // namespace plimsoll::detect
