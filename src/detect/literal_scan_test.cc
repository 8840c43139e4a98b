#include "literal_scan.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <set>

namespace plimsoll::detect {
namespace {

using Found = std::multiset<std::pair<std::uint16_t, std::size_t>>;

TEST(LiteralScan, FindsEveryLiteralWhereItEnds) {
  const std::vector<std::string> literals = {"abc", "abcd", "bcd", "cab", "aab cd", "bcabc", "abcabcabc"};
  std::vector<LiteralScan::Entry> entries;
  for (std::size_t i = 0; i < literals.size(); ++i)
    entries.push_back(
        {.literal = {.bytes = literals[i]}, .use = {.rule = static_cast<std::uint16_t>(i), .reach = {}}});
  const LiteralScan scan(entries);
  std::mt19937 random(7);
  for (int round = 0; round < 2'000; ++round) {
    std::string text(random() % 24, ' ');
    for (char& c : text) c = "abcd "[random() % 5];
    Found expected, found;
    for (std::size_t i = 0; i < literals.size(); ++i)
      for (auto at = text.find(literals[i]); at != std::string::npos; at = text.find(literals[i], at + 1))
        expected.emplace(static_cast<std::uint16_t>(i), at + literals[i].size());
    scan.scan(text, [&](std::span<const LiteralScan::Use> uses, std::size_t end) {
      for (const auto& use : uses) found.emplace(use.rule, end);
    });
    EXPECT_EQ(found, expected) << text;
  }
}

TEST(LiteralScan, TellsOfEveryRuleThatALiteralIsOf) {
  const LiteralScan scan(
      {{.literal = {.bytes = "abc"}, .use = {.rule = 1, .reach = {.least = 3, .most = 4}}},
       {.literal = {.bytes = "abc"}, .use = {.rule = 2, .reach = {.least = 5, .most = 9}}}});
  std::vector<std::uint16_t> rules;
  scan.scan("xabcx", [&](std::span<const LiteralScan::Use> uses, std::size_t end) {
    EXPECT_EQ(end, 4U);
    for (const auto& use : uses) rules.push_back(use.rule);
  });
  std::ranges::sort(rules);
  EXPECT_EQ(rules, (std::vector<std::uint16_t>{1, 2}));
}

TEST(LiteralScan, FindsWordsWhereWordsBeginAndEnd) {
  const LiteralScan scan({{.literal = {.bytes = "men"}, .use = {.rule = 0, .reach = {}}},
                          {.literal = {.bytes = "men", .begins_word = true}, .use = {.rule = 1, .reach = {}}},
                          {.literal = {.bytes = "men", .ends_word = true}, .use = {.rule = 2, .reach = {}}},
                          {.literal = {.bytes = "men", .begins_word = true, .ends_word = true},
                           .use = {.rule = 3, .reach = {}}}});
  const auto found = [&](const std::string& text) {
    std::set<std::uint16_t> rules;
    scan.scan(text, [&](std::span<const LiteralScan::Use> uses, std::size_t) {
      for (const auto& use : uses) rules.insert(use.rule);
    });
    return rules;
  };
  for (const std::string& around : {std::string(), std::string(130, '.')}) {
    EXPECT_EQ(found(around + "men" + around), (std::set<std::uint16_t>{0, 1, 2, 3}));
    EXPECT_EQ(found(around + "women" + around), (std::set<std::uint16_t>{0, 2}));
    EXPECT_EQ(found(around + "mens" + around), (std::set<std::uint16_t>{0, 1}));
    EXPECT_EQ(found(around + "statements" + around), (std::set<std::uint16_t>{0}));
    EXPECT_EQ(found(around + "x-men\xC3\xA9" + around), (std::set<std::uint16_t>{0, 1, 2, 3}));
  }
}

std::vector<std::string> literals_of(std::string_view pattern) {
  const auto automaton = parse_pattern(pattern, false);
  std::vector<std::string> all;
  for (const auto& [bytes, begins_word, ends_word] : automaton->literals)
    all.push_back((begins_word ? "<" : "") + bytes + (ends_word ? ">" : ""));
  return all;
}

TEST(RequiredLiterals, KnowWhereWordsBeginAndEnd) {
  using All = std::vector<std::string>;
  EXPECT_EQ(literals_of(R"(\b(?:zebras?|okapi)\b)"), (All{"<okapi>", "<zebra>", "<zebras>"}));
  EXPECT_EQ(literals_of(R"(\bzebras?)"), (All{"<zebra"}));
  EXPECT_EQ(literals_of(R"(zebra|\bokapi\b)"), (All{"<okapi>", "zebra"}));
  EXPECT_EQ(literals_of(R"(\b(?:the\s\w{2,4}|a)\s(?:\w{1,8}\s){0,3}zebra\b)"), (All{"<zebra>"}));
  EXPECT_EQ(literals_of(R"(\b(?:the\s\w{2,4}|a)\s(?:\w{1,8}\s){0,3}\w?zebra\b)"), (All{"zebra>"}));
  EXPECT_EQ(literals_of(R"(\w{1,3}\s?zebra(?:\s\w{1,3})?\b)"), (All{"zebra>"}));
  EXPECT_EQ(literals_of(R"(\w{1,3}zebra[-:]\w{1,3})"), (All{"zebra-", "zebra:"}));
  EXPECT_EQ(literals_of(R"((?:\s|^)zebra\w{0,3})"), (All{"<zebra"}));
  EXPECT_EQ(literals_of(R"(\w{1,3}(?:zebra\s?){2,3}\w)"), (All{"zebra zebra", "zebrazebra"}));
}

TEST(RequiredLiterals, AreTheRarestThatAMatchHolds) {
  using All = std::vector<std::string>;
  EXPECT_EQ(literals_of(R"(\b(?:con|dupe)\s(?:\w{1,8}\s){0,3}(?:people|without|children)\b)"),
            (All{"<con>", "<dupe>"}));
  EXPECT_EQ(literals_of(R"(\b(?:the|your)\s(?:\w{1,8}\s){0,3}okapi\b)"), (All{"<okapi>"}));
  EXPECT_EQ(literals_of(R"(\b(?:what|this|that)\s\w{1,3}\b)"), All());  // found by how it begins
}

Reach reach_of(std::string_view pattern, std::string_view literal) {
  const auto automaton = parse_pattern(pattern, false);
  EXPECT_TRUE(automaton.has_value());
  return ReachFinder(*automaton).of(literal);
}

TEST(ReachFinder, KnowsHowFarBeforeALiteralAMatchBegins) {
  const auto fixed = reach_of("\\bbomb", "bomb");
  EXPECT_EQ(fixed.least, 4);
  EXPECT_EQ(fixed.most, 4);
  const auto optional = reach_of("(?:pipe\\s)?bombs{0,3}", "bomb");
  EXPECT_EQ(optional.least, 4);
  EXPECT_EQ(optional.most, 9);
  const auto folded = reach_of("make\\sa", "make a");
  EXPECT_EQ(folded.least, 6);
  const auto either = reach_of("(?:xx|y{3})abc", "abc");
  EXPECT_EQ(either.least, 5);
  EXPECT_EQ(either.most, 6);
}

TEST(ReachFinder, LooksForWhatAnAlternativeNeedsThereAlone) {
  const auto automaton = parse_pattern("\\b(?:ruin\\s(?:\\w{2,9}\\s){0,4}zebra|fluffy\\scats)\\b", false);
  ASSERT_TRUE(automaton.has_value());
  ASSERT_EQ(automaton->alternatives.size(), 2U);
  const auto& literals = automaton->literals;
  const auto reaches = reaches_of(*automaton);
  ASSERT_EQ(reaches.size(), literals.size());
  const auto at = std::ranges::find(literals, "fluffy cats", &Literal::bytes);
  ASSERT_NE(at, literals.end());
  const auto reach = reaches.at(static_cast<std::size_t>(at - literals.begin()));
  EXPECT_EQ(reach.least, 11);
  EXPECT_EQ(reach.most, 11);  // and not what stands between "ruin" and "zebra"
}

}  // namespace
}  // namespace plimsoll::detect
