#include "checker.h"

#include "test_support.h"

namespace plimsoll::cel {
namespace {

class Checking : public Expressions {};

TEST_F(Checking, SuggestsTheNameThatWasMeant) {
  for (const auto& [source, result] : std::initializer_list<Case>{
           {"promt.region", "1:1: unknown variable 'promt'; did you mean 'prompt'?"},
           {"prompt.contains_pi", "1:8: 'Prompt' has no field 'contains_pi'; did you mean 'contains_pii'?"},
           {"prompt.region.startWith('e')", "1:15: unknown function 'startWith'; did you mean 'startsWith'?"},
           {"has(prompt.regin)", "1:12: 'Prompt' has no field 'regin'; did you mean 'region'?"},
           {"prompt.?regio", "1:9: 'Prompt' has no field 'regio'; did you mean 'region'?"},
           {"sise([])", "1:1: unknown function 'sise'; did you mean 'size'?"},
           {"zzzzzzzz", "1:1: unknown variable 'zzzzzzzz'"}}) {
    EXPECT_EQ(run(source), result) << source;
  }
}

TEST_F(Checking, ReportsEveryProblemAtOnceInOrder) {
  EXPECT_EQ(run("promt.x == 1 &&\n  prompt.regin == 'eu' ||\n  1 + 'a' == 2"),
            "1:1: unknown variable 'promt'; did you mean 'prompt'?\n"
            "2:10: 'Prompt' has no field 'regin'; did you mean 'region'?\n"
            "3:5: '+' does not take (int, string)");
}

TEST_F(Checking, CountsColumnsInCodePoints) {
  EXPECT_EQ(run("'äöü🐱' == nope"), "1:11: unknown variable 'nope'");
}

TEST_F(Checking, ExplainsTypesThatDoNotFit) {
  for (const auto& [source, result] : std::initializer_list<Case>{
           {"prompt.jailbreak_score == 1",
            "1:24: '==' does not take (double, int); write the number as double, for example 1.0"},
           {"1u + 1", "1:4: '+' does not take (uint, int); write the number as uint, for example 1u"},
           {"prompt.region && true", "1:8: '&&' needs a bool here, not string"},
           {"!prompt.region", "1:1: '!' does not take (string)"},
           {"1 ? 2 : 3", "1:1: the condition of '?' needs a bool here, not int"},
           {"true ? 1 : 'a'",
            "1:6: the two results of '?' have different types, int and string; wrap one in dyn() if that is "
            "meant"},
           {"'a' in 'abc'",
            "1:5: 'in' does not take (string, string); the right side must be a list or a map"},
           {"1 .exists(x, true)", "1:4: 'exists' goes through a list or a map, not through int"},
           {"[1].all(x, x)", "1:12: 'all' needs a bool here, not int"},
           {"{1.5: 1}", "1:2: a map key must be a bool, int, uint or string, not double"},
           {"1 .foo", "1:4: a value of type int has no fields, so no 'foo'"},
           {"[?1]", "1:3: '?' needs an optional value here, not int"},
           {"'a'.matches('(')", "1:13: this regular expression is wrong: missing ): ("},
           {"Prompt{region: 'x'}", "1:1: a value of type 'Prompt' cannot be built in an expression"},
           {"size(1, 2)", "1:1: 'size' does not take (int, int)"}}) {
    EXPECT_EQ(run(source), result) << source;
  }
}

TEST_F(Checking, DeducesTypesThroughParametersAndMacros) {
  bind("tags", Type::map(Type::string(), Type::list(Type::integer())), Value());
  for (const auto& [source, type] :
       std::initializer_list<Case>{{"1 < 2.5", "bool"},
                                   {"[]", "list(dyn)"},
                                   {"[1, 'a']", "list(dyn)"},
                                   {"[[], [1]]", "list(list(int))"},
                                   {"tags['a'].map(x, double(x))", "list(double)"},
                                   {"tags.transformList(k, v, k + string(v[0]))", "list(string)"},
                                   {"tags.filter(k, true)", "list(string)"},
                                   {"tags.?a.optMap(l, l[0])", "optional_type(int)"},
                                   {"tags.?a.?b", "1:10: a value of type list(int) has no fields, so no 'b'"},
                                   {"cel.bind(x, [1u], x[0])", "uint"},
                                   {"[optional.of(1), null][0]", "optional_type(int)"},
                                   {"true ? dyn(1) : 1", "dyn"},
                                   {"type(1)", "type(int)"},
                                   {"now", "1:1: unknown variable 'now'"}}) {
    EXPECT_EQ(type_of(source), type) << source;
  }
}

TEST_F(Checking, ResolvesDottedNamesLongestFirstAndThroughTheContainer) {
  bind("a.b", Type::map(Type::string(), Type::string()),
       Value::map({{Value::string("c"), Value::string("map")}}));
  bind("a.b.c", Type::string(), Value::string("variable"));
  bind("ns.x", Type::integer(), Value::integer(1));
  bind("x", Type::integer(), Value::integer(2));
  environment.set_container("ns.inner");
  for (const auto& [source, result] : std::initializer_list<Case>{{"a.b.c", "\"variable\""},
                                                                  {"a.b['c']", "\"map\""},
                                                                  {"x", "1"},
                                                                  {".x", "2"},
                                                                  {"[7].map(x, x + .x)", "[9]"}}) {
    EXPECT_EQ(run(source), result) << source;
  }
}

TEST_F(Checking, ListsTheVariablesThatAnExpressionNames) {
  bind("b", Type::integer(), Value::integer(1));
  bind("c", Type::integer(), Value::integer(1));
  EXPECT_EQ(compile("c == 1 && prompt.contains_pii || c > 2")->variables(), (std::vector<std::size_t>{0, 2}));
}

TEST_F(Checking, UncheckedExpressionsFailOnlyWhereTheyAreEvaluated) {
  checked = false;
  EXPECT_EQ(run("nope || true"), "true");
  EXPECT_EQ(run("nope(1) || false"), "error: unknown function 'nope'");
  EXPECT_EQ(run("1 + 'a'"), "error: no such overload: +(int, string)");
  EXPECT_EQ(run("prompt.region"), "\"\"");
  EXPECT_EQ(run("prompt.nope"), "error: no such field: Prompt.nope");
}

TEST_F(Checking, StopsTypesThatGrowWithoutEnd) {
  std::string source;
  std::string close;
  for (int i = 0; i < 30; ++i) {
    const std::string before = i == 0 ? "1" : "m" + std::to_string(i - 1);
    source += "cel.bind(m" + std::to_string(i) + ", {}, (" + before + " in m" + std::to_string(i) +
              ") || (m" + std::to_string(i) + "[" + before + "] == " + before + ") || ";
    close += ")";
  }
  EXPECT_EQ(run(source + "true" + close), "true");
}

TEST_F(Checking, ReportsAtMostFiftyProblems) {
  std::string source = "x0";
  for (int i = 1; i < 200; ++i) source += " + x" + std::to_string(i % 10);
  limits.max_depth = 300;
  const auto program = compile(source);
  ASSERT_FALSE(program);
  EXPECT_EQ(program.error().size(), 50U);
  EXPECT_EQ(program.error().back().message, "and 151 more problems");
}

}  // namespace
}  // namespace plimsoll::cel
