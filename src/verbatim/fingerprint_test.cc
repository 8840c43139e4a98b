#include "verbatim/fingerprint.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <set>

#include "test_corpus.h"
#include "verbatim/tokenizer.h"

namespace plimsoll::verbatim {
namespace {

std::vector<Fingerprint> winnow(const std::vector<std::uint64_t>& hashes, std::uint32_t window) {
  Winnower winnower(window);
  std::vector<Fingerprint> out;
  for (const auto h : hashes) winnower.push(h, out);
  winnower.finish(out);
  return out;
}

TEST(Roller, HashesTheLastWordsWhateverCameBefore) {
  std::mt19937_64 random(1);
  std::vector<std::uint64_t> words(100);
  for (auto& w : words) w = random() % 5;
  std::vector<std::uint64_t> rolled;
  Roller roller(4);
  for (const auto w : words)
    if (const auto h = roller.push(w)) rolled.push_back(*h);
  ASSERT_EQ(rolled.size(), words.size() - 3);
  for (std::size_t i = 0; i < rolled.size(); ++i) {
    Roller fresh(4);
    std::optional<std::uint64_t> h;
    for (std::size_t k = 0; k < 4; ++k) h = fresh.push(words[i + k]);
    EXPECT_EQ(rolled[i], h) << i;
  }
}

// The format depends on it: docs/corpus_format.md.
TEST(Roller, HashesAsTheFormatSays) {
  Roller roller(5);
  std::optional<std::uint64_t> h;
  for (const auto& token : tokenize("The quick brown fox jumps", *Characters::create()))
    h = roller.push(token.hash);
  ASSERT_TRUE(h);
  EXPECT_EQ(*h, 0x61F621FF729CCA54U);
  EXPECT_EQ(key_of(*h), 0x1CACFA20E5DA9BAEU);
}

// The definition, transcribed: the least of every window, and nothing else.
TEST(Winnower, KeepsALeastHashOfEveryWindowAndNoOther) {
  std::mt19937_64 random(2);
  for (const std::uint32_t window : {1U, 2U, 5U, 22U}) {
    for (const std::uint64_t values : {3ULL, 1'000'000ULL}) {
      std::vector<std::uint64_t> hashes(400);
      for (auto& h : hashes) h = random() % values;
      std::set<std::uint64_t> kept;
      for (const auto& f : winnow(hashes, window)) {
        EXPECT_EQ(f.hash, hashes[f.word]);
        EXPECT_TRUE(kept.insert(f.word).second);
      }
      std::set<std::uint64_t> justified;
      for (std::size_t begin = 0; begin + window <= hashes.size(); ++begin) {
        const auto least = *std::min_element(hashes.begin() + static_cast<std::ptrdiff_t>(begin),
                                             hashes.begin() + static_cast<std::ptrdiff_t>(begin + window));
        bool held = false;
        for (std::size_t i = begin; i < begin + window; ++i)
          if (kept.contains(i) && hashes[i] == least) held = justified.insert(i).second || true;
        EXPECT_TRUE(held) << "window of " << window << " at " << begin;
      }
      EXPECT_EQ(justified.size(), kept.size());
    }
  }
}

TEST(Winnower, KeepsAboutTwoOfAWindowAndOne) {
  std::mt19937_64 random(3);
  std::vector<std::uint64_t> hashes(100'000);
  for (auto& h : hashes) h = random();
  const double share = static_cast<double>(winnow(hashes, 22).size()) / 100'000;
  EXPECT_NEAR(share, 2.0 / 23, 0.003);
}

TEST(Winnower, KeepsTheLeastOfATextShorterThanAWindow) {
  EXPECT_EQ(winnow({5, 3, 4}, 10), (std::vector<Fingerprint>{{3, 1}}));
  EXPECT_TRUE(winnow({}, 10).empty());
}

}  // namespace
}  // namespace plimsoll::verbatim
