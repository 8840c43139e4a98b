// Makes and measures models of names.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "tagger/tagger.h"

namespace plimsoll::tagger {

// What is known of a text's names.
enum class Annotation : std::uint8_t {
  kAll,         // `spans` are all there are
  kUnmarked,    // nobody marked any; words that are surely no names count as such, others are left open
  kNone,        // there are none, however capitalised
  kFirstNames,  // as kUnmarked, but capitalised first names are persons
};

struct Example {
  std::string text;
  std::vector<NameSpan> spans;  // in order, not overlapping; confidence has no meaning
  Annotation annotation = Annotation::kAll;
};

struct TrainOptions {
  unsigned epochs = 5;
  std::uint64_t seed = 1;
  unsigned rounds = 12;  // how often each of the sentences written for practice is filled with values
};

// A model file. Equal arguments give equal bytes on one kind of processor. kInvalid when nothing can be
// learned from the examples. `progress` is told a fraction from 0 to 1.
Result<std::string> train(std::span<const Example> examples, const TrainOptions& options,
                          const std::function<void(double)>& progress = {});

// Predicted and true spans of one kind: a prediction is right when it covers a true span of its kind with an
// intersection of more than 0.7 of the union.
struct Counts {
  std::size_t found = 0;
  std::size_t predicted = 0;
  std::size_t expected = 0;

  double precision() const;
  double recall() const;
  double f(double beta) const;
  Counts& operator+=(const Counts& other);
};
using Figures = std::array<Counts, kKinds + 1>;  // the last: of any kind, whatever was said

// Adds a text's counts to `figures`, leaving out predictions below `confidence`.
void measure(std::span<const NameSpan> predicted, std::span<const NameSpan> expected, float confidence,
             Figures& figures);

// A prediction on text that was not trained on, and whether it was right.
struct Judged {
  Kind kind = Kind::kPerson;
  float confidence = 0;  // of an uncalibrated model
  bool right = false;
};
void judge(std::span<const NameSpan> predicted, std::span<const NameSpan> expected, std::vector<Judged>& out);

// The same model with its confidences made to fit (logistic regression on their logits, kind by kind).
Result<std::string> calibrate(std::string_view model, std::span<const Judged> judged);

}  // namespace plimsoll::tagger
