#include "evaluator.h"

#include <gmock/gmock.h>

#include "test_support.h"

namespace plimsoll::cel {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;

class Evaluation : public Expressions {};

TEST_F(Evaluation, ReadsFieldsOfHostObjects) {
  prompt.contains_pii = true;
  prompt.jailbreak_score = 0.9;
  prompt.region = "eu";
  bind("lawful_basis", Type::boolean(), Value::boolean(false));
  EXPECT_EQ(run("prompt.contains_pii == true && lawful_basis == false"), "true");
  EXPECT_EQ(run("prompt.jailbreak_score > 0.8 && prompt.region in ['eu', 'uk']"), "true");
  EXPECT_EQ(run("[prompt, dyn(1)][0].region"), "\"eu\"");
}

TEST_F(Evaluation, KnowsWhichFieldsOfAHostObjectAreSet) {
  EXPECT_EQ(run("has(prompt.region)"), "false");
  EXPECT_EQ(run("prompt.?region.orValue('none')"), "\"none\"");
  EXPECT_EQ(run("has(dyn(prompt).region)"), "false");
  prompt.region = "eu";
  EXPECT_EQ(run("has(prompt.region)"), "true");
  EXPECT_EQ(run("prompt.?region.orValue('none')"), "\"eu\"");
}

TEST_F(Evaluation, SurvivesAHostThatGivesOtherThanItDeclared) {
  facts.values[0] = Value::null();
  EXPECT_EQ(run("prompt.region"), "error: a value of type null_type has no field 'region'");
  facts.values[0] = Value::map({{Value::string("region"), Value::string("map")}});
  EXPECT_EQ(run("prompt.region"), "\"map\"");
}

TEST_F(Evaluation, AsksOnlyForTheVariablesItNeeds) {
  bind("other", Type::boolean(), Value::boolean(true));
  const auto program = compile("prompt.contains_pii && other");
  (void)program->evaluate(facts);
  EXPECT_EQ(facts.asked, 1);
}

TEST_F(Evaluation, ChecksIntegerArithmetic) {
  for (const auto& [source, result] :
       std::initializer_list<Case>{{"9223372036854775807 + 1", "error: integer overflow"},
                                   {"-9223372036854775808 - 1", "error: integer overflow"},
                                   {"-(-9223372036854775808)", "error: integer overflow"},
                                   {"-9223372036854775808 / -1", "error: integer overflow"},
                                   {"-9223372036854775808 % -1", "error: integer overflow"},
                                   {"5000000000 * 5000000000", "error: integer overflow"},
                                   {"0u - 1u", "error: integer overflow"},
                                   {"18446744073709551615u + 1u", "error: integer overflow"},
                                   {"math.abs(-9223372036854775808)", "error: integer overflow"},
                                   {"1 / 0", "error: division by zero"},
                                   {"1u % 0u", "error: modulus by zero"},
                                   {"1.0 / 0.0", "double(\"Infinity\")"},
                                   {"int(1e300)", "error: out of the range of int"},
                                   {"uint(-1)", "error: out of the range of uint"},
                                   {"int(double('NaN'))", "error: out of the range of int"}}) {
    EXPECT_EQ(run(source), result) << source;
  }
}

TEST_F(Evaluation, ForgivesFailuresThatCannotMatter) {
  for (const auto& [source, result] :
       std::initializer_list<Case>{{"1 / 0 == 1 || true", "true"},
                                   {"true || 1 / 0 == 1", "true"},
                                   {"1 / 0 == 1 && false", "false"},
                                   {"1 / 0 == 1 || false", "error: division by zero"},
                                   {"true && 1 / 0 == 1", "error: division by zero"},
                                   {"1 / 0 == 1 || 1 % 0 == 1 || true", "true"},
                                   {"1 / 0 == 1 || 1 % 0 == 1", "error: division by zero"},
                                   {"[1, 0].exists(x, 1 / x == 1)", "true"},
                                   {"[0, 1].exists(x, 1 / x == 1)", "true"},
                                   {"[0, 1].all(x, 1 / x == 2)", "false"},
                                   {"[0, 1].all(x, 1 / x == 1)", "error: division by zero"},
                                   {"[0, 1].exists_one(x, 1 / x == 1)", "error: division by zero"},
                                   {"dyn('a') || true", "true"},
                                   {"dyn('a') && true", "error: no such overload: &&(string)"},
                                   {"true ? 1 : 1 / 0", "1"},
                                   {"optional.of(1).orValue(1 / 0)", "1"},
                                   {"optional.of(1).or(optional.of(1 / 0)).value()", "1"}}) {
    EXPECT_EQ(run(source), result) << source;
  }
}

TEST_F(Evaluation, SaysWhatIsMissing) {
  for (const auto& [source, result] : std::initializer_list<Case>{
           {"{'a': 1}.b", "error: no such key: 'b'"},
           {"{'a': 1}['b']", "error: no such key: \"b\""},
           {"[1][1]", "error: index out of bounds: 1"},
           {"[1][-1]", "error: index out of bounds: -1"},
           {"[1][dyn(0.5)]", "error: a list is indexed by a whole number, not by 0.5"},
           {"optional.none().value()", "error: optional.none() has no value"},
           {"{1: 1, 1u: 2}", "error: the key 1u is in the map twice"},
           {"dyn(1)[0]", "error: a value of type int has no elements"},
           {"math.least([])", "error: an empty list has neither a least nor a greatest"}}) {
    EXPECT_EQ(run(source), result) << source;
  }
}

TEST_F(Evaluation, NestedBindingsDoNotDisturbEachOther) {
  EXPECT_EQ(run("[cel.bind(x, 1, x), cel.bind(y, 2, y)]"), "[1, 2]");
  EXPECT_EQ(run("cel.bind(x, 1, x) + cel.bind(y, 2, y)"), "3");
  EXPECT_EQ(run("[1, 2].map(x, [10, 20].map(y, x + y))"), "[[11, 21], [12, 22]]");
  EXPECT_EQ(run("[1, 2].map(x, [x].filter(x, x > 1))"), "[[], [2]]");
  EXPECT_EQ(run("optional.of(1).optMap(x, x) == optional.of(2).optMap(x, x)"), "false");
}

TEST_F(Evaluation, MakesMapsAndListsByMacro) {
  EXPECT_EQ(run("[5, 6].transformMap(i, v, i == 1, v * 2)"), "{1: 12}");
  EXPECT_EQ(run("{'a': 'b'}.transformMapEntry(k, v, {v: k})"), "{\"b\": \"a\"}");
  EXPECT_EQ(run("[1, 1].transformMapEntry(i, v, {v: i})"), "error: the key 1 is in the map twice");
  EXPECT_EQ(run("[1, 2, 3].map(x, x > 1, x * 10)"), "[20, 30]");
  EXPECT_EQ(run("[?optional.none(), ?optional.of(1)]"), "[1]");
  EXPECT_EQ(run("{?'a': optional.none(), 'b': 1}"), "{\"b\": 1}");
}

TEST_F(Evaluation, StopsAtTheLimitOfSteps) {
  limits.max_steps = 1000;
  bind("big", Type::list(Type::integer()), Value::list(std::vector<Value>(10'000, Value::integer(1))));
  for (const std::string_view source :
       {"big.map(x, x)", "big.all(x, x == 1)", "2 in big", "big == big + []",
        "big.all(x, big.all(y, x == y))", "big.exists(x, big.exists(y, false)) || true"}) {
    const auto value = compile(source)->evaluate(facts);
    ASSERT_FALSE(value) << source;
    EXPECT_EQ(value.error().code, Code::kTooLarge) << source;
    EXPECT_EQ(value.error().message, "the expression was stopped: too many steps") << source;
  }
}

TEST_F(Evaluation, StopsAtTheLimitOfBytes) {
  limits.max_bytes = 100'000;
  bind("text", Type::string(), Value::string(std::string(60'000, 'x')));
  for (const std::string_view source :
       {"text + text", "text.replace('x', 'xx')", "text.split('')", "'%s%s'.format([text, text])",
        "bytes(text + text)", "[text, text].join()", "text.upperAscii() + text", "strings.quote(text)",
        "text.substring(0) + text"}) {
    const auto value = compile(source)->evaluate(facts);
    ASSERT_FALSE(value) << source;
    EXPECT_EQ(value.error().code, Code::kTooLarge) << source;
  }
}

TEST_F(Evaluation, DoublingDoesNotEscapeTheLimits) {
  std::string source = "[1]";
  std::string close;
  for (int i = 0; i < 80; ++i) {
    const std::string name = "x" + std::to_string(i);
    source.insert(0, "cel.bind(" + name + ", ");
    source += ", [" + name + ", " + name + "])";
  }
  EXPECT_THAT(run(source + " == " + source), StartsWith("error: the expression was stopped: too many steps"));
  EXPECT_THAT(run("'%s'.format([" + source + "])"), StartsWith("error: "));
}

TEST_F(Evaluation, OnePatternCannotTakeForever) {
  bind("text", Type::string(), Value::string(std::string(1000, 'a')));
  EXPECT_EQ(run("text.matches('(a*)*(a*)*(a*)*b')"), "false");
  EXPECT_EQ(run("text.matches('a{3}')"), "true");
  EXPECT_THAT(run("['('].exists(p, text.matches(p))"), HasSubstr("this regular expression is wrong"));
  EXPECT_THAT(run("[1,2,3,4,5,6,7,8,9].map(i, [1,2,3,4,5,6,7,8,9,10,11,12].map(j, text.matches(text)))"),
              HasSubstr("too many steps"));
}

TEST_F(Evaluation, AProgramMayBeSharedAndOutlivedByItsResults) {
  Value value;
  {
    const auto program = compile("{'k': ['constant', prompt.region + '!']}");
    value = *program->evaluate(facts);
  }
  EXPECT_EQ(value.to_string(), "{\"k\": [\"constant\", \"!\"]}");
}

}  // namespace
}  // namespace plimsoll::cel
