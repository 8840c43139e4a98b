#include "matcher.h"

#include <gtest/gtest.h>
#include <re2/re2.h>

#include <array>
#include <memory>
#include <random>
#include <string>

#include "opening.h"
#include "pattern.h"

namespace plimsoll::detect {
namespace {

// A pattern of the subset, as it comes; at most one group.
class Patterns {
 public:
  explicit Patterns(unsigned seed) : random_(seed) {}
  std::string next() {
    group_ = false;
    return choice(3);
  }
  std::string text() {
    std::string text;
    for (auto size = below(14); size > 0; --size) text += "aab c_1\n-"[below(9)];
    return text;
  }

 private:
  std::size_t below(std::size_t n) { return random_() % n; }
  std::string choice(unsigned depth) {
    auto all = sequence(depth);
    for (auto more = below(3); more > 0; --more) all += "|" + sequence(depth);
    return all;
  }
  std::string sequence(unsigned depth) {
    std::string all;
    for (auto parts = 1 + below(3); parts > 0; --parts) all += part(depth);
    return all;
  }
  std::string part(unsigned depth) {
    switch (below(depth > 0 ? 10 : 5)) {
      case 0:
        return std::array{"\\b", "^", "\\s", "\\w"}[below(4)];
      case 1:
        return std::array{"[ab]", "[a-c_]", "\\d", "[ -]"}[below(4)];
      case 5:
        if (!group_) {
          group_ = true;
          return "(" + choice(depth - 1) + ")";
        }
        [[fallthrough]];
      case 6:
      case 7:
        return "(?:" + choice(depth - 1) + ")" +
               std::array{"", "?", "{0,2}", "{1,3}?", "??", "{2}"}[below(6)];
      default:
        return std::string(1, "abc"[below(3)]) + std::array{"", "", "?", "{0,3}", "{1,2}?"}[below(5)];
    }
  }
  std::mt19937 random_;
  bool group_ = false;
};

TEST(Matcher, MatchesWhatRe2MatchesAtEveryPlaceUpToEveryEnd) {
  Patterns patterns(11);
  int matches = 0, groups = 0, given_up = 0;
  for (int round = 0; round < 1500; ++round) {
    const auto pattern = patterns.next();
    const auto automaton = parse_pattern(pattern, false);
    if (!automaton) continue;  // it matches the empty text
    RE2::Options options(RE2::Latin1);
    options.set_case_sensitive(false);
    const RE2 expression("(?m:" + portable_pattern(pattern, false) + ")", options);
    ASSERT_TRUE(expression.ok()) << pattern;
    const Opening opening(*automaton);
    Matcher matcher(1);
    for (int n = 0; n < 6; ++n) {
      const auto text = patterns.text();
      for (std::size_t at = 0; at < text.size(); ++at)
        for (auto end = at + 1; end <= text.size(); ++end) {
          const auto what =
              pattern + " in '" + text + "' from " + std::to_string(at) + " to " + std::to_string(end);
          std::array<re2::StringPiece, 2> pieces;
          const bool expected =
              expression.Match(text, at, end, RE2::ANCHOR_START, pieces.data(), automaton->groups + 1);
          const auto stop = matcher.match(automaton->program, 0, text, at, end);
          ASSERT_EQ(stop.has_value(), expected) << what;
          if (!stop) continue;
          ++matches;
          ASSERT_EQ(*stop, at + pieces[0].size()) << what;
          ASSERT_EQ(opening.next(text, at, at + 1), at) << what;
          const auto group = matcher.group(automaton->program, text, at, *stop);
          given_up += group ? 0 : 1;
          if (!group) continue;
          ASSERT_EQ(group->matched, automaton->groups > 0 && pieces[1].data() != nullptr) << what;
          if (!group->matched) continue;
          ++groups;
          ASSERT_EQ(text.data() + group->begin, pieces[1].data()) << what;
          ASSERT_EQ(group->end - group->begin, pieces[1].size()) << what;
        }
    }
  }
  EXPECT_GT(matches, 10'000);
  EXPECT_GT(groups, 1'000);
  EXPECT_LT(given_up, matches / 100);
}

TEST(Matcher, MatchesWhereAStateLeadsOnByManyBytes) {
  std::string pattern = "x";
  for (char c = 'a'; c < 'x'; ++c)
    (pattern += pattern.size() > 1 ? '|' : '(') += {c, static_cast<char>(c + 1)};
  pattern += ")";
  const auto automaton = *parse_pattern(pattern, true);
  const RE2 expression(pattern);
  Matcher matcher(1);
  std::mt19937 random(5);
  int matches = 0;
  for (int round = 0; round < 5000; ++round) {
    std::string text = "x";
    for (int i = 0; i < 2; ++i) text += static_cast<char>('a' + random() % 26);
    std::array<re2::StringPiece, 1> piece;
    const bool expected = expression.Match(text, 0, text.size(), RE2::ANCHOR_START, piece.data(), 1);
    ASSERT_EQ(matcher.match(automaton.program, 0, text, 0, text.size()).has_value(), expected) << text;
    matches += expected ? 1 : 0;
  }
  EXPECT_GT(matches, 100);
}

TEST(Matcher, ForgetsBeforeItHasGrownTooLarge) {
  // As many states as there are texts: each remembers where in the last hundred bytes there was an 'a'.
  const std::string pattern = "[ab]{0,100}a[ab]{20}c";
  const auto automaton = *parse_pattern(pattern, true);
  const RE2 expression(pattern);
  Matcher matcher(1);
  std::mt19937 random(3);
  for (int round = 0; round < 3000; ++round) {
    std::string text;
    for (int i = 0; i < 100; ++i) text += "ab"[random() % 2];
    text += 'c';
    std::array<re2::StringPiece, 1> piece;
    const bool expected = expression.Match(text, 0, text.size(), RE2::ANCHOR_START, piece.data(), 1);
    const auto stop = matcher.match(automaton.program, 0, text, 0, text.size());
    ASSERT_EQ(stop.has_value(), expected) << text;
    if (stop) {
      ASSERT_EQ(*stop, piece[0].size()) << text;
    }
    ASSERT_LE(matcher.bytes(), std::size_t{16} << 20U);
  }
}

}  // namespace
}  // namespace plimsoll::detect
