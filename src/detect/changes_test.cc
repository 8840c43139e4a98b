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
      static const std::vector<std::string> kNumbers = {"4111", "020", "+49 ", "555", "10.0.0.1", "a@b.co"};
      if (random() % 4 == 0) piece = kNumbers[random() % kNumbers.size()];
      const std::string again = piece + std::vector<std::string>{"", " ", "-", "1 "}[random() % 4];
      const auto times = [&] { return random() % 3 == 0 ? random() % 60 : 0; };
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
  std::size_t near = 0, fewer = 0, own = 0;
  for (int round = 0; round < 400; ++round) {
    // Texts are searched in blocks of 64 KB.
    const auto text = text_with_changes(random, round % 4 == 1 ? 150'000 : 60'000, round % 4 == 3);
    scratch->views.read(text, ignore);
    std::vector<Key> before, all;
    const auto expect_own = [&](std::string_view how) {
      const auto found = keys_of(scratch->hits);
      const auto said = [&](const char* what, const Key& key) {
        return std::string(how) + ", round " + std::to_string(round) + ": " + what + " at " +
               std::to_string(std::get<0>(key)) + " of " +
               std::string(impl.rules.rules()[std::get<2>(key)].rule->id);
      };
      for (const auto& key : found)
        ASSERT_TRUE(std::ranges::binary_search(all, key)) << said("too much", key);
      for (const auto& key : all)
        if (!std::ranges::binary_search(found, key))
          ASSERT_TRUE(std::ranges::binary_search(before, key)) << said("missed", key);
      fewer += found.size() < all.size() ? 1U : 0U;
    };
    for (const auto& [view, encoding, layer] : scratch->views.standing()) {
      const Reading reading{.view = *view, .encoding = encoding, .layer = layer};
      auto afresh = reading;
      afresh.afresh = true;
      scratch->hits.clear();
      impl.scan(afresh, *scratch);
      all = keys_of(scratch->hits);
      scratch->hits.clear();
      impl.scan(reading, *scratch);
      ASSERT_NO_FATAL_FAILURE(expect_own("all of it"));
      scratch->hits.clear();
      if (layer == text::Layer::kUndone && impl.scan_near_changes(reading, false, *scratch)) {
        ++near;
        ASSERT_NO_FATAL_FAILURE(expect_own("near changes"));
        for (const auto& key : all) own += std::ranges::binary_search(before, key) ? 0U : 1U;
      }
      before = all;
    }
  }
  EXPECT_GT(near, 100U);
  EXPECT_GT(fewer, 2 * near);
  EXPECT_GT(own, 100U);
}

// A match that is far enough from a change to be left to the other view covers where another would begin that is not.
TEST(Changes, DoNotPartMatchesThatOverlap) {
  RuleDefinition rule;
  rule.id = "test.overlap";
  rule.category = Category::kJailbreak;
  rule.entity = "TEST";
  rule.patterns = {R"(\b(?:i|we)\s(?:\w{1,12}\s){0,8}(?:me|us)\b)"};
  rule.weight = .5;
  const auto own = *Detector::create(
      {.rules = {.disabled = {}, .enabled = {}, .weights = {}, .rules = {rule}, .meetings = {}},
       .model = {},
       .names = {}});
  const auto scratch = own->make_scratch();
  struct Ignore final : text::ViewSink {
    void take(const text::Derived&) override {}
  } ignore;
  const auto filler = [](std::size_t size) {
    std::string text;
    while (text.size() < size) text += "the house was built of stone, and rain fell. ";
    return text.substr(0, size) + " ";
  };
  std::size_t found = 0, fewer = 0;
  // Before a change, at any distance; and where a block of 64 KB ends, which texts are searched in.
  for (const std::size_t before : {0U, 65'000U, 65'510U, 65'520U, 65'530U})
    for (std::size_t between = 0; between < 300; between += before == 0 ? 1 : 3) {
      const auto text = filler(before) + "I one two three four we five six me " + filler(between) +
                        "ca\u200bfe" + filler(5'000);
      scratch->views.read(text, ignore);
      ASSERT_EQ(scratch->views.standing().size(), 2U);
      Reading reading{.view = *scratch->views.standing()[1].view,
                      .encoding = text::Encoding::kUnicode,
                      .layer = text::Layer::kUndone};
      scratch->hits.clear();
      own->impl().scan(reading, *scratch);
      const auto some = keys_of(scratch->hits);
      reading.afresh = true;
      scratch->hits.clear();
      own->impl().scan(reading, *scratch);
      const auto all = keys_of(scratch->hits);
      ASSERT_EQ(all.size(), 1U);
      ASSERT_TRUE(some.empty() || some == all) << before << " and " << between;
      ++(some.empty() ? fewer : found);
    }
  EXPECT_GT(found, 100U);
  EXPECT_GT(fewer, 100U);
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
