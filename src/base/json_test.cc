#include "base/json.h"

#include <gtest/gtest.h>

#include <cmath>

namespace plimsoll {
namespace {

TEST(Json, RefusesWhatTwoParsersWouldReadDifferently) {
  for (const char* text :
       {R"({"m":1,"m":2})", R"({"a":{"m":1,"x":{},"m":2}})", R"({"a":1,"\u0061":2})", "[1e999]", "[-1e999]",
        R"(["\ud800"])", "[1] 2", "[01]", "[1,]", "{\"a\":tru}", "\xEF\xBB\xBF[]", "[\"\xFF\"]", "", "nul"}) {
    const auto parsed = parse_json(text);
    ASSERT_FALSE(parsed) << text;
    EXPECT_EQ(parsed.error().code, Code::kInvalid) << text;
  }
}

TEST(Json, AllowsTheSameKeyInDifferentObjects) {
  EXPECT_TRUE(parse_json(R"([{"a":1,"b":{"a":2}},{"a":3}])"));
}

TEST(Json, NamesTheProblemAndThePlaceWithoutQuotingTheInput) {
  const auto parsed = parse_json(R"({"secret":1,"secret":2})");
  EXPECT_NE(parsed.error().message.find("duplicate key"), std::string::npos);
  EXPECT_EQ(parsed.error().message.find("secret"), std::string::npos);
}

TEST(Json, IsBounded) {
  EXPECT_EQ(parse_json("[[[1]]]", {.max_depth = 2}).error().code, Code::kInvalid);
  EXPECT_EQ(parse_json("[1,2]", {.max_bytes = 4}).error().code, Code::kTooLarge);
  const std::string deep(100'000, '[');
  EXPECT_FALSE(parse_json(deep));
}

// RFC 8785 appendix B and section 3.2.3.
TEST(CanonicalJson, WritesNumbersAsEcmaScriptDoes) {
  const std::pair<double, const char*> cases[] = {{0.0, "0"},
                                                  {-0.0, "0"},
                                                  {5e-324, "5e-324"},
                                                  {1e21, "1e+21"},
                                                  {1e20, "100000000000000000000"},
                                                  {333333333.3333333, "333333333.3333333"},
                                                  {1e-6, "0.000001"},
                                                  {1e-7, "1e-7"},
                                                  {-1.5, "-1.5"},
                                                  {4.5, "4.5"},
                                                  {1.7976931348623157e308, "1.7976931348623157e+308"},
                                                  {0.15, "0.15"}};
  for (const auto& [value, text] : cases) EXPECT_EQ(to_canonical_json(value), text);
}

TEST(Json, ReadsNumbersToTheLastPlace) {
  for (const char* text : {"-5e+44", "5e-324", "1.7976931348623157e+308", "0.1", "123456789.12345679"})
    EXPECT_EQ(to_json(*parse_json(text)), text);
}

TEST(Json, IsWrittenAsItWasRead) {
  const std::string text =
      R"({"b":0.2,"a":[1,-2,18446744073709551615,1e+30,true,null,"\"\\\n\u0001é"],"c":{}})";
  EXPECT_EQ(to_json(*parse_json(text)), text);
}

TEST(CanonicalJson, SortsKeysByUtf16) {
  const auto value =
      parse_json(R"({"\u20ac":1,"\r":2,"\ufb33":3,"1":4,"\ud83d\ude00":5,"\u0080":6,"\u00f6":7})");
  EXPECT_EQ(to_canonical_json(*value),
            "{\"\\r\":2,\"1\":4,\"\xC2\x80\":6,\"\xC3\xB6\":7,\"\xE2\x82\xAC\":1,\"\xF0\x9F\x98\x80\":5,"
            "\"\xEF\xAC\xB3\":3}");
}

TEST(CanonicalJson, DoesNotDependOnTheOrderOfTheInput) {
  EXPECT_EQ(to_canonical_json(*parse_json(R"({"b":[1,{"d":1,"c":2}],"a":"\u0001"})")),
            to_canonical_json(*parse_json(R"({"a":"\u0001","b":[1,{"c":2,"d":1}]})")));
}

TEST(Utf8, IsCheckedStrictly) {
  EXPECT_TRUE(is_utf8("a\xC3\xA9\xE2\x82\xAC\xF0\x9F\x98\x80"));
  for (const char* bad : {"\xC0\x80", "\xED\xA0\x80", "\xF4\x90\x80\x80", "\xE2\x82", "\x80", "\xE0\x80\x80"})
    EXPECT_FALSE(is_utf8(bad));
}

}  // namespace
}  // namespace plimsoll
