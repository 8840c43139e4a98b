#include "tagger/stream_tagger.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "random.h"
#include "test_model.h"

namespace plimsoll::tagger {
namespace {

std::vector<NameSpan> at_once(std::string_view text) {
  Scratch scratch;
  std::vector<NameSpan> spans;
  random_tagger().tag(text, scratch, spans);
  return spans;
}

// Feeds the pieces and checks what every step promises.
std::vector<NameSpan> in_pieces(const std::vector<std::string_view>& pieces) {
  Scratch scratch;
  StreamTagger stream(random_tagger(), scratch);
  std::vector<NameSpan> spans;
  std::size_t fed = 0, decided = 0;
  const auto take = [&](StreamTagger::Step step) {
    EXPECT_LE(decided, step.decided);
    EXPECT_LE(step.decided, fed);
    EXPECT_LE(fed - step.decided, StreamTagger::kMaxHeld);
    for (const auto& s : step.spans) {
      EXPECT_GE(s.begin, decided) << "a span in text that had left";
      EXPECT_LE(s.end, step.decided);
      spans.push_back(s);
    }
    decided = step.decided;
  };
  for (const auto piece : pieces) {
    fed += piece.size();
    take(stream.feed(piece));
  }
  take(stream.finish());
  EXPECT_EQ(decided, fed);
  return spans;
}

const std::string_view kText =
    "My name is Zoë O'Hara (zoe.ohara@example.org). I live at 12 Bahnhofstraße,\nFlat 3, 10115 Berlin. Dr. "
    "J. "
    "Müller said:\n\n\"Call Ann!\" it's St. Mary's... new york city and   http://a.example/Bob_x 5.50 \xC3 "
    "end\xC2\xA0of";

TEST(StreamTagger, GivesTheSameSpansWhereverTheTextIsCut) {
  const auto expected = at_once(kText);
  ASSERT_GT(expected.size(), 5U);
  for (std::size_t a = 0; a <= kText.size(); ++a)
    for (std::size_t b = a; b <= kText.size(); b += 1 + (b - a) / 8)
      ASSERT_EQ(in_pieces({kText.substr(0, a), kText.substr(a, b - a), kText.substr(b)}), expected)
          << a << ' ' << b;
}

TEST(StreamTagger, GivesTheSameSpansByteByByte) {
  std::vector<std::string_view> bytes;
  for (std::size_t i = 0; i < kText.size(); ++i) bytes.push_back(kText.substr(i, 1));
  EXPECT_EQ(in_pieces(bytes), at_once(kText));
}

TEST(StreamTagger, GivesTheSameSpansOfLongTextsInRandomPieces) {
  const std::vector<std::string_view> scraps{"Anna",
                                             " ",
                                             " ",
                                             " ",
                                             "\n",
                                             ". ",
                                             "street ",
                                             "Weg 5",
                                             "the ",
                                             "of",
                                             "o'",
                                             "s",
                                             "'s ",
                                             "@",
                                             "x@y.z",
                                             "_",
                                             "://",
                                             "USA",
                                             "\xC3",
                                             "\xA9",
                                             "é",
                                             "12",
                                             "3,4",
                                             "-",
                                             "\"",
                                             "! ",
                                             "? ",
                                             "Dr.",
                                             "my name is ",
                                             "new york ",
                                             "aaaaaaaaaaaaaaaaaaaaaaaa",
                                             "a.b.c.d.e.f",
                                             "Foo.Bar.",
                                             "\n\n",
                                             "     ",
                                             "\xC2\xA0",
                                             "ZIP code "};
  Random random(3);
  for (int round = 0; round < 300; ++round) {
    std::string text;
    while (text.size() < 1500) text += scraps[random.below(scraps.size())];
    if (round % 10 == 0) std::erase_if(text, [](char c) { return c == ' ' || c == '\n'; });
    std::vector<std::string_view> pieces;
    const std::size_t largest = 1 + random.below(round % 2 == 0 ? 12 : 400);
    for (std::size_t at = 0; at < text.size();) {
      const std::size_t n = std::min(text.size() - at, 1 + random.below(largest));
      pieces.push_back(std::string_view(text).substr(at, n));
      at += n;
    }
    ASSERT_EQ(in_pieces(pieces), at_once(text)) << round;
  }
}

TEST(StreamTagger, LetsOrdinaryWordsGoAtOnce) {
  Scratch scratch;
  auto model = Model::parse(random_model()).value();
  for (const auto word : {"we", "fell", "asleep"}) model.usages[0].push_back(hash_of(word));
  std::ranges::sort(model.usages[0]);
  const auto tagger = Tagger::create(model.bytes()).value();
  StreamTagger stream(*tagger, scratch);
  EXPECT_EQ(stream.feed("we fell asleep").decided, 8U);
  EXPECT_EQ(stream.feed(" Anna").decided, 15U);
}

TEST(StreamTagger, CanBeUsedAgain) {
  Scratch scratch;
  StreamTagger stream(random_tagger(), scratch);
  stream.feed("Some Text Before");
  stream.finish();
  std::vector<NameSpan> spans = stream.feed(kText).spans;
  for (const auto& s : stream.finish().spans) spans.push_back(s);
  EXPECT_EQ(spans, at_once(kText));
}

}  // namespace
}  // namespace plimsoll::tagger
