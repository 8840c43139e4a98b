#include "fullness.h"

#include "combine.h"

namespace plimsoll::detect {
namespace {

constexpr std::size_t kBits = 64;

}  // namespace

void Fullness::begin(std::size_t size) {
  size_ = size;
  for (auto* both : {&taken_, &ciphered_})
    for (auto& taken : *both) taken.assign(size / kPlace / kBits + 1, 0);
  for (auto& taken : ideas_) taken.assign(size / kPlace * kIdeas / kBits + 1, 0);
  count_ = ideas_count_ = ciphered_count_ = 0;
  over_ = false;
}

bool Fullness::take(Places& taken, std::size_t place) {
  const auto bit = std::uint64_t{1} << place % kBits;
  const std::atomic_ref word(taken[place / kBits]);
  return (word.load(std::memory_order_relaxed) & bit) == 0 &&
         (word.fetch_or(bit, std::memory_order_relaxed) & bit) == 0;
}

void Fullness::add(std::size_t at, bool disguised) {
  if (!take(taken_.at(disguised ? 1 : 0), at / kPlace)) return;
  const std::size_t weight = disguised ? kDisguised : 1;
  if (too_full(count_.fetch_add(weight, std::memory_order_relaxed) + weight, size_)) over_ = true;
  if (over_.load(std::memory_order_relaxed)) throw Deadline::Passed();
}

void Fullness::add_idea(std::size_t at, RuleIndex rule, bool disguised) {
  if (!take(ideas_.at(disguised ? 1 : 0), at / kPlace * kIdeas + group_of(rule))) return;
  const std::size_t weight = disguised ? kDisguisedIdea : 1;
  if (too_many_ideas(ideas_count_.fetch_add(weight, std::memory_order_relaxed) + weight, size_)) over_ = true;
  if (over_.load(std::memory_order_relaxed)) throw Deadline::Passed();
}

void Fullness::add_cipher(std::size_t begin, std::size_t end, text::Encoding cipher) {
  const bool letters = cipher == text::Encoding::kLetters;
  std::size_t some = 0;
  for (auto place = begin / kPlace; place <= (end - 1) / kPlace; ++place)
    if (take(ciphered_.at(letters ? 0 : 1), place)) some += letters ? 1 : kCiphered;
  if (too_ciphered(ciphered_count_.fetch_add(some, std::memory_order_relaxed) + some, size_)) over_ = true;
  if (over_.load(std::memory_order_relaxed)) throw Deadline::Passed();
}

std::vector<Finding> findings_of_too_full(std::size_t begin, std::size_t end) {
  std::vector<Finding> findings;
  const auto add = [&](Category category) {
    findings.push_back({.category = category,
                        .entity = "TOO_MANY_FINDINGS",
                        .detector = "limits.findings",
                        .span = {.begin = begin, .end = end}});
  };
  add(Category::kPii);
  add(Category::kSecret);
  for (const auto& part : kModelAlone) add(part.category);
  return findings;
}

Scores scores_of_too_full() {
  Scores scores;
  for (const auto& part : kModelAlone) scores.raise(part.category, 1);
  return scores;
}

Inspection inspection_of_too_full(std::size_t size) {
  return {.findings = findings_of_too_full(0, size),
          .scores = scores_of_too_full(),
          .places = std::max(Fullness::kMost, size / Fullness::kApart) + 1};
}

}  // namespace plimsoll::detect
