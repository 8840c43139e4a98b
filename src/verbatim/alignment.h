// The words of a text laid beside those of the works: see matcher.h for what counts.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "verbatim/index.h"
#include "verbatim/matcher.h"
#include "verbatim/tokenizer.h"

namespace plimsoll::verbatim {

// Takes the words of a text one by one.
class Alignments {
 public:
  static constexpr std::size_t kMaxAlignments = 32;  // open at once
  static constexpr std::uint64_t kMemory = 1'024;    // words of the text that are remembered
  static constexpr std::uint64_t kReach = 256;       // words that an alignment is continued backwards
  static constexpr int kDrop = 10;      // it ends when so many more words differ than agree, since its best
  static constexpr int kInTrouble = 5;  // from so many on, a shift is tried
  static constexpr int kShift = 8;      // words inserted or left out at one place
  static constexpr int kAgain = 5;      // words that must agree after a shift
  static constexpr std::uint64_t kGap = 8;       // words between pieces of one work that count together
  static constexpr std::uint64_t kLap = 2;       // words by which they may overlap
  static constexpr std::uint64_t kNear = 1'000;  // words between them in the work
  static constexpr std::size_t kMaxPieces = 16;

  Alignments(const Index& index, std::uint32_t min_words) : index_(index), min_words_(min_words) {}

  // The next word, and where the run of words that ends with it may stand in the works.
  void step(const Token& token, const std::uint32_t* places, std::size_t count);
  void finish();

  std::uint64_t words() const { return count_; }
  std::uint64_t copied() const { return copied_; }
  std::size_t settled() const;
  std::optional<std::size_t> first_copied() const { return first_copied_; }
  std::vector<Match> take() { return std::exchange(done_, {}); }

 private:
  struct Word {
    std::size_t begin;
    std::size_t end;
    std::uint32_t owner;  // work + 1; 0: not copied
    std::uint8_t nibble;
  };
  // Words [begin, end) of the text and [there, there_end) of a work.
  struct Piece {
    std::uint64_t begin;
    std::uint64_t end;
    std::uint64_t there;
    std::uint64_t there_end;
    std::uint32_t work;
    std::uint32_t agreeing;
    bool counts;
  };
  // A piece that may go on. `piece` is as it was at its best.
  struct Open {
    Piece piece;
    std::uint64_t next;   // position of the work's word beside the text's next one
    std::uint64_t first;  // the work's first position, and its end
    std::uint64_t last;
    int drop = 0;            // how far below its best
    std::uint32_t agreeing;  // now
  };

  Word& word(std::uint64_t i) { return ring_[i & (ring_.size() - 1)]; }
  const Word& word(std::uint64_t i) const { return ring_[i & (ring_.size() - 1)]; }
  std::uint64_t oldest() const { return count_ > kMemory ? count_ - kMemory : 0; }
  bool agrees(std::uint64_t here, std::uint64_t there) const {
    return word(here).nibble == index_.nibble(there);
  }

  void remember(const Token& token);
  bool advance(Open& open);
  std::optional<std::int64_t> shift(std::uint64_t here, std::uint64_t there, int direction,
                                    std::uint64_t first, std::uint64_t last) const;
  void begin_at(std::uint32_t place);
  void reach_back(Open& open) const;
  void improve(Open& open);
  void close(const Piece& piece);
  static bool follows(const Piece& later, const Piece& earlier);
  void own(std::uint64_t begin, std::uint64_t end, std::uint32_t work);
  void settle(const Word& word);
  void end_run();

  const Index& index_;
  std::uint32_t min_words_;
  std::vector<Word> ring_;
  std::uint64_t count_ = 0;
  std::uint64_t copied_ = 0;
  std::optional<std::size_t> first_copied_;
  std::vector<Open> open_;
  std::vector<Piece> pieces_;  // closed ones that others may follow, oldest first
  Match run_{};
  std::uint32_t run_owner_ = 0;
  std::vector<Match> done_;
};

}  // namespace plimsoll::verbatim
