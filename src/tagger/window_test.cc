#include "window.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tagger/tagger.h"

namespace plimsoll::tagger {
namespace {

using testing::ElementsAre;

const WordTable& table() {
  static const WordTable table;
  return table;
}

std::vector<std::string> windows_of(std::string_view text) {
  std::vector<std::string> out;
  Words words;
  for (std::size_t at = skip_space(text, 0); at < text.size();) {
    const auto window = next_window(text, at, true, table(), words);
    out.emplace_back(text.substr(at, window->end - at));
    at = skip_space(text, window->end);
  }
  return out;
}

TEST(Window, EndsWithASentence) {
  EXPECT_THAT(windows_of("I saw Ann. She left!  Why? (\"Never.\") ok"),
              ElementsAre("I saw Ann.", "She left!", "Why?", "(\"Never.\")", "ok"));
}

TEST(Window, DoesNotEndAtAnAbbreviation) {
  EXPECT_THAT(windows_of("Dr. Smith and J. Doe live on St. James Ave. 5 in town"),
              ElementsAre("Dr. Smith and J. Doe live on St. James Ave. 5 in town"));
}

TEST(Window, HoldsLinesTogetherAndEndsAtABlankOne) {
  EXPECT_THAT(windows_of("Ann Lee\n5 High Street\n \nBob"), ElementsAre("Ann Lee\n5 High Street", "Bob"));
}

TEST(Window, IsBounded) {
  std::string text;
  for (int i = 0; i < 500; ++i) text += i % 7 == 0 ? "Some Name " : "words without end ";
  text += std::string(5000, 'x') + std::string(5000, ' ') + std::string(3000, '\xC3');
  for (const auto& w : windows_of(text)) EXPECT_LE(w.size(), kWindowBytes);
}

TEST(Window, IsCutBetweenOrdinaryWordsWhereItMustBe) {
  std::string text(390, ' ');
  for (std::size_t i = 0; i < 380; i += 4) text.replace(i, 3, "abc");
  text.resize(381);
  text += "Anna Maria Schmidt is here and goes on";
  const auto windows = windows_of(text);
  ASSERT_EQ(windows.size(), 2U);
  EXPECT_TRUE(windows[0].ends_with("abc"));
  EXPECT_NE(windows[1].find("Anna Maria Schmidt"), std::string::npos);
}

TEST(Window, WaitsForWhatCouldMatter) {
  Words words;
  EXPECT_FALSE(next_window("I saw Ann.", 0, false, table(), words));
  EXPECT_TRUE(next_window("I saw Ann. ", 0, false, table(), words));
  EXPECT_FALSE(next_window("one\n", 0, false, table(), words));
  EXPECT_TRUE(next_window("one\n\n", 0, false, table(), words));
}

}  // namespace
}  // namespace plimsoll::tagger
