// In a long text everyday words are looked for only where they may meet something: that must not show.
#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <string>
#include <vector>

#include "detect/detector.h"
#include "engine.h"

namespace plimsoll::detect {
namespace {

const Detector& detector() {
  static const auto instance = *Detector::create({.rules = {}, .model = {}, .names = {}});
  return *instance;
}

// Everyday words, some again and again, between others; and, where `rare` is not 0, now and then what they may meet.
std::string everyday_text(std::mt19937& random, std::size_t size, unsigned rare) {
  static const std::vector<std::string> kOthers = {"the",    "house", "was",    "built",  "of",
                                                   "stone,", "and",   "rain.",  "It",     "fell",
                                                   "on",     "old",   "roofs;", "quietly"};
  static const std::vector<std::string> kEveryday = {"I",       "my",       "how can I",
                                                     "someone", "show",     "list",
                                                     "make",    "produce",  "without being detected",
                                                     "ignore",  "generate", "write",
                                                     "attack",  "kill",     "steal",
                                                     "我",      "мне ",     "ich will"};
  static const std::vector<std::string> kMet = {
      "sarin", "anthrax", "malware", "credit card numbers", "a phishing page", "nerve gas", "bank"};
  const auto draw = [&](const std::vector<std::string>& from) { return from[random() % from.size()]; };
  std::string text;
  while (text.size() < size) {
    switch (random() % 12) {
      case 0:
        text += draw(kEveryday);
        break;
      case 1:
        if (rare != 0 && random() % rare == 0) text += draw(kMet);
        break;
      case 2:
        if (random() % 64 == 0)
          for (auto n = random() % 400; n > 0; --n) text += "kill ";
        break;
      default:
        text += draw(kOthers);
    }
    text += ' ';
  }
  return text;
}

bool is_in(const std::vector<Place>& places, std::size_t at) {
  return std::ranges::any_of(places, [&](const Place& p) { return at >= p.begin && at < p.end; });
}

TEST(Everyday, IsFoundInPlacesAsInAllOfTheText) {
  std::mt19937 random(5);
  const auto& impl = detector().impl();
  const auto scratch = detector().make_scratch();
  struct Ignore final : text::ViewSink {
    void take(const text::Derived&) override {}
  } ignore;
  std::size_t near = 0, told = 0;
  for (int round = 0; round < 60; ++round) {
    auto text = everyday_text(random, 40'000, 0);
    if (round % 2 == 1) text += " \u0415veryday";  // so that there is another view
    scratch->views.read(text, ignore);
    const auto standing = scratch->views.standing().back();
    const Reading reading{.view = *standing.view, .encoding = standing.encoding};
    std::vector<Place> places;
    for (std::size_t at = random() % 9000; at < text.size(); at += 3000 + random() % 20'000)
      places.push_back({.begin = at, .end = at + 1 + random() % 900});

    scratch->hits.clear();
    impl.scan_everyday(reading, ~IdeaSet{0}, {}, *scratch);
    auto all = scratch->hits;
    std::sort(all.begin(), all.end());
    scratch->hits.clear();
    if (!impl.scan_everyday_near(reading, ~IdeaSet{0}, places, *scratch)) {
      ASSERT_TRUE(scratch->hits.empty());
      continue;
    }
    ++near;
    auto found = scratch->hits;
    std::sort(found.begin(), found.end());
    ASSERT_LT(found.size(), all.size());
    std::erase_if(found, [&](const Hit& hit) { return !is_in(places, hit.begin); });
    std::erase_if(all, [&](const Hit& hit) { return !is_in(places, hit.begin); });
    ASSERT_EQ(found.size(), all.size()) << "round " << round;
    for (std::size_t i = 0; i < all.size(); ++i) {
      ASSERT_EQ(found[i].begin, all[i].begin) << "round " << round;
      ASSERT_EQ(found[i].end, all[i].end) << "round " << round;
      ASSERT_EQ(found[i].rule, all[i].rule) << "round " << round;
    }
    told += all.size();
  }
  EXPECT_GT(near, 20U);
  EXPECT_GT(told, 500U);
}

TEST(Everyday, MeetsInALongTextWhatItMeetsInAStream) {
  std::mt19937 random(6);
  const auto scratch = detector().make_scratch();
  std::size_t findings = 0;
  for (int round = 0; round < 30; ++round) {
    const auto text = everyday_text(random, 60'000, round % 3 == 0 ? 20 : 400);
    const auto whole = detector().inspect(text, *scratch);
    StreamInspector stream(detector(), *scratch);
    std::vector<Finding> found;
    const auto take = [&](const StreamInspector::Step& step) {
      for (const auto& finding : step.findings)
        if (!finding.continuation) found.push_back(finding);
    };
    for (std::size_t at = 0; at < text.size(); at += 4096)
      take(stream.feed(std::string_view(text).substr(at, 4096)));
    const auto last = stream.finish();
    take(last);
    ASSERT_TRUE(last.scores == whole.scores) << "round " << round;
    ASSERT_EQ(found.size(), whole.findings.size()) << "round " << round;
    for (std::size_t i = 0; i < found.size(); ++i) {
      ASSERT_EQ(found[i].span.begin, whole.findings[i].span.begin) << "round " << round;
      ASSERT_EQ(found[i].detector, whole.findings[i].detector) << "round " << round;
    }
    findings += found.size();
  }
  EXPECT_GT(findings, 100U);
}

}  // namespace
}  // namespace plimsoll::detect
