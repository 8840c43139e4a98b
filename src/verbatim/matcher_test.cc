#include "verbatim/matcher.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "test_corpus.h"

namespace plimsoll::verbatim {
namespace {

using Words = std::vector<std::string>;

Words operator+(Words a, const Words& b) {
  a.insert(a.end(), b.begin(), b.end());
  return a;
}

// One work of 3,000 words, another of 500, and words that are in neither.
struct Shelf {
  Words first = random_words(3'000, 1);
  Words second = random_words(500, 2);
  Words own = random_words(3'000, 3);
  Folder folder;
  std::shared_ptr<const Index> index = index_of(folder, {join(first), join(second)});

  static Shelf& get() {
    static Shelf shelf;
    return shelf;
  }
  Copying find(const Words& words) const { return find_copying(index, join(words)); }
};

std::string cut(const std::string& text, const Match& m) {
  return text.substr(m.begin, m.end - m.begin);
}

TEST(Matcher, FindsEveryCopyOfTheGuaranteedLengthInFull) {
  const Shelf& s = Shelf::get();
  const auto length = s.index->grain().guarantee();
  for (std::size_t at = 0; at + length <= s.first.size(); ++at) {
    const auto passage = slice(s.first, at, length);
    const auto text = join(slice(s.own, at % 100, 40) + passage + slice(s.own, 500, 40));
    const auto found = find_copying(s.index, text);
    ASSERT_EQ(found.matches.size(), 1U) << at;
    ASSERT_NE(cut(text, found.matches[0]).find(join(passage)), std::string::npos) << at;
    ASSERT_EQ(found.matches[0].work, 0U);
    // Words beyond its ends may agree by chance, in 1 of 16 cases each.
    ASSERT_LE(found.copied, length + 8) << at;
  }
}

TEST(Matcher, FindsNothingWhereNothingIsCopied) {
  const Shelf& s = Shelf::get();
  EXPECT_EQ(s.find(s.own).copied, 0U);
  EXPECT_EQ(s.find({}).ratio(), 0);
  EXPECT_EQ(find_copying(s.index, " .,;- ").words, 0U);
}

TEST(Matcher, StockPhrasesDoNotCount) {
  const Shelf& s = Shelf::get();
  Words text;
  for (std::size_t i = 0; i + 200 < s.first.size(); i += 200)
    text = text + slice(s.own, i, 30) + slice(s.first, i, kMinWords - 4);
  EXPECT_EQ(s.find(text).copied, 0U);
}

TEST(Matcher, GivesTheShareOfTheWordsThatAreCopied) {
  const Shelf& s = Shelf::get();
  const auto half = s.find(slice(s.own, 0, 200) + slice(s.first, 100, 200));
  EXPECT_EQ(half.words, 400U);
  EXPECT_NEAR(half.ratio(), 0.5, 0.01);
  const auto two = s.find(slice(s.first, 100, 100) + slice(s.own, 0, 100) + slice(s.second, 20, 100));
  EXPECT_NEAR(two.ratio(), 2.0 / 3, 0.01);
  ASSERT_EQ(two.matches.size(), 2U);
  EXPECT_EQ(s.index->work(two.matches[0].work).title, "work0");
  EXPECT_EQ(s.index->work(two.matches[1].work).title, "work1");
}

TEST(Matcher, GoesOnOverWordsThatWereReplacedInsertedOrLeftOut) {
  const Shelf& s = Shelf::get();
  const auto base = slice(s.first, 1'000, 200);
  Words replaced = base, inserted, left_out;
  for (std::size_t i = 10; i < base.size(); i += 11) replaced[i] = s.own[i];
  for (std::size_t i = 0; i < base.size(); ++i) {
    if (i % 40 == 20) inserted = inserted + slice(s.own, i, 3);
    inserted.push_back(base[i]);
    if (i % 40 != 20 && i % 40 != 21) left_out.push_back(base[i]);
  }
  for (const auto& edited : {replaced, inserted, left_out}) {
    const auto found = s.find(slice(s.own, 700, 100) + edited + slice(s.own, 900, 100));
    EXPECT_GE(static_cast<double>(found.copied), 0.93 * static_cast<double>(edited.size()));
    EXPECT_LE(found.copied, edited.size() + 8);
  }
}

TEST(Matcher, TakesNoNoticeOfCasePunctuationAndSpaces) {
  const Shelf& s = Shelf::get();
  const auto passage = slice(s.first, 50, 60);
  auto text = join(passage, "!\n  \xE2\x80\x94 ");
  std::ranges::transform(text, text.begin(), [](char c) { return c == 'w' ? 'W' : c; });
  const auto found = find_copying(s.index, text);
  EXPECT_EQ(found.ratio(), 1);
  ASSERT_EQ(found.matches.size(), 1U);
  EXPECT_EQ(cut(text, found.matches[0]), text);
}

TEST(Matcher, CountsPiecesOfOneWorkInAnotherOrderTogether) {
  const Shelf& s = Shelf::get();
  Words shuffled;
  for (const std::size_t k : {3, 1, 7, 0, 5, 2, 6, 4}) shuffled = shuffled + slice(s.first, 400 + 30 * k, 30);
  EXPECT_GT(s.find(shuffled).ratio(), 0.95);
}

TEST(Matcher, AWordInSeveralWorksCountsOnce) {
  const Shelf& s = Shelf::get();
  Folder folder;
  const auto shared = slice(s.first, 0, 300);
  std::vector<std::string> texts;
  for (unsigned i = 0; i < 12; ++i)
    texts.push_back(join(random_words(100, 50 + i) + shared + random_words(100, 90 + i)));
  const auto index = index_of(folder, texts);
  const auto found = find_copying(index, join(slice(s.own, 0, 100) + shared));
  EXPECT_EQ(found.words, 400U);
  EXPECT_NEAR(static_cast<double>(found.copied), 300, 4);
  EXPECT_EQ(found.matches.size(), 1U);
}

TEST(Matcher, TextThatRepeatsOneWordTakesNoLonger) {
  Folder folder;
  const auto index = index_of(folder, {join(Words(2'000, "la")), join(random_words(500, 4))});
  EXPECT_GT(find_copying(index, join(Words(20'000, "la"))).ratio(), 0.05);
  EXPECT_EQ(find_copying(index, join(Words(20'000, "li"))).copied, 0U);
}

// Ratio and matches are those of the whole, wherever it is cut.
TEST(StreamMatcher, GivesTheSameWhereverTheTextIsCut) {
  const Shelf& s = Shelf::get();
  std::mt19937 random(5);
  Words words;
  for (int i = 0; i < 40; ++i) {
    words = words + slice(s.own, random() % 2'900, random() % 60);
    auto passage = slice(i % 3 == 0 ? s.second : s.first, random() % 400, random() % 90);
    for (auto& w : passage)
      if (random() % 10 == 0) w = "caf\xC3\xA9" + w;
    words = words + passage;
  }
  const auto text = join(words, " \xE2\x80\x94 ");
  const auto whole = find_copying(s.index, text);
  ASSERT_GT(whole.matches.size(), 10U);
  for (int round = 0; round < 60; ++round) {
    StreamMatcher matcher(s.index);
    std::vector<Match> matches;
    std::size_t last = 0;
    for (std::size_t at = 0; at < text.size();) {
      const std::size_t size = round == 0 ? 1 : 1 + random() % (round * 20);
      matcher.feed(std::string_view(text).substr(at, size));
      at += size;
      for (const auto& m : matcher.take()) matches.push_back(m);
      EXPECT_LE(matcher.copied(), matcher.words());
      EXPECT_GE(matcher.settled(), last);
      last = matcher.copied() == 0 ? matcher.settled() : 0;
    }
    matcher.finish();
    for (const auto& m : matcher.take()) matches.push_back(m);
    EXPECT_EQ(matches, whole.matches);
    EXPECT_EQ(matcher.copied(), whole.copied);
    EXPECT_EQ(matcher.words(), whole.words);
  }
}

TEST(StreamMatcher, SettlesNothingOfACopyBeforeItIsRecognised) {
  const Shelf& s = Shelf::get();
  for (std::size_t at = 0; at + 200 < s.first.size(); at += 37) {
    const auto before = join(slice(s.own, at % 500, 50)) + " ";
    StreamMatcher matcher(s.index);
    matcher.feed(before);
    for (const auto& w : slice(s.first, at, 60)) {
      matcher.feed(w + " ");
      if (!matcher.first_copied()) ASSERT_LE(matcher.settled(), before.size()) << at;
    }
    ASSERT_TRUE(matcher.first_copied());
    // A word or two before it may agree by chance.
    EXPECT_LE(*matcher.first_copied(), before.size());
    EXPECT_GT(*matcher.first_copied() + 60, before.size());
  }
}

TEST(StreamMatcher, SaysTheRatioAsItGoes) {
  const Shelf& s = Shelf::get();
  StreamMatcher matcher(s.index);
  matcher.feed(join(slice(s.own, 0, 100)) + " ");
  EXPECT_EQ(matcher.ratio(), 0);
  matcher.feed(join(slice(s.first, 0, 100)) + " ");
  EXPECT_NEAR(matcher.ratio(), 0.5, 0.02);
  matcher.feed(join(slice(s.own, 200, 200)) + " ");
  EXPECT_NEAR(matcher.ratio(), 0.25, 0.01);
}

}  // namespace
}  // namespace plimsoll::verbatim
