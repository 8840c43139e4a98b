#include "base/python_json.h"

#include <gtest/gtest.h>

namespace plimsoll {
namespace {

std::string rewritten(std::string_view text) {
  const auto value = parse_exact_json(text);
  return value ? to_python_json(*value) : value.error().message;
}

// Every expectation is what CPython 3.11 prints for json.dumps(json.loads(text), sort_keys=True).
TEST(PythonJson, IsWhatPythonWrites) {
  const std::pair<std::string_view, std::string_view> cases[] = {
      {R"({"b":1,"a":[],"c":{}})", R"({"a": [], "b": 1, "c": {}})"},
      {"[1,2.0,-0,-0.0,1e5]", "[1, 2.0, 0, -0.0, 100000.0]"},
      {"[1e16,1e15,123456789012345680.0]", "[1e+16, 1000000000000000.0, 1.2345678901234568e+17]"},
      {"[0.0001,0.00001,1e-7,1.5e-10]", "[0.0001, 1e-05, 1e-07, 1.5e-10]"},
      {"[5e-324,1.7976931348623157e308,0.1]", "[5e-324, 1.7976931348623157e+308, 0.1]"},
      {"[18446744073709551615,-9223372036854775808]", "[18446744073709551615, -9223372036854775808]"},
      {R"("é\u2028\ud83d\ude00")", R"("\u00e9\u2028\ud83d\ude00")"},
      {R"("\u0000\u001f\u007f\/\"\\\b\f\n\r\t")", "\"\\u0000\\u001f\\u007f/\\\"\\\\\\b\\f\\n\\r\\t\""},
      {R"({"\ufb33":1,"\ud83d\ude00":2,"z":3})", R"({"z": 3, "\ufb33": 1, "\ud83d\ude00": 2})"},
      {"[true,false,null]", "[true, false, null]"}};
  for (const auto& [text, expected] : cases) EXPECT_EQ(rewritten(text), expected) << text;
}

TEST(PythonJson, RefusesIntegersThatItCannotKeep) {
  EXPECT_EQ(rewritten(R"({"a 1\"2":18446744073709551616})"), "integer beyond 64 bits at byte 10");
  EXPECT_EQ(rewritten("[-9223372036854775809]"), "integer beyond 64 bits at byte 1");
  EXPECT_EQ(rewritten(R"(["18446744073709551616",1e30])"), R"(["18446744073709551616", 1e+30])");
}

TEST(PythonJson, RefusesADuplicateKey) {
  EXPECT_NE(rewritten(R"({"a":1,"a":2})").find("duplicate key"), std::string::npos);
}

}  // namespace
}  // namespace plimsoll
