#include "json_escapes.h"

#include <gtest/gtest.h>

#include "base/json.h"

namespace plimsoll::wire {
namespace {

TEST(JsonEscapes, AreReplacedByWhatTheyStandForUnlessTheyAreNeeded) {
  const std::pair<const char*, const char*> cases[] = {
      {R"({"to":"jane\u0040example.com"})", R"({"to":"jane@example.com"})"},
      {R"("\u00e9\u20AC\ud83d\ude00\/")", R"("é€😀/")"},
      {R"("\n\"\\\t\u0000\u001f\u0022\u005C")", R"("\n\"\\\t\u0000\u001f\"\\")"},
      {R"("\\u0040 \\\u0040")", R"("\\u0040 \\@")"},
      {R"("\ud83d \ud83dx \ude00 \ud83d\u0041 \ud83d\n")", R"("\ud83d \ud83dx \ude00 \ud83dA \ud83d\n")"},
      {R"(\u00 \uzzzz \u004)", R"(\u00 \uzzzz \u004)"},
      {"\\", "\\"},
      {R"(\ud83d\ude0)", R"(\ud83d\ude0)"}};
  for (const auto& [text, meaning] : cases) EXPECT_EQ(without_needless_escapes(text), meaning) << text;
}

TEST(JsonEscapes, KeepTheMeaningOfTheText) {
  const auto* const text = R"({"a\u0062":["\u0040","\\u0040","\u0022","\ud83d\ude00",1]})";
  EXPECT_EQ(parse_json(without_needless_escapes(text)).value(), parse_json(text).value());
}

TEST(JsonEscapes, MayBeCutAnywhere) {
  const std::string_view text = R"(a\u0040\\\/\ud83d\ude00\ud83d\u0041\ud83d\n\u00zz\u004)";
  const auto whole = without_needless_escapes(text);
  for (std::size_t first = 0; first <= text.size(); ++first)
    for (std::size_t second = first; second <= text.size(); ++second) {
      JsonUnescaper unescaper;
      auto pieces = unescaper.push(text.substr(0, first));
      pieces += unescaper.push(text.substr(first, second - first));
      pieces += unescaper.push(text.substr(second));
      EXPECT_EQ(pieces + unescaper.finish(), whole) << first << " " << second;
    }
}

}  // namespace
}  // namespace plimsoll::wire
