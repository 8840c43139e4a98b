// Finds names of persons, organizations and places, and postal addresses, in prompts and answers.
//
// Which words could be a name at all is seen from case, digits, word lists and words before them ("my name
// is"); a linear-chain conditional random field (Lafferty et al. 2001) over hashed features decides about
// runs of such words, so that ordinary text costs little more than being split into words. A text is tagged
// in windows whose ends depend on the text alone (a sentence's end, a blank line, kWindowBytes at most): no
// span reaches across one, and nothing in one window has a say in another.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/deadline.h"
#include "base/result.h"
#include "tagger/span.h"

namespace plimsoll::tagger {

inline constexpr std::size_t kWindowBytes = 400;

// Working memory for one text at a time: one per thread, reused for every text on it.
class Scratch {
 public:
  Scratch();
  ~Scratch();
  Scratch(Scratch&&) noexcept;
  Scratch& operator=(Scratch&&) noexcept;

  Deadline deadline;  // of what is tagged with it: Tagger::tag() throws Deadline::Passed soon after

  struct State;
  State& state() { return *state_; }

 private:
  std::unique_ptr<State> state_;
};

// Immutable; one serves all threads. Time is linear in the text.
class Tagger {
 public:
  // `model` is a file as docs/names_format.md describes it; it is copied. kInvalid when it is damaged, of
  // another version, or was trained with other word lists than this program holds.
  static Result<std::shared_ptr<const Tagger>> create(std::string_view model);
  // The same from a file; errors name the path. kNotFound when it cannot be opened, kTooLarge beyond 5 MB.
  static Result<std::shared_ptr<const Tagger>> load(const std::string& path);
  ~Tagger();
  Tagger(const Tagger&) = delete;
  Tagger& operator=(const Tagger&) = delete;

  // Replaces `spans` by those of `text`, in order, none overlapping another. `text` is borrowed for the
  // call and shorter than 4 GiB; bytes that are not UTF-8 are part of no name.
  void tag(std::string_view text, Scratch& scratch, std::vector<NameSpan>& spans) const;

  // "names-<12 hex>", from the model's bytes and the word lists: the same revision gives the same spans.
  std::string_view revision() const;

  struct Impl;
  const Impl& impl() const { return *impl_; }

 private:
  explicit Tagger(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace plimsoll::tagger
