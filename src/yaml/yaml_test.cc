#include "yaml/yaml.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/json.h"

namespace plimsoll::yaml {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::SizeIs;

std::optional<Node> read(std::string_view text, std::vector<std::string>& out) {
  Problems problems("f");
  auto node = parse_yaml(text, problems);
  for (const Problem& problem : problems.take()) out.push_back(to_string(problem));
  return node;
}

std::vector<std::string> problems_in(std::string_view text) {
  std::vector<std::string> out;
  read(text, out);
  return out;
}

json::value value_of(std::string_view text) {
  std::vector<std::string> problems;
  const auto node = read(text, problems);
  EXPECT_THAT(problems, SizeIs(0)) << text;
  return node ? to_json_value(*node) : json::value("nothing");
}

TEST(Yaml, GivesPlainScalarsTheirTypesAndQuotedOnesNone) {
  EXPECT_EQ(value_of("[1, -2, 0.5, 1e3, true, False, ~, null, yes, .inf, '1', \"true\", !!str 1]"),
            *parse_json(R"([1,-2,0.5,1000.0,true,false,null,null,"yes",".inf","1","true","1"])"));
}

TEST(Yaml, FindsDuplicateKeysAtEveryLevel) {
  EXPECT_THAT(problems_in("a: 1\nb:\n  c: 1\n  d: 2\n  c: 3\na: 2\n"),
              ElementsAre("f:5:3: duplicate key 'c'", "f:6:1: duplicate key 'a'"));
  EXPECT_THAT(problems_in("{x: 1, \"x\": 2}"), ElementsAre("f:1:8: duplicate key 'x'"));
}

TEST(Yaml, FillsInAliasesAndMerges) {
  EXPECT_EQ(
      value_of("a: &x {k: 1, l: 2}\nb: *x\nc: {<<: *x, k: 3}\nd: {<<: [{k: 4}, *x], m: 5}"),
      *parse_json(R"({"a":{"k":1,"l":2},"b":{"k":1,"l":2},"c":{"k":3,"l":2},"d":{"m":5,"k":4,"l":2}})"));
  EXPECT_THAT(problems_in("a: {<<: 3}"), ElementsAre("f:1:5: '<<' merges mappings; found a number"));
}

TEST(Yaml, BoundsWhatAliasesCanInflate) {
  std::string bomb = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n";
  for (int i = 1; i < 10; ++i) {
    const auto before = "*a" + std::to_string(i - 1);
    bomb += "a" + std::to_string(i) + ": &a" + std::to_string(i) + " [";
    for (int k = 0; k < 10; ++k) bomb += before + ", ";
    bomb += "x]\n";
  }
  EXPECT_THAT(problems_in(bomb), ElementsAre(HasSubstr("too large once its aliases are filled in")));
  std::string wide = "a: &a \"" + std::string(1'000'000, 'x') + "\"\nb: [";
  for (int i = 0; i < 100; ++i) wide += "*a, ";
  EXPECT_THAT(problems_in(wide + "]"), ElementsAre(HasSubstr("too large")));
}

TEST(Yaml, RefusesWhatContainsItself) {
  EXPECT_THAT(problems_in("a: &x [1, *x]"), ElementsAre("f:1:11: an alias of a value that contains itself"));
  EXPECT_THAT(problems_in("a: *nobody"), ElementsAre(HasSubstr("f:1:4: not valid YAML")));
}

TEST(Yaml, BoundsDepth) {
  EXPECT_THAT(problems_in(std::string(40, '[') + std::string(40, ']')),
              ElementsAre("f:1:33: nested deeper than 32 levels"));
  EXPECT_THAT(problems_in(std::string(100'000, '[')), SizeIs(1));
  EXPECT_THAT(problems_in(std::string(100'000, '{')), SizeIs(1));
  std::string chain = "a0: &a0 [[[[[[[[[[1]]]]]]]]]]\n";
  for (int i = 1; i < 5; ++i)
    chain += "a" + std::to_string(i) + ": &a" + std::to_string(i) + " [[[[[[[[[[*a" + std::to_string(i - 1) +
             "]]]]]]]]]]\n";
  EXPECT_THAT(problems_in(chain), ElementsAre(HasSubstr("nested deeper than 32 levels")));
}

TEST(Yaml, RefusesTagsSecondDocumentsOddKeysAndOtherEncodings) {
  EXPECT_THAT(problems_in("a: !thing 1"),
              ElementsAre("f:1:4: tags (!name) are not supported; remove the tag"));
  EXPECT_THAT(problems_in("a: 1\n---\nb: 2"), ElementsAre(HasSubstr("text after the end of the document")));
  EXPECT_THAT(problems_in("{a: 1}}"), ElementsAre(HasSubstr("not valid YAML")));
  EXPECT_THAT(problems_in(", x"), ElementsAre(HasSubstr("text after the end of the document")));
  EXPECT_THAT(problems_in("? [a]\n: 1"), ElementsAre("f:1:3: a key must be text; found a list"));
  EXPECT_THAT(problems_in("a: \xFF"), ElementsAre("f:1:1: not UTF-8 text"));
  EXPECT_THAT(problems_in(std::string_view("a\0: 1", 5)), ElementsAre("f:1:1: not UTF-8 text"));
  EXPECT_THAT(problems_in(""), ElementsAre("f:1:1: the document is empty; expected a mapping"));
  EXPECT_THAT(problems_in("a: [1"), ElementsAre(HasSubstr("not valid YAML")));
}

TEST(Yaml, CountsColumnsInCodePoints) {
  EXPECT_THAT(problems_in("{é: 1, é: 2}"), ElementsAre("f:1:8: duplicate key 'é'"));
  EXPECT_THAT(problems_in("\xEF\xBB\xBF{a: 1, a: 2}"), ElementsAre("f:1:8: duplicate key 'a'"));
}

TEST(Yaml, EscapesGiveUtf8OrAreRefused) {
  std::vector<std::string> problems;
  EXPECT_EQ(read(R"(k: "\xC6\u00e9\xA0")", problems)->find("k")->text, "\u00c6\u00e9\u00a0");
  for (const char* source : {R"("a\_b": 1)", R"(k: "a\Nb")", R"(["\_"])"})
    EXPECT_THAT(problems_in(source), ElementsAre(::testing::HasSubstr(R"(the escapes \_ and \N)"))) << source;
}

// Where the value's code point at line:column was written.
std::string place(std::string_view source, std::size_t line, std::size_t column) {
  std::vector<std::string> problems;
  const auto node = read(source, problems);
  const auto mark = place_in_scalar(source, *node->find("k"), line, column);
  return std::to_string(mark.line) + ":" + std::to_string(mark.column);
}

TEST(Yaml, FindsPlacesInsideScalarsOfEveryStyle) {
  EXPECT_EQ(place("k: ab cd", 1, 1), "1:4");
  EXPECT_EQ(place("k: ab cd", 1, 4), "1:7");
  EXPECT_EQ(place("k: ab\n  cd ef", 1, 7), "2:6") << "a plain scalar over two lines";
  EXPECT_EQ(place("k: 'a''b c'", 1, 3), "1:8") << "a quoted quote";
  EXPECT_EQ(place("k: \"a\\\"b\\u00e9 c\"", 1, 4), "1:9") << "escapes";
  EXPECT_EQ(place("k: \"a\\n b\"", 2, 2), "1:9") << "an escaped line break";
  EXPECT_EQ(place("k: |\n  ab\n   cd\n", 2, 3), "3:5") << "a literal block, indented in the second line";
  EXPECT_EQ(place("k: >-\n  ab\n  cd\n", 1, 4), "3:3") << "a folded block";
  EXPECT_EQ(place("k: &anchor |2-\n  ab\n", 1, 2), "2:4") << "an anchor and indicators";
  EXPECT_EQ(place("k: ab", 1, 3), "1:6") << "just past the end";
}

}  // namespace
}  // namespace plimsoll::yaml
