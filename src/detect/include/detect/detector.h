// Text in, findings and scores out. Knows nothing of policy, protocols or storage.
#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/deadline.h"
#include "base/result.h"
#include "classify/model.h"
#include "detect/rules.h"
#include "model/conversation.h"
#include "model/finding.h"
#include "tagger/tagger.h"

namespace plimsoll::detect {

// Working memory for one scan at a time: one per thread, reused for every scan on it.
class Scratch;
struct ScratchDeleter {
  void operator()(Scratch*) const;
};
using ScratchPtr = std::unique_ptr<Scratch, ScratchDeleter>;

// What a detector is made of.
struct Options {
  RuleOptions rules;                            // how they differ from the program's own
  std::optional<classify::Model> model;         // absent: scores come from rules alone
  std::shared_ptr<const tagger::Tagger> names;  // null: names and addresses are not looked for
  // How much of the model's probability counts where rules of the category found little, from 0 to 1, in place of what is
  // shipped, with which the model alone reaches no threshold of the general tier.
  std::vector<std::pair<Category, double>> model_alone = {};
};
// The models that are part of the program.
Result<classify::Model> shipped_model();
Result<std::shared_ptr<const tagger::Tagger>> shipped_names();

// All always-on detectors, compiled once. Immutable; one serves all threads. Time is linear in the text.
class Detector {
 public:
  // Without anything else, the program's rules alone. kInvalid when rules cannot be compiled.
  static Result<std::shared_ptr<const Detector>> create(Options options = {});
  ~Detector();
  Detector(const Detector&) = delete;
  Detector& operator=(const Detector&) = delete;

  ScratchPtr make_scratch() const;

  // One text. Spans are byte offsets into `text`, on code-point boundaries. `text` is borrowed for the call.
  //
  // A text that is full of harm is not read to the end (fullness.h: more than 6,144 places of 16 bytes at which something
  // harmful begins, one in disguise counted eight times, and more than one in 256 bytes; or about as many that hint at it). It is said to hold all there is to be
  // found, from its beginning to its end: "TOO_MANY_FINDINGS", scores of 1.
  Inspection inspect(std::string_view text, Scratch& scratch) const;

  // The same, unless the deadline passes: then nothing, a few milliseconds later at most.
  std::optional<Inspection> inspect(std::string_view text, Scratch& scratch, const Deadline& deadline) const;

  // The same of each text, in order; remembered: what this scratch has seen lately costs its digest. Several threads share
  // the work. Of a text that the deadline left no time for, nothing. Where all together are too full, each is said to be.
  std::vector<std::optional<Inspection>> recall(std::span<const std::string_view> texts, Scratch& scratch,
                                                const Deadline& deadline) const;

  // All segments of a conversation: findings carry their segment's index, scores are the maxima. `complete` is
  // false when the deadline passed: the rest has not been inspected.
  struct Whole {
    Inspection found;
    bool complete = true;
  };
  Whole inspect(const Conversation& conversation, Scratch& scratch,
                std::chrono::steady_clock::time_point deadline) const;
  Inspection inspect(const Conversation& conversation, Scratch& scratch) const {
    return inspect(conversation, scratch, std::chrono::steady_clock::time_point::max()).found;
  }

  // Identifies rules, code and models: the same revision gives the same inspection. "rules-<12 hex>", then
  // "+risk-<12 hex>" and "+names-<12 hex>" where there are such models.
  std::string_view revision() const;

  struct Impl;
  const Impl& impl() const { return *impl_; }

 private:
  explicit Detector(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

// The same inspection of a text that arrives in pieces.
//
// Feed it what arrived. Text up to `decided` (an offset from the start of the stream) cannot become part of
// a match any more, whatever follows: it may leave, with `findings` (whose spans end at or before it) acted
// upon. What can still become a match is held back: never more than `hold_back` bytes beyond the start of an
// open match, and the word that is being written. Text in disguise (base64, a cipher, escapes: text/views.h) waits
// longer, until it is known what it says: never more than kMostHeld bytes. The findings of all steps together, and
// the final scores, are those of inspect() on the whole text, in every view, wherever it was cut; but of a text that is too
// full, which both tell alike, only what has not been decided is said to hold everything. Memory is bounded,
// whatever the length.
class StreamInspector {
 public:
  static constexpr std::size_t kHoldBack = 256;
  static constexpr std::size_t kMostHeld = 10240;

  // Both must outlive the inspector. `scratch` may be shared with others on the same thread between calls.
  StreamInspector(const Detector& detector, Scratch& scratch, std::size_t hold_back = kHoldBack);
  ~StreamInspector();
  StreamInspector(StreamInspector&&) noexcept;
  StreamInspector& operator=(StreamInspector&&) noexcept;

  struct Step {
    std::size_t decided = 0;        // monotone over the stream
    std::vector<Finding> findings;  // newly decided; spans are offsets from the start of the stream.
        // One longer than the window arrives in parts, `continuation` set from the second on.
    Scores scores;  // of everything decided so far
  };
  // Throws Deadline::Passed, soon after, when it does; then nothing more can be fed.
  Step feed(std::string_view piece, const Deadline& deadline = {});
  Step finish();  // everything is decided; the inspector is spent

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace plimsoll::detect
