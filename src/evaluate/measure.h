// What the detectors and the policy make of one text.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "dataset/row.h"
#include "detect/detector.h"
#include "evaluate/report.h"
#include "model/finding.h"
#include "policy/policy.h"
#include "spans.h"

namespace plimsoll::evaluate {

enum class Truth : std::uint8_t { kUnknown, kNegative, kPositive };

// All that the figures need of a text; the text itself is gone.
struct Measured {
  std::uint32_t source = 0;  // number in the order of appearance
  std::uint32_t bytes = 0;
  float inspect_us = 0;
  float decide_us = 0;  // per verdict
  bool labelled = false;
  bool any_positive = false;  // of all labels, those that no detector answers to included
  bool training = false;      // of the training or dev split
  std::array<Truth, kCategoryCount> truth{};
  Scores scores;  // by score_of()
  std::array<Action, kColumns> actions{};
  bool has_spans = false;
  std::vector<Place> marked, found;  // by canonical types' numbers, in code points
};

// Personal data and secrets are found rather than scored: their score is the highest confidence of a finding.
// Every other category's is the detector's own.
double score_of(const Inspection& found, Category category);
constexpr bool is_found_not_scored(Category category) {
  return category == Category::kPii || category == Category::kSecret;
}

// A place whose type is still a name.
struct NamedPlace {
  Span span;  // code points
  std::string type;
};

// A text's measurements, and its lines for the files that were asked for.
struct Outcome {
  Measured measured;
  std::vector<NamedPlace> marked, found;
  std::string score_line;
  std::string mistake_line;  // empty: no mistake
};

// The thresholds that a category's answers are held against: each tier's of the policy.
struct Limit {
  std::size_t column = 0;
  double threshold = 0;
};
std::vector<Limit> limits_of(const policy::Policy& policy, Category category);

struct Judge {
  const detect::Detector& detector;
  const policy::Policy& policy;
  Direction direction = Direction::kPrompt;
  bool lawful_basis = false;
  bool want_score_line = false;
  bool want_mistake_line = false;
};

// One thread at a time per scratch.
Outcome measure(const dataset::Row& row, const Judge& judge, detect::Scratch& scratch);

}  // namespace plimsoll::evaluate
