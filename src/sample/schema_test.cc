#include "schema.h"

#include <gtest/gtest.h>

#include <boost/json/array.hpp>

#include "base/json.h"

namespace plimsoll::sample {
namespace {

std::string filled(std::string_view schema) {
  return to_json(fill(parse_json(schema).value(), "words"));
}

TEST(Schema, EveryPropertyIsThereWithAValueOfItsType) {
  EXPECT_EQ(filled(R"({"type":"object","properties":{"s":{"type":"string"},"i":{"type":"integer","minimum":3},
      "n":{"type":["null","number"],"maximum":0.5},"b":{"type":"boolean"},"e":{"enum":["x","y"]},
      "c":{"const":7},"a":{"type":"array","items":{"type":"object","properties":{"z":{}}},"minItems":2}}})"),
            R"({"s":"words","i":3,"n":0.5,"b":true,"e":"x","c":7,"a":[{"z":"words"},{"z":"words"}]})");
}

TEST(Schema, FollowsReferencesAndTakesTheFirstAlternativeThatIsNotNull) {
  EXPECT_EQ(
      filled(R"({"properties":{"p":{"$ref":"#/$defs/p"},"q":{"anyOf":[{"type":"null"},{"type":"integer"}]}},
      "$defs":{"p":{"type":"boolean"}}})"),
      R"({"p":true,"q":1})");
}

TEST(Schema, AnyValueIsReadAndTheAnswerIsBounded) {
  EXPECT_LE(filled(R"({"$ref":"#"})").size(), 10U);
  EXPECT_LE(filled(R"({"properties":{"a":{"$ref":"#"},"b":{"$ref":"#"},"c":{"$ref":"#"}}})").size(), 20'000U);
  for (const auto* schema :
       {"7", "null", "[]", R"({"type":7})", R"({"$ref":"x"})", R"({"$ref":"#/a/~9"})", R"({"enum":[]})",
        R"({"minimum":1e300,"type":"integer"})", R"({"type":"number","minimum":5,"maximum":1})",
        R"({"type":"array","minItems":-1})", R"({"type":"array","minItems":1e99})", R"({"anyOf":[]})",
        R"({"properties":{"a":7}})"})
    EXPECT_FALSE(filled(schema).empty()) << schema;
}

}  // namespace
}  // namespace plimsoll::sample
