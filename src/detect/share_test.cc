// A long text is inspected by several threads: none of it may show.
#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <string>
#include <thread>
#include <vector>

#include "detect/detector.h"
#include "engine.h"
#include "samples.h"

namespace plimsoll::detect {
namespace {

const Detector& detector() {
  static const auto instance =
      *Detector::create({.rules = {}, .model = *shipped_model(), .names = *shipped_names()});
  return *instance;
}

// Samples, some of them in disguise, between words.
std::string mixture(unsigned seed, std::size_t size) {
  const auto all = samples();
  std::mt19937 random(seed);
  std::string text;
  while (text.size() < size) {
    auto piece = all[random() % all.size()].found;
    switch (random() % 8) {
      case 0:
        for (char& c : piece)
          if (c >= 'a' && c <= 'z') c = static_cast<char>('a' + (c - 'a' + 13) % 26);
        break;
      case 1:
        std::ranges::reverse(piece);
        break;
      case 2: {
        std::string apart;
        for (const char c : piece) (apart += c) += ' ';
        piece = apart;
        break;
      }
      case 3: {
        std::string hex;
        for (const char c : piece) {
          hex += "0123456789abcdef"[static_cast<unsigned char>(c) >> 4U];
          hex += "0123456789abcdef"[static_cast<unsigned char>(c) & 15U];
        }
        piece = hex;
        break;
      }
      case 4:
        for (char& c : piece)
          if (c == 'e') c = '3';
        break;
      default:
        break;
    }
    text += piece + std::vector<std::string>{" ", "\n", ", and then ", "é ", ". "}[random() % 5];
  }
  return text;
}

// What one thread finds, and what many do, in any order.
struct Read {
  std::vector<Hit> hits;
  Scores scores;
  std::size_t names;
};
Read read(const std::string& text, Scratch& scratch, bool with_help) {
  scratch.hits.clear();
  scratch.model_scores = {};
  if (with_help)
    detector().impl().read_with_help(text, scratch);
  else
    detector().impl().read(text, scratch);
  std::sort(scratch.hits.begin(), scratch.hits.end());
  return {.hits = scratch.hits, .scores = scratch.model_scores, .names = scratch.name_spans.size()};
}

void expect_same(const Read& a, const Read& b) {
  ASSERT_EQ(a.hits.size(), b.hits.size());
  for (std::size_t i = 0; i < a.hits.size(); ++i)
    ASSERT_TRUE(!(a.hits[i] < b.hits[i]) && !(b.hits[i] < a.hits[i])) << i;
  EXPECT_TRUE(a.scores == b.scores);
  EXPECT_EQ(a.names, b.names);
}

TEST(Share, FindsWhatOneThreadFinds) {
  const auto scratch = detector().make_scratch();
  for (const unsigned seed : {1U, 2U, 3U}) {
    const auto text = mixture(seed, 60'000UL * seed);
    const auto alone = read(text, *scratch, false);
    ASSERT_GT(alone.hits.size(), 100);
    for (int round = 0; round < 3; ++round) expect_same(read(text, *scratch, true), alone);
  }
}

TEST(Share, HelpsManyThreadsAtOnce) {
  const auto text = mixture(4, 80'000);
  const auto alone = read(text, *detector().make_scratch(), false);
  std::vector<std::jthread> callers;
  callers.reserve(4);
  for (int i = 0; i < 4; ++i)
    callers.emplace_back([&] {
      const auto scratch = detector().make_scratch();
      for (int round = 0; round < 2; ++round) expect_same(read(text, *scratch, true), alone);
    });
}

}  // namespace
}  // namespace plimsoll::detect
