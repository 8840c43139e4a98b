// When a text is so full of what the rules look for, or of ciphers, that it is not read to the end.
//
// Nobody writes such a text but to keep a detector busy, and it is known to be harmful long before all of it has been
// read. How full it is does not depend on what is read first, nor on how a stream is cut: it is told by places, stretches
// of kPlace bytes in which a match begins, each counted once. Personal data and secrets are not counted: lists of them
// are honest. Nor is much of an honest text in ciphers (text::is_cipher()), each of which is read as a text of its own:
// their places are counted by themselves; those where letters of words are digits or stand apart, as in some data, count
// for half. So are ideas, what is no harm by itself but told with others of its kind: each takes time for what it may meet.
#pragma once

#include <algorithm>
#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "base/deadline.h"
#include "model/finding.h"
#include "ruleset.h"
#include "text/views.h"

namespace plimsoll::detect {

class Fullness {
 public:
  static constexpr std::size_t kPlace = 16;
  // A text is too full when, up to some byte of it, more than kMost places are taken and more than one in kApart bytes.
  static constexpr std::size_t kMost = 6144;
  static constexpr std::size_t kApart = 256;
  static constexpr std::size_t kDisguised = 8;
  static bool too_full(std::size_t places, std::size_t bytes) {
    return places > std::max(kMost, bytes / kApart);
  }
  // The same of ciphers, in halves of a place.
  static constexpr std::size_t kMostCiphered = 12800, kCipheredApart = 80, kCiphered = 2;
  static bool too_ciphered(std::size_t halves, std::size_t bytes) {
    return halves > std::max(kMostCiphered, bytes / kCipheredApart);
  }
  // The same of ideas: of each place, by kIdeas groups of rules that begin there, one in disguise twice: documents are sent in
  // base64. Everyday words do not count: where they meet nothing they are not looked for.
  static constexpr std::size_t kMostIdeas = 6144, kIdeasApart = 160, kIdeas = 8, kDisguisedIdea = 2;
  static bool too_many_ideas(std::size_t ideas, std::size_t bytes) {
    return ideas > std::max(kMostIdeas, bytes / kIdeasApart);
  }
  static std::size_t group_of(RuleIndex rule) { return rule % kIdeas; }
  // Shorter texts have not so many places.
  static constexpr std::size_t kLeast = kPlace * kMost;

  // For a text of `size` bytes of which nothing is known.
  void begin(std::size_t size);
  // A match begins there; in disguise it weighs kDisguised times as much. Any thread, any order; throws Deadline::Passed when the text is known to be too full, and so
  // does whoever asks over().
  void add(std::size_t at, bool disguised);
  // The same of an idea, and of a cipher from `begin` to `end`.
  void add_idea(std::size_t at, RuleIndex rule, bool disguised);
  void add_cipher(std::size_t begin, std::size_t end, text::Encoding cipher);
  const std::atomic<bool>& over() const { return over_; }

 private:
  std::size_t size_ = 0;
  using Places = std::vector<std::uint64_t>;  // a bit for each, or for each of kIdeas
  // Whether the place was free.
  static bool take(Places& taken, std::size_t place);
  std::array<Places, 2> taken_, ideas_;  // by what stands there plainly, in disguise
  std::array<Places, 2> ciphered_;       // by letters, by other ciphers
  std::atomic<std::size_t> count_ = 0, ideas_count_ = 0, ciphered_count_ = 0;
  std::atomic<bool> over_ = false;
};

// The same of a text that is read from left to right.
class FullnessSoFar {
 public:
  // A match begins there, no farther left than any before. False when the text is too full.
  bool add(std::size_t at, bool disguised) {
    const auto place = at / Fullness::kPlace + 1;
    auto& last = last_.at(disguised ? 1 : 0);
    if (last != place) count_ += disguised ? Fullness::kDisguised : 1;
    last = place;
    return !Fullness::too_full(count_, at / Fullness::kPlace * Fullness::kPlace);
  }
  // An idea begins there, the same.
  bool add_idea(std::size_t at, RuleIndex rule, bool disguised) {
    const auto place = at / Fullness::kPlace + 1;
    auto& last = last_ideas_.at(disguised ? 1 : 0);
    if (last.place != place) last = {.place = place, .groups = 0};
    const auto group = 1U << Fullness::group_of(rule);
    if ((last.groups & group) == 0) ideas_ += disguised ? Fullness::kDisguisedIdea : 1;
    last.groups |= group;
    return !Fullness::too_many_ideas(ideas_, at / Fullness::kPlace * Fullness::kPlace);
  }
  // A cipher begins there, the same.
  bool add_cipher(std::size_t begin, std::size_t end, text::Encoding cipher) {
    const bool letters = cipher == text::Encoding::kLetters;
    auto& last = last_ciphered_.at(letters ? 0 : 1);
    const auto until = (end - 1) / Fullness::kPlace + 1;
    const auto from = std::max(last, begin / Fullness::kPlace);
    if (from < until) ciphered_ += (until - from) * (letters ? 1 : Fullness::kCiphered);
    last = std::max(last, until);
    return !Fullness::too_ciphered(ciphered_, begin / Fullness::kPlace * Fullness::kPlace);
  }
  std::size_t count() const { return count_; }
  std::size_t ideas() const { return ideas_; }
  std::size_t ciphered() const { return ciphered_; }

 private:
  std::array<std::size_t, 2> last_{};  // 1 + the last place taken; 0: none
  std::size_t count_ = 0;
  struct Ideas {
    std::size_t place = 0;  // the same
    unsigned groups = 0;    // a bit for each that begins there
  };
  std::array<Ideas, 2> last_ideas_{};
  std::size_t ideas_ = 0;
  std::array<std::size_t, 2> last_ciphered_{};  // the same
  std::size_t ciphered_ = 0;
};

// What is said of a text that is too full: from `begin` to `end` it holds all there is to be found.
std::vector<Finding> findings_of_too_full(std::size_t begin, std::size_t end);
Scores scores_of_too_full();
Inspection inspection_of_too_full(std::size_t size);

}  // namespace plimsoll::detect
