#include "verbatim/tokenizer.h"

#include <gtest/gtest.h>

namespace plimsoll::verbatim {
namespace {

const std::shared_ptr<const Characters>& characters() {
  static const auto table = *Characters::create();
  return table;
}

std::vector<std::uint64_t> hashes(std::string_view text) {
  std::vector<std::uint64_t> out;
  for (const auto& token : tokenize(text, characters())) out.push_back(token.hash);
  return out;
}

std::vector<std::string> words(std::string_view text) {
  std::vector<std::string> out;
  for (const auto& token : tokenize(text, characters()))
    out.emplace_back(text.substr(token.begin, token.end - token.begin));
  return out;
}

TEST(Tokenizer, CutsAtWhatIsNeitherLetterNorDigit) {
  EXPECT_EQ(words("It was -- as he_said -- 2,000 \xE2\x80\x9Cmiles\xE2\x80\x9D away."),
            (std::vector<std::string>{"It", "was", "as", "he", "said", "2", "000", "miles", "away"}));
  EXPECT_TRUE(words("").empty());
  EXPECT_TRUE(words(" \n\t-- \xE2\x80\xA6 !").empty());
}

TEST(Tokenizer, TakesNoNoticeOfTrivialEdits) {
  const auto plain = hashes("don't call the cafe naive, it is office 12");
  const char* const edits[] = {
      "DON\xE2\x80\x99T call\xC2\xA0the  cafe naive; it is office 12",  // case, quotes, spaces
      "dont call the caf\xC3\xA9 na\xC3\xAFve -- it is office 12",      // accents
      "don't call the cafe\xCC\x81 nai\xCC\x88ve. It is o\xEF\xAC\x83"
      "ce 12",  // combining marks, a ligature
      "do\xC2\xADn't ca\xE2\x80\x8Bll the cafe naive it is office \xC2\xB9\xC2\xB2",
      "\xEF\xBD\x84\xEF\xBD\x8F\xEF\xBD\x8E\xEF\xBC\x87\xEF\xBD\x94 call, the *cafe* _naive_ it is office "
      "12"};
  for (const auto* edit : edits) EXPECT_EQ(hashes(edit), plain) << edit;
  EXPECT_NE(hashes("do not call the cafe naive, it is office 12"), plain);
}

TEST(Tokenizer, FoldsTheCaseOfOtherAlphabets) {
  EXPECT_EQ(hashes("\xCE\xA3\xCE\x95\xCE\x99\xCE\xA3"), hashes("\xCF\x83\xCE\xB5\xCE\xB9\xCF\x82"));  // sigma
  EXPECT_EQ(hashes("\xD0\x9C\xD0\x98\xD0\xA0"), hashes("\xD0\xBC\xD0\xB8\xD1\x80"));
  EXPECT_EQ(hashes("STRASSE"), hashes("stra\xC3\x9F"
                                      "e"));
}

TEST(Tokenizer, TakesScriptsWithoutSpacesCharacterByCharacter) {
  EXPECT_EQ(
      words("\xE6\x97\xA5\xE6\x9C\xAC\xE8\xAA\x9E abc\xE3\x81\x82"),
      (std::vector<std::string>{"\xE6\x97\xA5", "\xE6\x9C\xAC", "\xE8\xAA\x9E", "abc", "\xE3\x81\x82"}));
  EXPECT_EQ(words("\xE0\xB8\x81\xE0\xB8\xB2").size(), 2U);
}

TEST(Tokenizer, GivesTheSameWhereverTheTextIsCut) {
  const std::string text =
      "Caf\xC3\xA9 \xE6\x97\xA5\xE6\x9C\xAC \xF0\x9D\x94\xB8lpha\xEF\xAC\x81x \xFF\xE2\x82 don\xE2\x80\x99t "
      "\xF0\x9F\x98\x80 end\xC3";
  const auto whole = tokenize(text, characters());
  for (std::size_t a = 0; a <= text.size(); ++a) {
    for (std::size_t b = a; b <= text.size(); ++b) {
      Tokenizer tokenizer(characters());
      std::vector<Token> parts;
      tokenizer.feed(text.substr(0, a), parts);
      tokenizer.feed(text.substr(a, b - a), parts);
      tokenizer.feed(text.substr(b), parts);
      tokenizer.finish(parts);
      ASSERT_EQ(parts, whole) << a << ' ' << b;
    }
  }
}

// The format depends on these: docs/corpus_format.md.
TEST(Tokenizer, HashesAsTheFormatSays) {
  EXPECT_EQ(hashes("A whale \xE6\x97\xA5"),
            (std::vector<std::uint64_t>{0x82A2A958A9BECE5BU, 0xE71DCC172E7CA3B5U, 0x35D2D22C0CB14CD0U}));
}

}  // namespace
}  // namespace plimsoll::verbatim
