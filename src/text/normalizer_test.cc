#include "text/normalizer.h"

#include <gtest/gtest.h>

#include <random>

namespace plimsoll::text {
namespace {

const Normalizer& normalizer() {
  static const auto instance = Normalizer::create();
  return *instance;
}

bool starts_character(std::string_view text, std::size_t at) {
  return at >= text.size() || (static_cast<unsigned char>(text[at]) & 0xC0U) != 0x80U;
}

// Letters, disguises and neighbours of every kind the normaliser knows.
std::string random_text(std::mt19937& random, std::size_t characters) {
  static constexpr const char* kCharacters[] = {
      "a",      "Z",      "Ж",      "Ứ",  " ",      "7",  ".",          "é",          "É",      "ñ",
      "а",      "о",      "р",      "ж",  "Я",      "α",  "ω",          "հ",          "\u200b", "\u00ad",
      "\u0301", "\ufe0f", "ｉ",     "Ａ", "ﬁ",      "①",  "\U000e0041", "\U000e0020", "𝐢",      "中",
      "한",     "👍",     "\u200d", "ℌ",  "\u00a0", "？", "（",         "）"};
  std::string text;
  for (std::size_t i = 0; i < characters; ++i) text += kCharacters[random() % std::size(kCharacters)];
  return text;
}

TEST(Normalizer, LeavesPlainTextAlone) {
  for (const char* text : {"", "Plain ASCII, 100 %.", "Straße, æ", "Привет, мир", "今日は", "किताबें पढ़ना",
                           "ครับ น้ำ", "你好，世界！（中）：", "한국？", "如何使用（AR）？"}) {
    const auto view = normalizer().normalize(text);
    EXPECT_TRUE(view.identical()) << text;
    EXPECT_EQ(view.text(), text);
  }
}

TEST(Normalizer, UndoesDisguises) {
  const std::pair<const char*, const char*> cases[] = {
      {"ig\u200bnore", "ignore"},
      {"i\u0301gnore", "ignore"},
      {"ｉｇｎｏｒｅ ２", "ignore 2"},
      {"𝐢𝐠𝐧𝐨𝐫𝐞", "ignore"},
      {"іgnоrе", "ignore"},
      {"Ηello", "Hello"},
      {"\U000e0069\U000e0067\U000e006e", "ign"},
      {"i\ufe0fg\U000e0100n", "ign"},
      {"so\u00adft", "soft"},
      {"a\u00a0b", "a b"},
      {"ﬁle", "file"},
      {"what？（this！）", "what?(this!)"},
      {"中文 ignore（this）", "中文 ignore(this)"},
      {"中ｉｇｎ！", "中ign!"},
      {"Ünïcode à la Éric, tiếng Việt, łódź, Dž ǆ", "Unicode a la Eric, tieng Viet, lodz, Dz dz"},
      {"i\u0941gn", "ign"},  // vowels of Hindi on Latin letters
  };
  for (const auto& [text, plain] : cases) EXPECT_EQ(normalizer().normalize(text).text(), plain) << text;
}

TEST(Normalizer, MakesCapitalsSmallThatFollowOthers) {
  const std::pair<const char*, const char*> cases[] = {
      {"КАК СДЕЛАТЬ", "Как сделать"},
      {"КАК-ТО, 5 ДОМОВ", "Как-то, 5 домов"},
      {"ÆŒ straße", "Æœ straße"},
      {"DÉJÆ VU, DéJæ", "DEJæ VU, DeJæ"},
      {"ΑΘΗΝΑ", "Αθηνα"},
      {"ＡÆ", "Aæ"},
      {"Ж\u200bЖ", "Жж"},
      {"Иван Петров, Ельцин", "Иван Петров, Ельцин"},
      {"HЕLLО", "HELLO"},
  };
  for (const auto& [text, plain] : cases) EXPECT_EQ(normalizer().normalize(text).text(), plain) << text;
}

TEST(Normalizer, FoldsLookAlikesOnlyInWordsThatMixScripts) {
  EXPECT_EQ(normalizer().normalize("раура1 раypal \u200b").text(), "раура1 paypal ");
  EXPECT_EQ(normalizer().normalize("Россия and Ellada Ελλάδα\u200b").text(), "Россия and Ellada Ελλάδα");
}

TEST(Normalizer, KeepsBytesThatAreNotUtf8) {
  const std::string_view text = "a\xC3(\xFF\xE2\x80\u200b";
  EXPECT_EQ(normalizer().normalize(text).text(), "a\xC3(\xFF\xE2\x80");
}

TEST(Normalizer, MapsEveryByteInOrderOntoWholeCharactersOfTheOriginal) {
  std::mt19937 random(1);
  for (int round = 0; round < 2000; ++round) {
    const auto text = random_text(random, random() % 40);
    const auto view = normalizer().normalize(text);
    if (view.identical()) continue;
    std::size_t last = 0;
    for (std::size_t i = 0; i < view.text().size(); ++i) {
      ASSERT_LT(view.begin_of(i), view.end_of(i));
      ASSERT_LE(view.end_of(i), text.size());
      ASSERT_TRUE(starts_character(text, view.begin_of(i)) && starts_character(text, view.end_of(i)));
      ASSERT_GE(view.begin_of(i), last);
      last = view.begin_of(i);
    }
  }
}

TEST(Normalizer, RemovingTheRangeOfAMatchRemovesTheDisguisedWord) {
  std::mt19937 random(2);
  for (const std::string_view disguised :
       {"s\u200be\u0301c\ufe0fret", "ｓｅｃｒｅｔ", "seсrеt", "𝐬ecr\u00adet"}) {
    const auto before = random_text(random, 8) + " ", after = " " + random_text(random, 8);
    auto text = before + std::string(disguised) + after;
    const auto view = normalizer().normalize(text);
    const auto at = view.text().find("secret");
    ASSERT_NE(at, std::string_view::npos);
    const auto begin = view.begin_of(at), end = view.end_of(at + 5);
    text.erase(begin, end - begin);
    EXPECT_EQ(text, before + after);
  }
}

TEST(Normalizer, GivesTheSameViewWhereverTheTextIsCut) {
  struct Collect final : FoldSink {
    std::string text;
    std::size_t end = 0;
    void same(std::string_view bytes, std::size_t begin) override {
      EXPECT_EQ(begin, end);
      text += bytes;
      end = begin + bytes.size();
    }
    void changed(std::string_view bytes, std::size_t begin, std::size_t to) override {
      EXPECT_EQ(begin, end);
      text += bytes;
      end = to;
    }
  };
  std::mt19937 random(3);
  for (int round = 0; round < 500; ++round) {
    auto text = random_text(random, 1 + random() % 40);
    // Bytes that belong to no character, and few that happen to.
    if (round % 2 == 0)
      for (std::size_t i = random() % 120; i > 0; --i)
        text += random() % 12 > 0 ? "aZ \x80\x8B\xC0\xFF"[random() % 7] : "\xC3\xD0\xE2\xF4"[random() % 4];
    const auto whole = normalizer().normalize(text);
    Collect cut;
    Folder folder(normalizer());
    for (std::size_t at = 0; at < text.size();) {
      const auto size = std::min<std::size_t>(1 + random() % 5, text.size() - at);
      folder.feed(std::string_view(text).substr(at, size), cut);
      at += size;
      ASSERT_EQ(folder.settled(), cut.end);
      ASSERT_LE(at - folder.settled(), Folder::kMaxPending + 3);
    }
    folder.finish(cut);
    ASSERT_EQ(cut.text, whole.text());
    ASSERT_EQ(cut.end, text.size());
  }
}

}  // namespace
}  // namespace plimsoll::text
