#include "program.h"

#include <algorithm>
#include <array>
#include <map>
#include <utility>

namespace plimsoll::detect {

// Builds from the end: every piece knows where it goes on.
class Program::Builder {
 public:
  explicit Builder(Program& program) : program_(program) {}

  std::uint32_t build(const SyntaxNode& node, std::uint32_t next) {
    if (node.group == 1) next = add(Op::kGroup, next, 1);
    auto begin = plain(node, next);
    if (node.group == 1) begin = add(Op::kGroup, begin, 0);
    return begin;
  }

  std::uint32_t add(Op op, std::uint32_t next, std::uint32_t what = 0) {
    program_.steps_.push_back({.next = next & (kMostSteps - 1), .op = op, .what = what});
    return static_cast<std::uint32_t>(program_.steps_.size() - 1);
  }

 private:
  std::uint32_t plain(const SyntaxNode& node, std::uint32_t next) {
    switch (node.kind) {
      case SyntaxNode::Kind::kBytes:
        return add(Op::kByte, next, set(node.bytes));
      case SyntaxNode::Kind::kBoundary:
        return add(Op::kBoundary, next);
      case SyntaxNode::Kind::kLineStart:
        return add(Op::kLineStart, next);
      case SyntaxNode::Kind::kSequence:
        for (auto part = node.parts.rbegin(); part != node.parts.rend(); ++part) next = build(*part, next);
        return next;
      case SyntaxNode::Kind::kChoice: {
        auto begin = build(node.parts.back(), next);
        for (auto part = node.parts.rbegin() + 1; part != node.parts.rend(); ++part) {
          const auto preferred = build(*part, next);
          begin = add(Op::kSplit, preferred, begin);
        }
        return begin;
      }
      case SyntaxNode::Kind::kRepeat: {
        // x{2,4} is xx(x(x)?)?
        auto begin = next;
        for (unsigned i = node.least; i < node.most; ++i) {
          const auto once = build(node.parts.front(), begin);
          begin = node.lazy ? add(Op::kSplit, next, once) : add(Op::kSplit, once, next);
        }
        for (unsigned i = 0; i < node.least; ++i) begin = build(node.parts.front(), begin);
        return begin;
      }
    }
    return next;
  }

  std::uint32_t set(const Bytes& bytes) {
    auto& sets = program_.sets_;
    const auto known = std::ranges::find(sets, bytes);
    const auto number = static_cast<std::uint32_t>(known - sets.begin());
    if (known == sets.end()) sets.push_back(bytes);
    return number;
  }

  Program& program_;
};

Program::Program(const Syntax& syntax) {
  Builder builder(*this);
  const auto match = builder.add(Op::kMatch, 0);
  first_ = builder.build(syntax.root, match);
  steps_.shrink_to_fit();
  sets_.shrink_to_fit();
  classify();
}

void Program::classify() {
  // Each set divides the classes so far into what is in it and what is not.
  class_count_ = 1;
  const auto divide = [&](auto in_set) {
    std::array<std::array<std::int16_t, 2>, 256> parts;  // NOLINT(*-member-init)
    for (std::size_t i = 0; i < class_count_; ++i) parts[i].fill(-1);
    std::int16_t count = 0;
    for (std::size_t b = 0; b < classes_.size(); ++b) {
      auto& part = parts[classes_[b]][in_set(static_cast<unsigned char>(b)) ? 1 : 0];
      if (part < 0) part = count++;
      classes_[b] = static_cast<std::uint8_t>(part);
    }
    class_count_ = static_cast<std::size_t>(count);
  };
  divide([](unsigned char b) { return past_of(b) == Past::kWord; });
  divide([](unsigned char b) { return past_of(b) == Past::kLineEnd; });
  for (const auto& set : sets_) divide([&](unsigned char b) { return set[b]; });
}

}  // namespace plimsoll::detect
