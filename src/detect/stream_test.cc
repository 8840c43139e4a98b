#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <string>
#include <vector>

#include "detect/detector.h"
#include "samples.h"

namespace plimsoll::detect {
namespace {

const Detector& detector() {
  static const auto instance = *Detector::create();
  return *instance;
}

Scratch& scratch() {
  static const auto instance = detector().make_scratch();
  return *instance;
}

// Feeds pieces, joins continued findings, and checks what must hold at each step.
class Watch {
 public:
  explicit Watch(std::size_t size) : inspector_(detector(), scratch()), size_(size) {}

  void feed(std::string_view piece) {
    fed_ += piece.size();
    take(inspector_.feed(piece));
    EXPECT_LE(fed_ - decided_, StreamInspector::kHoldBack);
  }
  void finish() {
    take(inspector_.finish());
    EXPECT_EQ(decided_, size_);
  }
  Inspection all;

 private:
  void take(StreamInspector::Step step) {
    EXPECT_GE(step.decided, decided_);
    EXPECT_LE(step.decided, fed_);
    for (const auto& finding : step.findings) {
      EXPECT_GE(finding.span.begin, decided_) << "left before it was found";
      EXPECT_LE(finding.span.end, step.decided);
      EXPECT_LT(finding.span.begin, finding.span.end);
      if (!finding.continuation) {
        all.findings.push_back(finding);
        continue;
      }
      const auto before = std::find_if(all.findings.rbegin(), all.findings.rend(), [&](const Finding& f) {
        return f.category == finding.category && f.span.end == finding.span.begin;
      });
      ASSERT_NE(before, all.findings.rend());
      before->span.end = finding.span.end;
    }
    decided_ = step.decided;
    all.scores = step.scores;
  }

  StreamInspector inspector_;
  std::size_t size_, fed_ = 0, decided_ = 0;
};

std::string describe(Inspection inspection) {
  std::ranges::sort(inspection.findings, {},
                    [](const Finding& f) { return std::pair(f.span.begin, f.category); });
  std::string out;
  for (const auto& f : inspection.findings)
    out += std::string(f.detector) + " " + std::string(f.entity) + " " + std::to_string(f.span.begin) + "-" +
           std::to_string(f.span.end) + " " + std::to_string(f.confidence) + "\n";
  for (std::size_t c = 0; c < kCategoryCount; ++c)
    out += std::to_string(inspection.scores[static_cast<Category>(c)]) + " ";
  return out;
}

std::string whole(std::string_view text) {
  return describe(detector().inspect(text, scratch()));
}

TEST(StreamInspector, FindsTheSameWhereverTheTextIsCutInTwo) {
  for (const auto& sample : samples()) {
    for (const auto& [before, after] : {std::pair("so ", " ok"), std::pair("", ""), std::pair("été ", "。次"),
                                        std::pair("日本\u200b ", " é")}) {
      const auto text = before + sample.found + after;
      const auto expected = whole(text);
      for (std::size_t cut = 0; cut <= text.size(); ++cut) {
        Watch watch(text.size());
        watch.feed(std::string_view(text).substr(0, cut));
        watch.feed(std::string_view(text).substr(cut));
        watch.finish();
        ASSERT_EQ(describe(watch.all), expected) << text << "\ncut at " << cut;
      }
    }
  }
}

TEST(StreamInspector, FindsTheSameByteByByte) {
  std::string text = "Hello é\u200b ";
  for (const auto& sample : samples()) (text += sample.found) += " and then ";
  Watch watch(text.size());
  for (const char c : text) watch.feed({&c, 1});
  watch.finish();
  EXPECT_EQ(describe(watch.all), whole(text));
}

// Found by fuzzing: a fiscal code in letters alone, in a text without digits.
TEST(StreamInspector, FindsNoNumberWhereThereAreNoDigits) {
  const auto detector = *Detector::create();
  const auto scratch = detector->make_scratch();
  StreamInspector inspector(*detector, *scratch);
  EXPECT_TRUE(inspector.feed("mmmmmmmmmmmmmmVm and more").findings.empty());
  EXPECT_TRUE(inspector.finish().findings.empty());
}

TEST(StreamInspector, FindsTheSameInRandomMixturesCutAtRandom) {
  std::mt19937 random(4);
  const auto all = samples();
  for (int round = 0; round < 400; ++round) {
    std::string text;
    for (std::size_t i = 0; i < 1 + random() % 8; ++i) {
      auto piece = all[random() % all.size()].found;
      if (random() % 3 == 0) piece.insert(random() % (piece.size() + 1), random() % 2 == 0 ? "\u200b" : "а");
      if (random() % 4 == 0) piece.resize(random() % piece.size());
      if (random() % 5 == 0) std::ranges::replace(piece, ' ', '\n');
      text += piece;
      text += std::array{"", " ", ", ", "\n", "é", "-", "@", "7"}[random() % 8];
    }
    Watch watch(text.size());
    for (std::size_t at = 0; at < text.size();) {
      const auto size = std::min<std::size_t>(1 + random() % 40, text.size() - at);
      watch.feed(std::string_view(text).substr(at, size));
      at += size;
    }
    watch.finish();
    ASSERT_EQ(describe(watch.all), whole(text)) << text;
  }
}

TEST(StreamInspector, LetsProseThroughAtOnce) {
  const std::string_view text =
      "The lighthouse keeper walked down to the shore every morning, counted the boats that had gone out in "
      "the "
      "night, and wrote their names in a book that nobody read. Old habits are hard to lose, he said.";
  StreamInspector inspector(detector(), scratch());
  std::size_t fed = 0, most = 0;
  for (const char c : text) {
    ++fed;
    most = std::max(most, fed - inspector.feed({&c, 1}).decided);
  }
  EXPECT_LE(most, 24);
}

TEST(StreamInspector, ReportsWhatIsLongerThanTheWindowInParts) {
  const std::string text =
      "x -----BEGIN PRIVATE"
      " KEY-----\n" +
      std::string(3000, 'k') + "\n-----END PRIVATE KEY----- y";
  StreamInspector inspector(detector(), scratch());
  std::vector<Finding> parts;
  for (std::size_t at = 0; at < text.size(); at += 16) {
    const auto step = inspector.feed(std::string_view(text).substr(at, 16));
    parts.insert(parts.end(), step.findings.begin(), step.findings.end());
    EXPECT_LE(std::min(at + 16, text.size()) - step.decided, StreamInspector::kHoldBack);
  }
  const auto last = inspector.finish();
  parts.insert(parts.end(), last.findings.begin(), last.findings.end());
  ASSERT_GT(parts.size(), 2);
  EXPECT_FALSE(parts[0].continuation);
  for (std::size_t i = 1; i < parts.size(); ++i) {
    EXPECT_TRUE(parts[i].continuation);
    EXPECT_EQ(parts[i].span.begin, parts[i - 1].span.end);
  }
  EXPECT_EQ(parts.front().span.begin, 2);
  EXPECT_EQ(parts.back().span.end, text.size() - 2);
}

TEST(StreamInspector, HoldsALongMatchWholeIfItMay) {
  const std::string text =
      "x -----BEGIN PRIVATE"
      " KEY-----\n" +
      std::string(3000, 'k') + "\n-----END PRIVATE KEY----- y";
  for (const std::size_t hold_back : {1UL, 65'536UL}) {
    StreamInspector inspector(detector(), scratch(), hold_back);
    std::size_t parts = 0;
    for (std::size_t at = 0; at < text.size(); at += 16)
      parts += inspector.feed(std::string_view(text).substr(at, 16)).findings.size();
    parts += inspector.finish().findings.size();
    EXPECT_EQ(parts == 1, hold_back > 3'100) << hold_back << ": " << parts;
  }
}

}  // namespace
}  // namespace plimsoll::detect
