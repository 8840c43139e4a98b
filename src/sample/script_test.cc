#include "script.h"

#include <gmock/gmock.h>

namespace plimsoll::sample {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;

TEST(Script, RepeatsWhatItWasToldUnlessAskedOtherwise) {
  EXPECT_EQ(read_script("  hello\nthere ").text, "You said: hello\nthere");
  EXPECT_EQ(read_script("[[say: exactly: this ]] and not this").text, "exactly: this");
  EXPECT_EQ(read_script("[[say64: 6Onk5OXu]]").text, "hidden");
  EXPECT_EQ(read_script("x [[canned: empty]]").text, "");
  EXPECT_EQ(read_script("[[say:ab]][[repeat: 3]]").text, "ababab");
}

TEST(Script, ReadsTimingSizesAndFaults) {
  const auto script = read_script("a [[chunks: 3]] b [[delay: 20ms]][[first-delay: 2s]][[fault: 503]]");
  EXPECT_EQ(script.heard, "a  b");
  EXPECT_EQ(script.chunk_bytes, 3U);
  EXPECT_EQ(script.delay, 20ms);
  EXPECT_EQ(script.first_delay, 2s);
  EXPECT_EQ(script.fault, Fault::kStatus);
  EXPECT_EQ(script.status, 503);
  EXPECT_EQ(read_script("[[fault: stall]]").fault, Fault::kStall);
  EXPECT_EQ(read_script("[[fault: event]]").fault, Fault::kEvent);
}

TEST(Script, ReadsThoughtsAndTheArgumentsOfACall) {
  const auto script = read_script(R"(go [[think: hm: yes]] [[args: {"a":{"b":[1]}}]])");
  EXPECT_EQ(script.thinking, "hm: yes");
  EXPECT_EQ(script.arguments, R"({"a":{"b":[1]}})");
  EXPECT_TRUE(script.call_tool);
  EXPECT_EQ(read_script("[[think64: 6Onk5OXu]]").thinking, "hidden");
  EXPECT_EQ(read_script("[[args64: +6Lhorrb27Hd3f0=]]").arguments, R"({"a":[[1]]})");
  EXPECT_FALSE(read_script("[[think: x]]").call_tool);
}

TEST(Script, WhatIsNoDirectiveIsPartOfTheMessage) {
  for (const char* text :
       {"[[", "[[x]]", "[[unknown: 1]]", "[[chunks: 0]]", "[[chunks: x]]", "[[delay: 5]]", "[[delay: -1ms]]",
        "[[fault: 200]]", "[[say64: *]]", "[[say64: fw==]]", "[[canned: nothing]]", "[[args: [1] ]]",
        "[[args: {]]", "[[args64: 290=]]", "[[repeat: 99999999999999999999]]", "[[say: open"})
    EXPECT_EQ(read_script(text).heard, text);
  EXPECT_EQ(read_script("[[ [[say: x]]").text, "x");
}

TEST(Script, AnswersAreBounded) {
  EXPECT_LE(read_script("[[say: abc]][[repeat: 999999999]]").text.size(), 16U << 20U);
  EXPECT_EQ(read_script("[[delay: 60000s]]").delay, 60s);
}

TEST(Pieces, EndAtWordsOrBytesButNeverInsideACharacter) {
  EXPECT_THAT(pieces("one  two\nthree ", 0), ElementsAre("one", "  two", "\nthree", " "));
  EXPECT_THAT(pieces("aé€x", 2), ElementsAre("aé", "€", "x"));
  EXPECT_TRUE(pieces("", 3).empty());
}

TEST(Words, AreCountedAndCut) {
  EXPECT_EQ(count_words("  a bb\nccc "), 3U);
  EXPECT_EQ(first_words(" a bb\nccc ", 2), " a bb");
  EXPECT_EQ(first_words("a", 9), "a");
}

}  // namespace
}  // namespace plimsoll::sample
