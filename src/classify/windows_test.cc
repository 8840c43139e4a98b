#include "windows.h"

#include <gtest/gtest.h>

#include <string>

namespace plimsoll::classify {
namespace {

std::string words(std::size_t size) {
  std::string text;
  while (text.size() < size) text += "word ";
  text.resize(size, 'x');
  return text;
}

TEST(Windows, CloseAfterTheEndOfASentence) {
  const std::string first = words(70) + "end. ";
  EXPECT_EQ(first_window(first + "Next"), first.size());
  const std::string quoted = words(70) + "end!\") ";
  EXPECT_EQ(first_window(quoted + "Next"), quoted.size());
  const std::string line = words(70) + "\n";
  EXPECT_EQ(first_window(line + "Next"), line.size());
  const std::string chinese = words(70) + "\u3002";
  EXPECT_EQ(first_window(chinese + "Next"), chinese.size());
}

TEST(Windows, StayOpenForShortSentencesAndForPointsInsideWords) {
  EXPECT_EQ(first_window("Yes. No. Perhaps. "), 0U);
  EXPECT_EQ(first_window(words(70) + "3.14 and example.org say"), 0U);
  EXPECT_EQ(first_window(""), 0U);
}

TEST(Windows, CloseBehindAWordWhenASentenceIsLong) {
  const std::string text = words(2000);
  const std::size_t size = first_window(text);
  EXPECT_LE(size, kMaxWindow);
  EXPECT_GT(size, kMaxWindow - 6);
  EXPECT_EQ(text[size - 1], ' ');
}

TEST(Windows, NeverCutACharacterThatIsWhole) {
  for (std::size_t before = 0; before < 4; ++before) {
    std::string text(before, 'x');
    while (text.size() < 400) text += "\U0001F600";
    const std::size_t size = first_window(text);
    EXPECT_EQ((size - before) % 4, 0U);
    EXPECT_GT(size, kMaxWindow - 4);
  }
  EXPECT_EQ(first_window(std::string(1000, '\x80')), kMaxWindow);
}

TEST(Windows, DependOnNothingBehindTheCut) {
  const std::string text = words(100) + "first. " + words(500) + "\u3002" + std::string(900, 'y');
  for (std::size_t begin = 0; begin < text.size();) {
    const std::size_t size = first_window(std::string_view(text).substr(begin));
    if (size == 0) break;
    for (std::size_t more = size; begin + more <= text.size() && more < size + 50; ++more)
      EXPECT_EQ(first_window(std::string_view(text).substr(begin, more)), size);
    EXPECT_EQ(first_window(std::string_view(text).substr(begin, size - 1)), 0U);
    begin += size;
  }
}

}  // namespace
}  // namespace plimsoll::classify
