#include "parser.h"

#include <algorithm>

#include "test_support.h"

namespace plimsoll::cel {
namespace {

class Parsing : public Expressions {};

TEST_F(Parsing, ReadsEveryKindOfLiteral) {
  for (const auto& [source, result] :
       std::initializer_list<Case>{{"0x1F", "31"},
                                   {"-9223372036854775808", "-9223372036854775808"},
                                   {"18446744073709551615u", "18446744073709551615u"},
                                   {".5e1", "5.0"},
                                   {"1e-999", "0.0"},
                                   {"r'\\n'", "\"\\\\n\""},
                                   {"'''a'b\n'''", "\"a'b\\n\""},
                                   {"'\\u00e9\\U0001F431\\101\\x41'", "\"é🐱AA\""},
                                   {"b'é\\xff'", "b\"\\xc3\\xa9\\xff\""},
                                   {"Rb'\\d'", "b\"\\x5cd\""},
                                   {"[1, 2,]", "[1, 2]"},
                                   {"{'a': 1,}", "{\"a\": 1}"},
                                   {"{'a-b': 1}.`a-b`", "1"},
                                   {"1 // one\n + 1", "2"}}) {
    EXPECT_EQ(run(source), result) << source;
  }
}

TEST_F(Parsing, SaysWhereAndWhy) {
  for (const auto& [source, result] : std::initializer_list<Case>{
           {"", "1:1: the expression is empty"},
           {"1 +", "1:4: found the end of the expression where a value should be"},
           {"1 + + 2", "1:5: found '+' where a value should be"},
           {"(1", "1:3: found the end of the expression where ')' to close the parenthesis should be"},
           {"1 2", "1:3: found '2' where an operator or the end of the expression should be"},
           {"'é' = 'é'", "1:5: unexpected character '='; write == to compare"},
           {"true & false", "1:6: unexpected character '&'; write && for 'and'"},
           {"'abc", "1:1: this text has no closing '"},
           {"\n  'a\\qb'",
            "2:5: unknown escape sequence; write \\\\ for a backslash, or put r before the quote"},
           {"'\\ud800'",
            "1:2: unknown escape sequence; write \\\\ for a backslash, or put r before the quote"},
           {"9223372036854775808", "1:1: this number does not fit a signed 64-bit integer"},
           {"18446744073709551616u", "1:1: this number does not fit an unsigned 64-bit integer"},
           {"1e999", "1:1: this number does not fit a double"},
           {"0x", "1:1: this is not a number"},
           {"12ab", "1:1: a number runs into a word here; put a space between them"},
           {"while == 1", "1:1: 'while' is a reserved word and cannot be a name here"},
           {"prompt.", "1:8: found the end of the expression where a field name should be"},
           {"[1, 2", "1:6: found the end of the expression where ']' or ',' in the list should be"},
           {"{1: 2", "1:6: found the end of the expression where '}' or ',' in the map should be"},
           {"true ? 1",
            "1:9: found the end of the expression where ':' between the two results of '?' should be"}}) {
    EXPECT_EQ(run(source), result) << source;
  }
}

TEST_F(Parsing, ExplainsMacrosThatAreUsedWrongly) {
  for (const auto& [source, result] : std::initializer_list<Case>{
           {"[1].all(x)", "1:5: 'all' is written (x, condition) or (key, value, condition)"},
           {"[1].map(1, 2)", "1:9: a macro needs a simple variable name here"},
           {"[1].all(x, x, true)", "1:12: the two variables of a macro need different names"},
           {"has(prompt)", "1:1: has() asks about a field: write has(value.field)"}}) {
    EXPECT_EQ(run(source), result) << source;
  }
}

TEST_F(Parsing, BindsOperatorsAsTheSpecificationSays) {
  for (const auto& [source, result] : std::initializer_list<Case>{{"1 + 2 * 3 - 4", "3"},
                                                                  {"-2 * -3", "6"},
                                                                  {"!true || true && false", "false"},
                                                                  {"true ? 1 : false ? 2 : 3", "1"},
                                                                  {"1 < 2 == true", "true"},
                                                                  {"2 in [1, 2] && true", "true"},
                                                                  {"10 - 4 - 3", "3"}}) {
    EXPECT_EQ(run(source), result) << source;
  }
}

TEST_F(Parsing, ReadsSpelledOperatorsOnlyWhenTheEnvironmentAllowsThem) {
  EXPECT_NE(run("true and false"), "false");
  environment.allow_spelled_operators(true);
  for (const auto& [source, result] : std::initializer_list<Case>{
           {"true and false", "false"},
           {"true AND NOT false", "true"},
           {"false or true", "true"},
           {"false OR not true", "false"},
           {"'a and b' == 'a and b'", "true"},
           {"{'and': 1, 'or': 2, 'NOT': 3}.and", "1"},
           {"optional.none().or(optional.of(2)).value()", "2"},
           {"true and", "1:9: found the end of the expression where a value should be"},
           {"and true", "1:1: found 'and' where a value should be"}}) {
    EXPECT_EQ(run(source), result) << source;
  }
}

TEST_F(Parsing, LeavesWordsThatOnlyBeginLikeOperatorsAlone) {
  environment.allow_spelled_operators(true);
  bind("order", Type::integer(), Value::integer(1));
  bind("notes", Type::integer(), Value::integer(2));
  EXPECT_EQ(run("order + notes"), "3");
}

TEST_F(Parsing, LongChainsAreNotDeep) {
  std::string source = "false";
  for (int i = 0; i < 5000; ++i) source += " || false";
  EXPECT_EQ(run(source), "false");
}

TEST_F(Parsing, RefusesDeepNestingOfEveryKind) {
  const auto repeat = [](std::string_view s, std::size_t n) {
    std::string out;
    for (std::size_t i = 0; i < n; ++i) out += s;
    return out;
  };
  limits.max_source_bytes = 10U << 20U;
  constexpr std::size_t kMany = 100'000;
  for (const auto& source :
       {repeat("(", kMany), repeat("[", kMany), repeat("{1:", kMany), repeat("!", kMany), repeat("-", kMany),
        repeat("f(", kMany), "x" + repeat("[x", kMany), "x" + repeat(".x", kMany), "1" + repeat("+1", kMany),
        repeat("true?true:", kMany) + "true", repeat("[1].map(x,", kMany), "1" + repeat(".f()", kMany)}) {
    EXPECT_NE(run(source).find("nested too deeply: more than 250 levels"), std::string::npos)
        << source.substr(0, 20);
  }
}

TEST_F(Parsing, EvaluatesTheDeepestThatItAccepts) {
  const auto nest = [](std::string_view open, std::string_view middle, std::string_view close) {
    std::string out(middle);
    for (int i = 0; i < 120; ++i) out = std::string(open) + out + std::string(close);
    return out;
  };
  EXPECT_EQ(run(nest("(1 + ", "0", ")")), "120");
  EXPECT_EQ(run("size(" + nest("[", "1", "]") + ")"), "1");
  EXPECT_EQ(run(nest("[1].map(x, ", "x", ")") + nest("", "", "[0]")), "1");
  EXPECT_EQ(run(nest("false ? 8 : ", "7", "")), "7");
}

TEST_F(Parsing, RefusesWhatIsTooLongOrNotText) {
  EXPECT_EQ(run(std::string(limits.max_source_bytes + 1, ' ')),
            "1:1: the expression is longer than 65536 bytes");
  EXPECT_EQ(run("'\xff'"), "1:1: the expression is not valid UTF-8");
}

}  // namespace
}  // namespace plimsoll::cel
