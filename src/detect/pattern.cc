#include "pattern.h"

#include <algorithm>
#include <utility>

namespace plimsoll::detect {
namespace {

constexpr std::size_t kMostStates = 60'000;
constexpr std::size_t kMostMoves = 4'000'000;
// In a megabyte: where literals are likely to stand more often, matches are looked for by how they begin.
constexpr double kTooOften = 1500;

// How many states the automaton of a node has at most, and what it is beside them, without building it.
std::size_t states_of(const SyntaxNode& node) {
  std::size_t count = node.parts.empty() ? 1 : 0;
  for (const auto& part : node.parts) count = std::min(count + states_of(part), kMostStates + 1);
  return node.kind == SyntaxNode::Kind::kRepeat ? std::min(count * node.most, kMostStates + 1) : count;
}

using Set = std::vector<std::uint32_t>;

void join(Set& into, const Set& other) {
  into.insert(into.end(), other.begin(), other.end());
}

// Glushkov's construction.
class Builder {
 public:
  explicit Builder(Automaton& automaton) : automaton_(automaton) {}
  bool too_large() const { return moves_ > kMostMoves; }

  struct Part {
    bool empty = true;
    Set first, last;
    std::size_t longest = 0;
  };

  Part build(const SyntaxNode& node) {
    switch (node.kind) {
      case SyntaxNode::Kind::kBytes: {
        const auto state = static_cast<std::uint32_t>(automaton_.states.size());
        automaton_.states.push_back({.reads = node.bytes, .next = {}});
        return {.empty = false, .first = {state}, .last = {state}, .longest = 1};
      }
      case SyntaxNode::Kind::kSequence: {
        Part all;
        for (const auto& part : node.parts) all = follow(std::move(all), build(part));
        return all;
      }
      case SyntaxNode::Kind::kChoice: {
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
      case SyntaxNode::Kind::kRepeat: {
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
    moves_ += a.last.size() * b.first.size();
    if (!too_large())
      for (const auto from : a.last) join(automaton_.states[from].next, b.first);
    Part both{.empty = a.empty && b.empty, .first = std::move(a.first), .last = std::move(b.last)};
    if (a.empty) join(both.first, b.first);
    if (b.empty) join(both.last, a.last);
    both.longest = a.longest + b.longest;
    return both;
  }

  Automaton& automaton_;
  std::size_t moves_ = 0;
};

Before leading(const SyntaxNode& node) {
  if (node.kind == SyntaxNode::Kind::kBoundary) return Before::kWordBoundary;
  if (node.kind == SyntaxNode::Kind::kLineStart) return Before::kLineStart;
  if (node.kind == SyntaxNode::Kind::kSequence && !node.parts.empty()) return leading(node.parts.front());
  return Before::kAnything;
}

// The choice that a pattern is, but for assertions around it, which `edges` learns; null where it is more.
const SyntaxNode* choice_in(const SyntaxNode& node, Edges& edges) {
  if (node.kind == SyntaxNode::Kind::kChoice) return &node;
  if (node.kind != SyntaxNode::Kind::kSequence) return nullptr;
  const SyntaxNode* choice = nullptr;
  for (const auto& part : node.parts) {
    if (part.kind == SyntaxNode::Kind::kBoundary || part.kind == SyntaxNode::Kind::kLineStart) {
      (choice == nullptr ? edges.before : edges.behind) = true;
      continue;
    }
    if (choice != nullptr) return nullptr;
    choice = choice_in(part, edges);
    if (choice == nullptr) return nullptr;
  }
  return choice;
}

std::vector<Automaton> alternatives_of(const SyntaxNode& root) {
  std::vector<Automaton> all;
  Edges edges;
  const auto* choice = choice_in(root, edges);
  if (choice == nullptr) return all;
  all.resize(choice->parts.size());
  for (std::size_t i = 0; i < all.size(); ++i) {
    all[i].first = Builder(all[i]).build(choice->parts[i]).first;
    all[i].literals = required_literals(choice->parts[i], edges).literals;
  }
  return all;
}

}  // namespace

Result<Automaton> parse_pattern(std::string_view pattern, bool exact_case) {
  auto syntax = parse_syntax(pattern, exact_case);
  if (!syntax) return std::unexpected(std::move(syntax).error());
  if (states_of(syntax->root) > kMostStates)
    return fail(Code::kInvalid, "its repeats multiply to more than 60,000 bytes");
  Automaton automaton;
  Builder builder(automaton);
  auto all = builder.build(syntax->root);
  if (builder.too_large()) return fail(Code::kInvalid, "its alternatives and repeats multiply too far");
  if (all.empty) return fail(Code::kInvalid, "the pattern matches the empty text");
  automaton.first = std::move(all.first);
  for (const auto state : automaton.first) automaton.begins |= automaton.states[state].reads;
  automaton.begins_beyond_ascii = automaton.begins._Find_first() >= 0x80;
  for (const auto state : all.last) automaton.states[state].accepts = true;
  automaton.before = leading(syntax->root);
  automaton.longest = all.longest;
  automaton.groups = syntax->groups;
  auto required = required_literals(syntax->root);
  if (automaton.before == Before::kWordBoundary && (required.literals.empty() || required.often > kTooOften))
    automaton.beginnings = beginnings_of(syntax->root);
  if (automaton.beginnings.empty()) automaton.literals = std::move(required.literals);
  if (!automaton.literals.empty()) automaton.alternatives = alternatives_of(syntax->root);
  automaton.program = Program(*syntax);
  return automaton;
}

}  // namespace plimsoll::detect
