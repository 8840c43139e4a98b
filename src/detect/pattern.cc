#include "pattern.h"

#include <algorithm>
#include <utility>

namespace plimsoll::detect {
namespace {

using Set = std::vector<std::uint32_t>;

void join(Set& into, const Set& other) {
  into.insert(into.end(), other.begin(), other.end());
}

// Glushkov's construction.
class Builder {
 public:
  explicit Builder(Automaton& automaton) : automaton_(automaton) {}

  struct Part {
    bool empty = true;
    Set first, last;
    std::size_t longest = 0;
  };

  Part build(const Node& node) {
    switch (node.kind) {
      case Node::Kind::kBytes: {
        const auto state = static_cast<std::uint32_t>(automaton_.states.size());
        automaton_.states.push_back({.reads = node.bytes, .next = {}});
        return {.empty = false, .first = {state}, .last = {state}, .longest = 1};
      }
      case Node::Kind::kSequence: {
        Part all;
        for (const auto& part : node.parts) all = follow(std::move(all), build(part));
        return all;
      }
      case Node::Kind::kChoice: {
        Part any{.empty = false, .first = {}, .last = {}};
        for (const auto& node_part : node.parts) {
          const auto part = build(node_part);
          any.empty |= part.empty;
          join(any.first, part.first);
          join(any.last, part.last);
          any.longest = std::max(any.longest, part.longest);
        }
        return any;
      }
      case Node::Kind::kRepeat: {
        // x{2,4} is xx(x(x)?)?
        Part optional;
        for (unsigned i = node.least; i < node.most; ++i) {
          optional = follow(build(node.parts.front()), std::move(optional));
          optional.empty = true;
        }
        Part all;
        for (unsigned i = 0; i < node.least; ++i) all = follow(std::move(all), build(node.parts.front()));
        return follow(std::move(all), std::move(optional));
      }
      default:
        return {};
    }
  }

 private:
  Part follow(Part a, Part b) {
    for (const auto from : a.last) join(automaton_.states[from].next, b.first);
    Part both{.empty = a.empty && b.empty, .first = std::move(a.first), .last = std::move(b.last)};
    if (a.empty) join(both.first, b.first);
    if (b.empty) join(both.last, a.last);
    both.longest = a.longest + b.longest;
    return both;
  }

  Automaton& automaton_;
};

Before leading(const Node& node) {
  if (node.kind == Node::Kind::kBoundary) return Before::kWordBoundary;
  if (node.kind == Node::Kind::kLineStart) return Before::kLineStart;
  if (node.kind == Node::Kind::kSequence && !node.parts.empty()) return leading(node.parts.front());
  return Before::kAnything;
}

}  // namespace

Result<Automaton> parse_pattern(std::string_view pattern, bool exact_case) {
  auto syntax = parse_syntax(pattern, exact_case);
  if (!syntax) return std::unexpected(std::move(syntax).error());
  Automaton automaton;
  auto all = Builder(automaton).build(syntax->root);
  if (all.empty) return fail(Code::kInvalid, "pattern matches nothing at all: " + std::string(pattern));
  automaton.first = std::move(all.first);
  for (const auto state : all.last) automaton.states[state].accepts = true;
  automaton.before = leading(syntax->root);
  automaton.longest = all.longest;
  automaton.groups = syntax->groups;
  automaton.literals = required_literals(syntax->root);
  return automaton;
}

}  // namespace plimsoll::detect
