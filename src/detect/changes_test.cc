// A view that hardly differs from the one it was made from is scanned where it does: that must not show.
#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <string>
#include <tuple>
#include <vector>

#include "detect/detector.h"
#include "engine.h"
#include "samples.h"

namespace plimsoll::detect {
namespace {

const Detector& detector() {
  static const auto instance = *Detector::create({.rules = {}, .model = {}, .names = {}});
  return *instance;
}

// Samples between words; now and then a byte or so written otherwise, in a sample or near one. `dense`: samples, or their
// beginnings, follow one another.
std::string text_with_changes(std::mt19937& random, std::size_t size, bool dense) {
  static const auto kSamples = samples();
  // Where there is what may go on far behind a change, all of a view is scanned: mostly there is not.
  const bool tails = random() % 8 == 0;
  const auto sample = [&] {
    for (;;) {
      const auto& found = kSamples[random() % kSamples.size()].found;
      if (tails || (!found.contains("eyJ") && !found.contains("PRIVATE KEY"))) return found;
    }
  };
  static const std::vector<std::string> kWords = {"the", "house", "was", "built", "of", "stone,",
                                                  "and", "rain.", "42",  "2024",  "+1", "4111 ",
                                                  "a1",  "(020)", "key", "@"};
  const auto disguised = [&](std::string piece) {
    if (piece.empty()) return piece;
    const auto at = random() % piece.size();
    const auto c = static_cast<unsigned char>(piece[at]);
    if (c >= 0x80) return piece;
    const auto hex = [](unsigned n) { return "0123456789abcdef"[n & 15U]; };
    switch (random() % 5) {
      case 0:
        return piece.substr(0, at) + "%" + hex(c >> 4U) + hex(c) + piece.substr(at + 1);
      case 1:
        return piece.substr(0, at) + "&#" + std::to_string(c) + ";" + piece.substr(at + 1);
      case 2:
        return piece.substr(0, at) + "\u200b" + piece.substr(at);
      case 3:
        return piece.substr(0, at) + "\u2019" + piece.substr(at);
      default:
        return piece.substr(0, at) + "\\x" + hex(c >> 4U) + hex(c) + piece.substr(at + 1);
    }
  };
  std::string text;
  auto next = 6000 + random() % 9000;
  while (text.size() < size) {
    auto piece = random() % (dense ? 2 : 12) == 0 ? sample() : kWords[random() % kWords.size()];
    if (random() % 4 == 0) piece = piece.substr(0, random() % (piece.size() + 1));
    if (text.size() > next) {
      // Often among its like, so that what is found depends on where the search began.
      const std::string again = piece + std::vector<std::string>{"", " ", "-", "1 "}[random() % 4];
      const auto times = [&] { return random() % 3 == 0 ? random() % 12 : 0; };
      for (auto n = times(); n > 0; --n) text += again;
      text += disguised(piece);
      for (auto n = times(); n > 0; --n) text += again;
      next = text.size() + 6000 + random() % 9000;
      continue;
    }
    text += piece;
    text += " \n,;"[random() % 16 < 13 ? 0 : random() % 4];
  }
  return text;
}

using Key = std::tuple<std::size_t, std::size_t, RuleIndex>;
std::vector<Key> keys_of(const std::vector<Hit>& hits) {
  std::vector<Key> keys;
  for (const auto& hit : hits) keys.emplace_back(hit.begin, hit.end, hit.rule);
  std::ranges::sort(keys);
  keys.erase(std::unique(keys.begin(), keys.end()), keys.end());
  return keys;
}

TEST(Changes, AreWhereAViewHasHitsThatTheOtherHasNot) {
  std::mt19937 random(9);
  const auto& impl = detector().impl();
  const auto scratch = detector().make_scratch();
  struct Ignore final : text::ViewSink {
    void take(const text::Derived&) override {}
  } ignore;
  std::size_t near = 0, own = 0;
  for (int round = 0; round < 400; ++round) {
    const auto text = text_with_changes(random, 60'000, round % 4 == 3);
    scratch->views.read(text, ignore);
    std::vector<Key> before;
    for (const auto& [view, encoding] : scratch->views.standing()) {
      const Reading reading{.view = *view, .encoding = encoding};
      scratch->hits.clear();
      impl.scan(reading, *scratch);
      const auto all = keys_of(scratch->hits);
      scratch->hits.clear();
      if (impl.scan_near_changes(reading, *scratch)) {
        ++near;
        const auto found = keys_of(scratch->hits);
        for (const auto& key : found)
          ASSERT_TRUE(std::ranges::binary_search(all, key))
              << "round " << round << ": too much at " << std::get<0>(key) << " of "
              << impl.rules.rules()[std::get<2>(key)].rule->id;
        for (const auto& key : all) {
          if (std::ranges::binary_search(found, key)) continue;
          ASSERT_TRUE(std::ranges::binary_search(before, key))
              << "round " << round << ": missed at " << std::get<0>(key) << " of "
              << impl.rules.rules()[std::get<2>(key)].rule->id;
        }
        for (const auto& key : all) own += std::ranges::binary_search(before, key) ? 0U : 1U;
      }
      before = all;
    }
  }
  EXPECT_GT(near, 100U);
  EXPECT_GT(own, 100U);
}

TEST(Changes, OfALongTextReadAsInAStream) {
  std::mt19937 random(10);
  const auto scratch = detector().make_scratch();
  for (int round = 0; round < 40; ++round) {
    const auto text = text_with_changes(random, 60'000, round % 4 == 3);
    const auto whole = detector().inspect(text, *scratch);
    StreamInspector stream(detector(), *scratch);
    std::vector<Finding> found;
    const auto take = [&](const StreamInspector::Step& step) {
      for (const auto& finding : step.findings)
        if (!finding.continuation)
          found.push_back(finding);
        else
          for (auto before = found.rbegin(); before != found.rend(); ++before)
            if (before->category == finding.category && before->span.end == finding.span.begin) {
              before->span.end = finding.span.end;
              break;
            }
    };
    for (std::size_t at = 0; at < text.size(); at += 4096)
      take(stream.feed(std::string_view(text).substr(at, 4096)));
    const auto last = stream.finish();
    take(last);
    ASSERT_TRUE(last.scores == whole.scores) << "round " << round;
    ASSERT_EQ(found.size(), whole.findings.size()) << "round " << round;
    for (std::size_t i = 0; i < found.size(); ++i) {
      ASSERT_EQ(found[i].span.begin, whole.findings[i].span.begin) << "round " << round;
      ASSERT_EQ(found[i].span.end, whole.findings[i].span.end) << "round " << round;
      ASSERT_EQ(found[i].detector, whole.findings[i].detector) << "round " << round;
    }
  }
}

}  // namespace
}  // namespace plimsoll::detect
