// The trained risk model: how likely a text is to belong to each category of harm.
//
// A linear model on hashed n-grams and, beside it, a small network on the mean of word vectors; eight-bit
// weights, sums of integers, chosen kernels (docs/model_format.md). A text is cut into windows (windows.h). A
// category's score is the highest that any window, the text up to the end of some windows, or the whole text has: so
// what is hidden in a long document counts, and a stream is scored as the whole text is.
#pragma once

#include <array>
#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "base/deadline.h"
#include "base/result.h"
#include "model/category.h"

namespace plimsoll::classify {

// What the model scores, in the order of the file. kHarmfulContent is any harm ("unsafe" in the data).
inline constexpr std::array kHeads{Category::kCbrn,          Category::kSelfHarm, Category::kJailbreak,
                                   Category::kExploitation,  Category::kToxicity, Category::kDeception,
                                   Category::kHarmfulContent};
inline constexpr std::size_t kHeadCount = kHeads.size();
using PerHead = std::array<double, kHeadCount>;

struct Parameters;
struct Kernel;
class Accumulator;
struct Workspace;

// Memory that is used again from text to text. One thread at a time.
class Scratch {
 public:
  Scratch();
  Scratch(Scratch&&) noexcept;
  Scratch& operator=(Scratch&&) noexcept;
  ~Scratch();

  Deadline deadline;  // of what is assessed with it: Model::assess() throws Deadline::Passed soon after

 private:
  friend class Model;
  friend class StreamScorer;
  std::unique_ptr<Accumulator> accumulator_;
  std::unique_ptr<Workspace> workspace_;
};

// What the model makes of a text.
struct Assessment {
  Scores scores;  // probabilities at the calibration's base rates; 0 for other categories, and of fewer than
                  // four words
  PerHead logits{};  // before calibration, of fewer words, too
};

// Immutable; one serves all threads. Copies share it.
class Model {
 public:
  static constexpr std::size_t kMaxBytes = 8'000'000;

  // kInvalid, saying what is wrong, unless `bytes` are a whole model file of this format, every number in
  // range and the checksum right. kTooLarge beyond kMaxBytes.
  static Result<Model> parse(std::string_view bytes);
  // kNotFound or kUnavailable, with the path, when it cannot be read; else as parse().
  static Result<Model> load(const std::string& path);
  explicit Model(Parameters parameters);

  std::string serialize() const;
  const Parameters& parameters() const { return *parameters_; }
  std::string_view version() const;  // SHA-256 of the file, in hex

  // Any bytes; meant for UTF-8. Time is linear in the text. No allocation once `scratch` has grown.
  Assessment assess(std::string_view text, Scratch& scratch) const;
  // Of a text most of which has been assessed already: only the windows count that have something of `parts`, which are
  // in order and do not overlap.
  struct Part {
    std::size_t begin, end;
  };
  Assessment assess(std::string_view text, std::span<const Part> parts, Scratch& scratch) const;
  // All of it with a given kernel, for tests.
  Assessment assess(std::string_view text, Scratch& scratch, const Kernel& kernel) const;

 private:
  friend class StreamScorer;
  std::shared_ptr<const Parameters> parameters_;
};

}  // namespace plimsoll::classify
