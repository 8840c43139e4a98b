#include "inspect_view.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace plimsoll::app {
namespace {

using testing::HasSubstr;
using testing::Not;

Finding finding(std::size_t begin, std::size_t end, Category category = Category::kPii) {
  return {.category = category,
          .entity = "EMAIL_ADDRESS",
          .detector = "pii.email",
          .span = {begin, end},
          .confidence = .98};
}

TEST(InspectView, BracketsFindingsByNumber) {
  EXPECT_EQ(show_text("mail a@b.de now", {finding(5, 11)}, {}), "mail [1:a@b.de:1] now\n");
  EXPECT_EQ(show_text("plain", {}, {}), "plain\n");
  EXPECT_EQ(show_text("", {}, {}), "\n");
}

TEST(InspectView, FindingsMayOverlap) {
  EXPECT_EQ(show_text("abcdef", {finding(0, 4), finding(2, 6)}, {}), "[1:ab[2:cd:1]ef:2]\n");
  EXPECT_EQ(show_text("abc", {finding(0, 2), finding(2, 3)}, {}), "[1:ab:1][2:c:2]\n");
}

TEST(InspectView, UnderlinesInTheCategorysColour) {
  EXPECT_EQ(show_text("mail a@b.de", {finding(5, 11)}, {.colour = true}),
            "mail \x1b[4m\x1b[34ma@b.de\x1b[0m\n");
  EXPECT_THAT(show_text("mail a@b.de", {finding(5, 11)}, {}), Not(HasSubstr("\x1b")));
}

TEST(InspectView, WritesOutWhatWouldActOnTheTerminalOrIsUnseen) {
  EXPECT_EQ(printable("a\x1b[2Jb\r\n\tc"), "a\\u{1b}[2Jb\\u{d}\n\tc");
  EXPECT_EQ(printable("i\u200bg\u202en\U000E0041ore\u00ad"), "i\\u{200b}g\\u{202e}n\\u{e0041}ore\\u{ad}");
  EXPECT_EQ(printable("\u009b"), "\\u{9b}");
  EXPECT_EQ(printable("né 東京 😀 \u2764\ufe0f"), "né 東京 😀 \u2764\ufe0f");
}

TEST(InspectView, OfALongTextShowsTheSurroundingsOfFindings) {
  const std::string text = std::string(6000, 'x') + "a@b.de" + std::string(6000, 'y');
  const auto shown = show_text(text, {finding(6000, 6006)}, {});
  EXPECT_LT(shown.size(), 400U);
  EXPECT_TRUE(shown.starts_with("…xxx"));
  EXPECT_THAT(shown, HasSubstr("x[1:a@b.de:1]y"));
  EXPECT_TRUE(shown.ends_with("y…\n"));
  EXPECT_LT(show_text(text, {}, {}).size(), 400U);
  // Never in the middle of a character.
  std::string wide;
  for (int i = 0; i < 3000; ++i) wide += "€";
  EXPECT_THAT(show_text(wide, {finding(4500, 4503)}, {}), HasSubstr("€[1:€:1]€"));
}

TEST(InspectView, ListsWhatWasFound) {
  EXPECT_EQ(show_findings({finding(5, 11)}, {}), "  1  pii  EMAIL_ADDRESS  pii.email  0.98  bytes 5-11\n");
}

TEST(InspectView, BarsShowTheScoreAndTheLimit) {
  const auto bar = show_scores({{Category::kCbrn, .5, .25}}, {});
  EXPECT_THAT(bar, HasSubstr("cbrn  0.50  ██████████|█████████····················  reaches 0.25"));
  EXPECT_THAT(show_scores({{Category::kCbrn, .1, .25}}, {}), HasSubstr("████······|"));
  EXPECT_THAT(show_scores({{Category::kCbrn, .1, .25}}, {}), HasSubstr("below 0.25"));
  EXPECT_THAT(show_scores({{Category::kCbrn, 1, -1}}, {}), Not(HasSubstr("|")));
  EXPECT_THAT(show_scores({{Category::kCbrn, 0, 1}}, {}), HasSubstr("·|  below 1.00"));
}

}  // namespace
}  // namespace plimsoll::app
