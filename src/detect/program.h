// A pattern as a program: what a match is made of, in the order in which its alternatives are preferred.
//
// Thompson's construction with Perl's preferences, over the subset of syntax.h. Immutable.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "syntax.h"

namespace plimsoll::detect {

class Program {
 public:
  enum class Op : std::uint8_t {
    kByte,       // reads one of set `what`, goes on at `next`
    kSplit,      // goes on at `next`, or else at `what`
    kBoundary,   // \b, then `next`
    kLineStart,  // ^, then `next`
    kGroup,      // the first group begins (`what` 0) or ends (1) here, then `next`
    kMatch,
  };
  // Eight bytes: there are hundreds of thousands.
  struct Step {
    std::uint32_t next : 24 = 0;
    Op op : 8 = Op::kMatch;
    std::uint32_t what = 0;
  };
  static constexpr std::uint32_t kMostSteps = 1U << 24U;  // patterns are bounded (parse_pattern) to far fewer

  Program() = default;
  explicit Program(const Syntax& syntax);

  // Bytes that no step and no assertion tells apart are of one class.
  std::uint8_t class_of(unsigned char byte) const { return classes_[byte]; }
  std::size_t classes() const { return class_count_; }

  const std::vector<Step>& steps() const { return steps_; }
  std::uint32_t first() const { return first_; }
  bool reads(std::uint32_t set, unsigned char byte) const { return sets_[set][byte]; }
  // What a byte is to the assertions that follow it.
  enum class Past : std::uint8_t { kOther, kWord, kLineEnd };
  static Past past_of(unsigned char byte) {
    const bool word = (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') ||
                      (byte >= '0' && byte <= '9') || byte == '_';
    return word ? Past::kWord : byte == '\n' ? Past::kLineEnd : Past::kOther;
  }

 private:
  class Builder;
  void classify();
  std::vector<Step> steps_;
  std::uint32_t first_ = 0;
  std::vector<Bytes> sets_;
  std::array<std::uint8_t, 256> classes_{};
  std::size_t class_count_ = 1;
};

}  // namespace plimsoll::detect
