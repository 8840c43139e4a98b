// Training the risk model.
//
// Deterministic: the same examples, in the same order, and the same options give the same model, bit for bit.
// One thread; several calls may run at once.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "classify/model.h"
#include "dataset/row.h"

namespace plimsoll::classify {

enum class Label : std::int8_t { kUnknown = -1, kNegative = 0, kPositive = 1 };

struct Example {
  std::string text;  // as the normalizer leaves it, as texts are that a model is to assess
  std::string source;
  std::array<Label, kHeadCount> labels{};  // in the order of kHeads
  double weight = 1;                       // (0, 1]

  Example() { labels.fill(Label::kUnknown); }
  static Example from(const dataset::Row& row);
  bool labelled() const;
};

// The rows of JSONL files, plain or gzip, that have a label which a head learns, but for those of sources in which a label
// speaks of one sentence (train.cc). Errors name file and line.
Result<std::vector<Example>> read_examples(const std::vector<std::string>& files);

struct TrainOptions {
  std::uint64_t seed = 1;
  unsigned epochs = 4;
  unsigned row_bits = 18;

  // Which n-grams take part: those that occur in this many examples, of this many sources.
  unsigned min_examples = 3;
  unsigned min_sources = 2;

  // Each source's share of a class grows with its size to the power of 1 - balance.
  double balance = 1;
  double positive_share = 0.5;  // of all weight of a head
  double max_weight = 40;       // of one example, against a mean of 1

  double rate = 0.3;          // AdaGrad, n-grams
  double decay = 0;           // L2, of the n-grams that an example has
  double dropout = 0;         // of n-grams
  double shrink = 20;         // see Parameters
  double window_share = 0.5;  // weight of a long text's window beside the whole text
  double penalty = 1;         // of a window's logit

  unsigned width = 64;    // of the words' vectors, a multiple of 64; 0: the linear part alone
  unsigned min_word = 2;  // how often a word must occur to have one
  unsigned hidden = 32;
  double network_rate = 0.05;
  double network_decay = 0;
  double hidden_dropout = 0.3;
  double gain = 4;
  double floor = 0.3;  // of squares of vectors, in units of the mean square length of a word's vector

  // Probabilities are fitted to the logits of examples whose sources were left out, each source of a class
  // counting the same, as if positives had these shares. 0 folds: probabilities as trained.
  unsigned calibration_folds = 0;
  PerHead base_rates{0.05, 0.1, 0.08, 0.1, 0.25, 0.05, 0.3};
};

// Called between steps: what is being done, and how much of all work is done, 0 to 1. False stops the training
// (kUnavailable, "stopped").
using Progress = std::function<bool(std::string_view step, double done)>;

// kInvalid when no head has both positive and negative examples, or an option is out of range.
Result<Model> train(std::span<const Example> examples, const TrainOptions& options,
                    const Progress& progress = {});

// The same, with the state written to `checkpoint` after every epoch and taken up from there if it belongs to
// the same examples and options. The file is removed at the end.
Result<Model> train(std::span<const Example> examples, const TrainOptions& options, const Progress& progress,
                    const std::string& checkpoint);

// For each of the calibration folds that assign_folds() makes, the model that has not seen its examples, its
// probabilities fitted to the other folds' examples as train() does; none for a fold without which nothing is left
// to learn. What a model says of text that it has never seen: kInvalid as train(), and without folds.
Result<std::vector<std::optional<Model>>> train_left_out(std::span<const Example> examples,
                                                         const TrainOptions& options,
                                                         const Progress& progress = {});

// The model with its probabilities fitted to an operator's own examples: per head, a logistic curve through the
// scores that the model gives. Heads with fewer than 20 positives or 20 negatives keep their curve; kInvalid
// when that leaves none.
struct Recalibrated {
  Model model;
  std::vector<Category> heads;  // those that were fitted
};
Result<Recalibrated> recalibrate(const Model& model, std::span<const Example> examples);

// Which of `folds` groups each example is in. Sources stay whole, and so do families of sources: those whose
// names have the same beginning up to the first '-'. Groups are balanced by positives per head.
std::vector<unsigned> assign_folds(std::span<const Example> examples, unsigned folds);

}  // namespace plimsoll::classify
