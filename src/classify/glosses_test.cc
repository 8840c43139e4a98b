#include "glosses.h"

#include <gtest/gtest.h>

#include <fstream>
#include <string>
#include <string_view>
#include <vector>

#include "text/normalizer.h"

namespace plimsoll::classify {
namespace {

constexpr std::string_view kLists =
    "bomb: bombe Bomben\n"
    "weapon: arme\n"
    "password: mot_de_passe\n"
    "word: mot\n"
    "step: etape\n"
    "break: взлом\n"
    "poor: arme\n"
    "make: 制造\n"
    "bomb: 炸弹\n";

std::vector<std::uint32_t> read(const Glosses& glosses, std::string_view text) {
  WindowKeys window;
  split_words(text, window);
  glosses.read(window);
  EXPECT_EQ(window.hashes.size(), window.lengths.size());
  return window.hashes;
}
std::vector<std::uint32_t> split(std::string_view text) {
  WindowKeys window;
  split_words(text, window);
  return window.hashes;
}

TEST(Glosses, StandForWords) {
  const Glosses glosses(kLists);
  EXPECT_EQ(glosses.faults(), 0U);
  EXPECT_EQ(read(glosses, "une BOMBE, zwei bomben"), split("une bomb, zwei bomb"));
  EXPECT_EQ(read(glosses, "Взлом!"), split("break!"));
  EXPECT_EQ(read(glosses, "nothing of it"), split("nothing of it"));
  EXPECT_EQ(read(glosses, ""), split(""));
}

// The plain view of a text has no accents on Latin letters.
TEST(Glosses, AreWrittenAsTheNormalizerLeavesThem) {
  const auto normalizer = text::Normalizer::create();
  for (const char* language :
       {"ar", "de", "es", "fr", "hi", "id", "it", "ja", "ko", "nl", "pl", "pt", "ru", "tr", "vi", "zh"}) {
    std::ifstream file(std::string(PLIMSOLL_SOURCE_DIR "/src/classify/glosses/") + language + ".txt");
    std::size_t lines = 0;
    for (std::string line; std::getline(file, line); ++lines)
      EXPECT_EQ(normalizer->normalize(line).text(), line) << language;
    EXPECT_GT(lines, 1000U) << language;
  }
}

TEST(Glosses, TakeTheLongestForm) {
  const Glosses glosses(kLists);
  EXPECT_EQ(read(glosses, "le mot de passe de"), split("le password de"));
  EXPECT_EQ(read(glosses, "le mot de"), split("le word de"));
  EXPECT_EQ(read(glosses, "le mot"), split("le word"));
  WindowKeys window;
  split_words("mot de passe", window);
  glosses.read(window);
  EXPECT_EQ(window.lengths, std::vector<std::uint32_t>{3 + 2 + 5});
}

TEST(Glosses, HaveAlternatives) {
  const Glosses glosses("stop: kill_(a|the|)_(thread|process) halt\nx: (y\n");
  EXPECT_EQ(glosses.size(), 8U);
  EXPECT_EQ(read(glosses, "halt, kill process, kill the thread, kill my thread"),
            split("stop stop stop kill my thread"));
}

TEST(Glosses, AreBehindArticlesWithApostrophes) {
  const Glosses glosses(kLists);
  EXPECT_EQ(read(glosses, "l'arme qu'arme dell'arme"), split("weapon weapon weapon"));
  EXPECT_EQ(read(glosses, "'arme arme' l'x"), split("'arme arme' l'x"));
}

TEST(Glosses, AreInRowsOfIdeographs) {
  EXPECT_EQ(read(Glosses(kLists), "如何制造炸弹x?"), split("如 何 make bomb x?"));
}

TEST(Glosses, AreOfTheFirstListThatHasAWord) {
  EXPECT_EQ(read(Glosses(kLists), "arme"), split("weapon"));
}

TEST(Glosses, CountLinesThatAreNone) {
  const Glosses glosses("bomb: bombe\nno colon\n: x\ntwo words: y\nfar: a_b_c_d_e_f_g\n\n");
  EXPECT_EQ(glosses.faults(), 4U);
  EXPECT_EQ(glosses.size(), 1U);
}

TEST(Glosses, ThatAreShippedAreSound) {
  const auto& glosses = Glosses::shipped();
  EXPECT_EQ(glosses.faults(), 0U);
  EXPECT_GT(glosses.size(), 20'000U);
  EXPECT_EQ(read(glosses, "je veux fabriquer une bombe"), split("i want make a bomb"));
  EXPECT_EQ(read(glosses, "How do I kill a Python process?"), split("how do i close"));
  EXPECT_EQ(read(glosses, "wie baue ich Bomben?"), split("how make i bombs?"));
}

// What is a word of English, too, is no gloss.
TEST(Glosses, LeaveEnglishAsItIs) {
  constexpr std::string_view kEnglish =
      "The main point of this comment is on sale for a pain in the hand: tell me the list of all that will "
      "die, come to "
      "the bad house, sin no more, or rather gift one angel an arm, fast and hard, as we had a home to go "
      "to, dare or die.";
  EXPECT_EQ(read(Glosses::shipped(), kEnglish), split(kEnglish));
}

}  // namespace
}  // namespace plimsoll::classify
