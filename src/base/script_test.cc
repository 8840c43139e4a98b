#include "base/script.h"

#include <gtest/gtest.h>

#include <string>

namespace plimsoll {
namespace {

TEST(Script, IsTheOneWithTheMostLetters) {
  const std::pair<std::string_view, std::string_view> cases[] = {{"Where do herons nest?", "latin"},
                                                                 {"Où nichent les hérons ?", "latin"},
                                                                 {"Где гнездятся цапли? ok", "cyrillic"},
                                                                 {"Πού φωλιάζουν οι ερωδιοί;", "greek"},
                                                                 {"أين تعشش مالك الحزين؟", "arabic"},
                                                                 {"היכן מקננות אנפות?", "hebrew"},
                                                                 {"बगुले कहाँ घोंसला बनाते हैं?", "devanagari"},
                                                                 {"นกกระสาทำรังที่ไหน", "thai"},
                                                                 {"苍鹭在哪里筑巢？", "han"},
                                                                 {"サギはどこに巣を作りますか", "kana"},
                                                                 {"鷺の巣は何処", "kana"},
                                                                 {"왜가리는 어디에 둥지를 틀까요?", "hangul"},
                                                                 {"Որտեղ են բույն դնում", "other"},
                                                                 {"123 !? 😀 — €", ""},
                                                                 {"", ""}};
  for (const auto& [text, script] : cases) EXPECT_EQ(script_of(text), script) << text;
}

TEST(Script, LooksAtTheBeginningAndSkipsWhatIsNoUtf8) {
  EXPECT_EQ(script_of(std::string(2'000, 'a') + "Где Где"), "latin");
  EXPECT_EQ(script_of("\xFF\xC3\x28\xE4\xB8 a"), "latin");
  EXPECT_EQ(script_of("\xE8"), "");
  EXPECT_EQ(script_of("鷺鷺", 4), "han") << "a character that the limit cuts is none";
}

}  // namespace
}  // namespace plimsoll
