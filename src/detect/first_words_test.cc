#include "first_words.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "detect/detector.h"
#include "engine.h"
#include "samples.h"

namespace plimsoll::detect {
namespace {

using Words = std::vector<std::pair<std::string, bool>>;

Words beginnings(std::string_view pattern) {
  Words all;
  for (const auto& [bytes, whole_word] : beginnings_of(parse_syntax(pattern, false)->root))
    all.emplace_back(bytes, whole_word);
  return all;
}

std::string folded(std::string text) {
  for (char& c : text) c = fold_for_literals(c);
  return text;
}

TEST(FirstWords, OfAPattern) {
  EXPECT_EQ(beginnings(R"(\b(?:I|we)\b)"), (Words{{"i", true}, {"we", true}}));
  EXPECT_EQ(beginnings(R"(\bhow\s(?:to|do)\b)"), (Words{{"how do", true}, {"how to", true}}));
  EXPECT_EQ(beginnings(R"(\bhopeless\w{0,4}\b)"), (Words{{"hopeless", false}}));
  EXPECT_EQ(beginnings(R"(\bkill(?:ing)?\s)"), (Words{{"kill ", false}, {"killing ", false}}));
  EXPECT_EQ(beginnings(R"(\b(?:re-?)?(?:make|do)\b)"), (Words{{"do", true},
                                                              {"make", true},
                                                              {"re-do", true},
                                                              {"re-make", true},
                                                              {"redo", true},
                                                              {"remake", true}}));
  EXPECT_EQ(beginnings(R"(\bi'm\b)"), (Words{{"i'm", true}, {"i\xE2\x80\x99m", true}}));
  EXPECT_EQ(beginnings(R"(\bab{1,3}\s)"), (Words{{"ab ", false}, {"abb ", false}, {"abbb ", false}}));
}

TEST(FirstWords, AreUnknownWhereTheyTellLittle) {
  for (const auto* pattern : {R"(\b\w{2,3}ing\b)", R"(\bin\w{1,3}\b)", R"(\b(?:on|[a-z]{2})\b)", R"(\b-make)",
                              R"(\b(?:\w{1,9}\s)?make\b)", R"(\b(?:mal)?é)", R"((?:é|É)tape\b)"})
    EXPECT_TRUE(beginnings(pattern).empty()) << pattern;
}

// What many parts of a pattern begin with is counted once, and none of them is left out.
TEST(FirstWords, AreAllThere) {
  constexpr std::size_t kDifferent = 100;
  for (const std::size_t parts : {3U, 300U, 2000U}) {
    std::string pattern;
    std::vector<std::string> texts;
    for (std::size_t i = 0; i <= parts; ++i)
      for (const std::string verb : {"use", "take", "hide"}) {
        const auto thing = i == parts ? "zebra" : std::to_string(i % kDifferent) + (i % 3 == 0 ? "ab" : "-c");
        (pattern += pattern.empty() ? "" : "|") += verb + R"(\s)" + thing;
        texts.push_back(verb + " " + thing);
      }
    const auto all = beginnings(R"(\b(?:)" + pattern + R"()\b)");
    for (const auto& text : texts)
      EXPECT_TRUE(std::ranges::any_of(all, [&](const auto& one) { return text.starts_with(one.first); }))
          << text;
  }
}

TEST(FirstWords, AreFoundWhereAWordBeginsSo) {
  const FirstWords words({{{"i", true}, 1},
                          {{"i'm", true}, 2},
                          {{"how to", true}, 3},
                          {{"mak", false}, 4},
                          {{"hopeless", false}, 5},
                          {{"how to", true}, 6}});
  std::vector<std::pair<std::size_t, unsigned>> found;
  const auto look = [&](std::string_view text) {
    found.clear();
    words.scan(folded(std::string(text)), [&](std::span<const std::uint16_t> rules, std::size_t at) {
      for (const auto rule : rules) found.emplace_back(at, rule);
    });
    std::ranges::sort(found);
    return found;
  };
  using Found = std::vector<std::pair<std::size_t, unsigned>>;
  EXPECT_EQ(look("I'm in. How\tto make hopelessness? Hi, I"),
            (Found{{0, 1}, {0, 2}, {8, 3}, {8, 6}, {15, 4}, {20, 5}, {38, 1}}));
  EXPECT_EQ(look("how together, _i 1i i_ amaking hopeles"), Found());
  EXPECT_EQ(look("how to"), (Found{{0, 3}, {0, 6}}));
  EXPECT_EQ(look(""), Found());
  for (std::size_t blanks = 0; blanks < 140; ++blanks)  // wherever it lies in a block
    EXPECT_EQ(look(std::string(blanks, ' ') + "making"), (Found{{blanks, 4}}));
}

// Every rule's, in texts that are full of them, against RE2.
TEST(FirstWords, AreWhereAnyMatchBegins) {
  const auto detector = *Detector::create({.rules = {}, .model = {}, .names = {}});
  std::mt19937 random(11);
  const auto all = samples();
  std::string text;
  while (text.size() < 12'000) {
    auto piece = all[random() % all.size()].found;
    if (random() % 4 == 0) piece = piece.substr(random() % (piece.size() + 1));
    text += piece + std::vector<std::string>{" ", ", ", "\n", "-", "x"}[random() % 5];
  }
  const auto lower = folded(text);
  std::size_t known = 0, matches = 0;
  for (const auto& compiled : detector->impl().rules.rules()) {
    if (compiled.automaton.before != Before::kWordBoundary) continue;
    const auto known_beginnings =
        beginnings_of(parse_syntax(compiled.rule->pattern, compiled.rule->exact_case)->root);
    if (known_beginnings.empty()) continue;
    ++known;
    std::vector<FirstWords::Entry> entries;
    for (const auto& beginning : known_beginnings) entries.push_back({beginning, 0});
    std::set<std::size_t> places;
    FirstWords(entries).scan(lower,
                             [&](std::span<const std::uint16_t>, std::size_t at) { places.insert(at); });
    const auto& expression = compiled.expression->get();
    for (std::size_t at = 0; at < text.size(); ++at) {
      re2::StringPiece found;
      if (!expression.Match({text.data(), text.size()}, at, text.size(), RE2::ANCHOR_START, &found, 1))
        continue;
      ++matches;
      ASSERT_TRUE(places.contains(at)) << compiled.rule->id << " at " << text.substr(at, found.size());
    }
  }
  EXPECT_GT(known, 200U);
  EXPECT_GT(matches, 300U);
}

}  // namespace
}  // namespace plimsoll::detect
