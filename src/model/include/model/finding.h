// What a detector found, and where.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "model/category.h"

namespace plimsoll {

// A half-open range of bytes in a segment's original text.
struct Span {
  std::size_t begin = 0;
  std::size_t end = 0;
  friend bool operator==(const Span&, const Span&) = default;
};

// The matched text itself is never part of a finding. `entity` and `detector` point into the detector that
// made it, which outlives every request that uses it.
struct Finding {
  Category category = Category::kPii;
  std::string_view entity;    // "EMAIL_ADDRESS", "AWS_ACCESS_KEY", "IGNORE_INSTRUCTIONS", … (Presidio's names
                              // for personal data)
  std::string_view detector;  // the rule's id: "pii.email"
  Span span;
  double confidence = 1;      // (0, 1]
  std::uint32_t segment = 0;  // index into Conversation::segments
  bool continuation = false;  // in a stream: this span goes on from the finding before it
};

// What one text contains.
struct Inspection {
  std::vector<Finding> findings;  // in order of appearance; overlaps merged per category
  Scores scores;                  // the detectors' own
  // At which harm begins, at which ideas of it do, and that are in ciphers, as detect/fullness.h counts them.
  std::size_t places = 0, ideas = 0, ciphered = 0;
};

}  // namespace plimsoll
