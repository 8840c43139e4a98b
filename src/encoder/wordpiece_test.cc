#include "encoder/wordpiece.h"

#include <gtest/gtest.h>

namespace plimsoll::encoder {
namespace {

using Pieces = std::vector<std::int64_t>;

constexpr const char* kVocabulary =
    "[PAD]\n[UNK]\n[CLS]\n[SEP]\nun\n##aff\n##able\n,\nrunning\n##"
    "s\ncafe\nCafé\n\xE6\x97\xA5\n\xE6\x9C\xAC\nstrasse\n";

WordPiece tokenizer(bool lower_case = true) {
  return *WordPiece::parse(kVocabulary, lower_case);
}

TEST(WordPiece, TakesTheLongestPieceFirstAndMarksContinuations) {
  EXPECT_EQ(tokenizer().pieces("unaffable, running", 99), (Pieces{4, 5, 6, 7, 8}));
  EXPECT_EQ(tokenizer().pieces("runnings", 99), (Pieces{8, 9}));
}

TEST(WordPiece, AWordThatDoesNotComeOutIsUnknownAsAWhole) {
  EXPECT_EQ(tokenizer().pieces("unaffordable un", 99), (Pieces{1, 4}));
  EXPECT_EQ(tokenizer().pieces(std::string(101, 's'), 99), Pieces{1});
}

TEST(WordPiece, FoldsCaseAndAccentsOrKeepsThem) {
  EXPECT_EQ(tokenizer().pieces("CAFÉ", 99), Pieces{10});
  EXPECT_EQ(tokenizer().pieces("cafe\xCC\x81", 99), Pieces{10});
  EXPECT_EQ(tokenizer(false).pieces("Café CAFÉ", 99), (Pieces{11, 1}));
}

TEST(WordPiece, IdeographsAndPunctuationStandAlone) {
  EXPECT_EQ(tokenizer().pieces("\xE6\x97\xA5\xE6\x9C\xAC,un", 99), (Pieces{12, 13, 7, 4}));
}

TEST(WordPiece, WhatIsNotSeenIsNotRead) {
  EXPECT_EQ(tokenizer().pieces("un\xE2\x80\x8B"
                               "aff\xC2\xAD"
                               "able",
                               99),
            (Pieces{4, 5, 6}));
  EXPECT_EQ(tokenizer().pieces("un\xFFun", 99), (Pieces{4, 4}));
  EXPECT_EQ(tokenizer().pieces("", 99), Pieces{});
}

TEST(WordPiece, GivesNoMoreThanIsWanted) {
  EXPECT_EQ(tokenizer().pieces("un un un unaffable", 2), (Pieces{4, 4}));
  EXPECT_EQ(tokenizer().pieces("unaffable", 2), (Pieces{4, 5}));
}

TEST(WordPiece, AVocabularyThatIsNoneIsRefused) {
  for (const auto& [text, expected] : {std::pair<std::string, const char*>{"a\nb\n", "[CLS]"},
                                       {"", "[CLS]"},
                                       {"[CLS]\n[SEP]\n[UNK]\na\na\n", "line 5"},
                                       {"\x89PNG\xFF", "UTF-8"}}) {
    const auto made = WordPiece::parse(text, true);
    ASSERT_FALSE(made) << text;
    EXPECT_EQ(made.error().code, Code::kInvalid);
    EXPECT_NE(made.error().message.find(expected), std::string::npos) << made.error().message;
  }
  const auto large = WordPiece::parse(std::string(WordPiece::kMaxBytes + 1, 'a'), true);
  ASSERT_FALSE(large);
  EXPECT_EQ(large.error().code, Code::kTooLarge);
}

TEST(WordPiece, ReadsLinesThatEndAsOnWindows) {
  const auto made = WordPiece::parse("[CLS]\r\n[SEP]\r\n[UNK]\r\nun\r\n", true);
  ASSERT_TRUE(made);
  EXPECT_EQ(made->pieces("un", 9), Pieces{3});
}

}  // namespace
}  // namespace plimsoll::encoder
