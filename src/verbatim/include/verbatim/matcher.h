// How much of a text is copied from protected works, and which parts.
//
// The index names places where a run of words of the text may come from (every run of the text is looked up, the works'
// runs are winnowed). From such a place the text and the work are compared word by word, 4 bits of each, forwards and
// backwards: an alignment. It goes on over replaced words, and over up to kShift inserted or left out, as long as more
// words agree than differ; it ends at the last place where that was most so. An alignment counts when at least
// `min_words` words agree; shorter pieces of one work that follow each other in the text (sentences in another order)
// count together.
//
// Guarantees, for an index of grain (gram, window):
// - A passage copied word for word, of at least max(window + gram - 1, min_words) words, is found in full. Case,
//   punctuation, white space, marks and compatibility forms are not part of words (characters.h). The exceptions: every
//   kept run in it is a stock phrase, standing at more places in the works than the index keeps of one; or 32 other
//   alignments are open where it begins.
// - A text with no run of `gram` words in common with a work has no part copied from it, but for one chance in 2^60 or
//   less per run.
// Time is linear in the text, whatever it holds; memory is constant but for the matches not taken yet.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>
#include <vector>

#include "verbatim/fingerprint.h"
#include "verbatim/index.h"
#include "verbatim/tokenizer.h"

namespace plimsoll::verbatim {

// A stretch of the text that stands in a work. Stretches do not overlap: what stands in several works counts for the
// one that was recognised first.
struct Match {
  std::size_t begin = 0;  // bytes of the text
  std::size_t end = 0;
  std::size_t words = 0;
  std::size_t work = 0;  // number in the index
  friend bool operator==(const Match&, const Match&) = default;
};

inline constexpr std::uint32_t kMinWords = 16;  // stock phrases and titles are shorter

class Alignments;

// Feed it a text in pieces: ratio and matches are the same wherever it is cut. One thread.
class StreamMatcher {
 public:
  explicit StreamMatcher(std::shared_ptr<const Index> index, std::uint32_t min_words = kMinWords);
  ~StreamMatcher();
  StreamMatcher(StreamMatcher&&) noexcept;
  StreamMatcher& operator=(StreamMatcher&&) noexcept;

  void feed(std::string_view piece);
  void finish();  // once, last

  // Of the words that have ended so far.
  std::uint64_t words() const;
  std::uint64_t copied() const;
  double ratio() const;  // copied() / words(); 0 of none

  // Bytes before this offset are in no open alignment, nor in a passage copied word for word that may be recognised
  // later. (One with words replaced or moved may still be, with up to 256 words that were before it.)
  std::size_t settled() const;
  // Offset of the first byte copied so far.
  std::optional<std::size_t> first_copied() const;

  // Those complete since the last call, in order; after finish(), the rest.
  std::vector<Match> take();

 private:
  void take_words();

  std::shared_ptr<const Index> index_;
  Tokenizer tokenizer_;
  Roller roller_;
  std::vector<Token> tokens_;
  std::unique_ptr<Alignments> alignments_;
};

struct Copying {
  std::uint64_t words = 0;
  std::uint64_t copied = 0;
  std::vector<Match> matches;
  double ratio() const { return words == 0 ? 0 : static_cast<double>(copied) / static_cast<double>(words); }
};

// The whole of a text.
Copying find_copying(const std::shared_ptr<const Index>& index, std::string_view text,
                     std::uint32_t min_words = kMinWords);

}  // namespace plimsoll::verbatim
