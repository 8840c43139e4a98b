#include "decide/judge.h"

#include <gtest/gtest.h>

#include <boost/json/parse.hpp>

#include "test_world.h"

namespace plimsoll::decide {
namespace {

Verdict decide(Direction direction, std::string text, std::string_view context = "{}",
               std::optional<Tier> tier = {}) {
  World& w = World::get();
  const auto object = boost::json::parse({context.data(), context.size()});
  const auto read = policy::read_context(object.as_object());
  Conversation c{
      .direction = direction, .surface = "filter.prompt", .model = {}, .segments = {}, .tools = {}};
  c.segments.push_back({.text = std::move(text), .pointer = "/prompt"});
  Caller caller;
  caller.tier = tier;
  caller.lawful_basis = read->lawful_basis;
  return judge(w.shipped, *w.detector, *w.scratch, c, caller, *read).verdict;
}

using Reasons = std::vector<std::string>;

TEST(Judge, GivesTheContractsAnswers) {
  auto v = decide(Direction::kPrompt, "test", R"({"jailbreak_score":0.9})");
  EXPECT_EQ(v.action, Action::kSafeMode);
  EXPECT_EQ(v.reasons, Reasons{"high jailbreak score"});

  for (const char* context :
       {R"({"contains_pii":true,"lawful_basis":false})", R"({"contains_pii":true})", "{}"}) {
    v = decide(Direction::kPrompt, "Email me at user@example.com", context);
    EXPECT_EQ(v.action, Action::kBlock) << context;
    EXPECT_EQ(v.reasons, Reasons{"PII without lawful basis"});
  }
  EXPECT_EQ(
      decide(Direction::kPrompt, "Email me at user@example.com", R"({"lawful_basis":"consent"})").action,
      Action::kAllow);
  EXPECT_EQ(decide(Direction::kOutput, "x", R"({"verbatim_ratio":0.5})").reasons,
            Reasons{"verbatim over limit"});
  EXPECT_EQ(decide(Direction::kOutput, "x", R"({"verbatim_ratio":0.2})").action, Action::kAllow);
  EXPECT_EQ(decide(Direction::kOutput, "x", R"({"harmful_content_score":0.9})").reasons,
            Reasons{"harmful content"});
  EXPECT_EQ(decide(Direction::kPrompt, "What is the standard deviation of these numbers?").action,
            Action::kAllow);
}

TEST(Judge, LetsACallerRaiseAndNeverLower) {
  EXPECT_EQ(decide(Direction::kPrompt, "Email me at user@example.com", R"({"contains_pii":false})").action,
            Action::kBlock);
}

TEST(Judge, RefusesWhenThereIsNoPolicy) {
  World& w = World::get();
  const Conversation c{.surface = "filter.prompt", .model = {}, .segments = {}, .tools = {}};
  const auto j = judge(nullptr, *w.detector, *w.scratch, c, {}, {});
  EXPECT_EQ(j.verdict.action, Action::kErrorBlock);
  EXPECT_FALSE(j.verdict.allowed());
}

TEST(Judge, RecordsWhatItDecidedOnAndNoText) {
  World& w = World::get();
  Conversation c{.surface = "filter.prompt", .model = {}, .segments = {}, .tools = {}};
  c.segments.push_back({.text = "Email me at user@example.com", .pointer = "/prompt"});
  const auto j = judge(w.shipped, *w.detector, *w.scratch, c, {}, {});
  const auto entry = to_log_entry(to_event(j, c, {}, "r", w.detector->revision(), "key"), "key");
  EXPECT_EQ(entry.find("user@example.com"), std::string::npos);
  EXPECT_NE(entry.find("\"action\":\"block\""), std::string::npos);
  EXPECT_NE(entry.find(w.shipped->version()), std::string::npos);
}

}  // namespace
}  // namespace plimsoll::decide
