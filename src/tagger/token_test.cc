#include "token.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "letters.h"

namespace plimsoll::tagger {
namespace {

using testing::ElementsAre;

std::vector<std::string> tokens_of(std::string_view text) {
  std::vector<std::string> out;
  std::string folded;
  for (std::size_t at = 0; at < text.size();) {
    const Letter c = letter_at(text, at);
    if (c.space()) {
      at += c.size;
      continue;
    }
    const Token t = token_at(text, at, folded);
    out.emplace_back(text.substr(t.begin, t.end - t.begin));
    at = t.end;
  }
  return out;
}

Shape shape_of(std::string_view word) {
  std::string folded;
  return token_at(word, 0, folded).shape;
}

TEST(Token, SplitsWordsNumbersAndMarks) {
  EXPECT_THAT(tokens_of("Hello, Mr. O'Neil: it's 5.50!"),
              ElementsAre("Hello", ",", "Mr", ".", "O'Neil", ":", "it", "'", "s", "5.50", "!"));
}

TEST(Token, PossessivesStandApart) {
  EXPECT_THAT(tokens_of("Anna's dog"), ElementsAre("Anna", "'", "s", "dog"));
}

TEST(Token, MailboxesPagesIdentifiersAndHandlesAreOpaque) {
  for (const auto text :
       {"Jane.Doe@example.org", "https://example.org/John", "user_name", "example.org", "@jane", "#Berlin"}) {
    EXPECT_THAT(tokens_of(text), ElementsAre(text));
    EXPECT_EQ(shape_of(text), Shape::kOpaque) << text;
  }
}

TEST(Token, AFullStopEndsAWord) {
  EXPECT_THAT(tokens_of("in Paris.Then"), ElementsAre("in", "Paris", ".", "Then"));
}

TEST(Token, KnowsShapes) {
  EXPECT_EQ(shape_of("word"), Shape::kLower);
  EXPECT_EQ(shape_of("Word"), Shape::kTitle);
  EXPECT_EQ(shape_of("Øyvind"), Shape::kTitle);
  EXPECT_EQ(shape_of("W"), Shape::kInitial);
  EXPECT_EQ(shape_of("WORD"), Shape::kCaps);
  EXPECT_EQ(shape_of("McDonald"), Shape::kCamel);
  EXPECT_EQ(shape_of("iPhone"), Shape::kCamelLow);
  EXPECT_EQ(shape_of("10115"), Shape::kDigits5);
  EXPECT_EQ(shape_of("12b"), Shape::kMixedLow);
  EXPECT_EQ(shape_of("SW1A"), Shape::kMixedCap);
  EXPECT_EQ(shape_of("東京"), Shape::kUncased);
}

TEST(Token, FoldsCaseAndAccents) {
  EXPECT_EQ(fold_all("ÉLODIE Straße Łódź Nguyễn Άννα Ольга"), "elodie strasse lodz nguyen αννα ольга");
  std::string folded;
  EXPECT_EQ(token_at("José", 0, folded).hash, hash_of("jose"));
}

TEST(Token, NoneIsLongerThanItsLimit) {
  for (const char c : {'a', 'A', '7', '.', '@', '_'}) {
    const std::string text = "x@" + std::string(2000, c);
    for (const auto& t : tokens_of(text)) EXPECT_LE(t.size(), kMaxTokenBytes);
  }
}

TEST(Letter, BrokenBytesStandForThemselves) {
  for (const std::string_view text : {"\xC3", "\xFF", "\xE2\x82", "\xED\xA0\x80", "\xC0\xAF"}) {
    EXPECT_EQ(letter_at(text, 0).size, 1);
    EXPECT_EQ(letter_at(text, 0).kind, LetterKind::kOther);
  }
}

}  // namespace
}  // namespace plimsoll::tagger
