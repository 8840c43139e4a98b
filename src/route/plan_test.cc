#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <random>

#include "support_test.h"
#include "table.h"

namespace plimsoll::route {
namespace {

using testing::HasSubstr;
using testing::Not;
using wire::Protocol;

TEST(Pattern, StarsStandForAnything) {
  for (const auto& [pattern, name] :
       std::initializer_list<std::pair<const char*, const char*>>{{"*", ""},
                                                                  {"*", "x"},
                                                                  {"claude-*", "claude-"},
                                                                  {"claude-*", "claude-opus"},
                                                                  {"*-mini", "a-mini-mini"},
                                                                  {"a*b*c", "a1b2b3c"},
                                                                  {"**", "x"},
                                                                  {"x", "x"}})
    EXPECT_TRUE(fits(pattern, name)) << pattern << " " << name;
  for (const auto& [pattern, name] :
       std::initializer_list<std::pair<const char*, const char*>>{{"", "x"},
                                                                  {"claude-*", "claude"},
                                                                  {"*-mini", "a-mini-"},
                                                                  {"a*b*c", "a1c2b"},
                                                                  {"x", "X"},
                                                                  {"x", ""}})
    EXPECT_FALSE(fits(pattern, name)) << pattern << " " << name;
}

TEST(Pattern, IsFastOnHostileNames) {
  const std::string pattern = "*a*a*a*a*a*a*a*a*b";
  EXPECT_FALSE(fits(pattern, std::string(2'000, 'a')));
}

Settings three() {
  return {.upstreams = {upstream("a"), upstream("b"), upstream("c")},
          .routes = {{.model = "exact", .to = {{.upstream = "b"}}, .fallback = {}},
                     {.model = "ex*", .to = {{.upstream = "c"}}, .fallback = {}},
                     {.model = "e*", .to = {{.upstream = "a"}}, .fallback = {}}},
          .otherwise = "a"};
}

TEST(Plan, TakesTheExactNameThenTheFirstPatternThenTheRest) {
  const World world(three());
  EXPECT_EQ(world.order("exact"), "b");
  EXPECT_EQ(world.order("exactly"), "c");
  EXPECT_EQ(world.order("else"), "a");
  EXPECT_EQ(world.order("unheard-of"), "a");
  EXPECT_EQ(world.order(""), "a");
  EXPECT_EQ(world.order(std::string(1'000'000, 'e')), "a");
}

TEST(Plan, SaysThatAModelHasNoRouteWithoutRepeatingItsName) {
  auto settings = three();
  settings.otherwise.clear();
  const World world(std::move(settings));
  const auto plan = world.plan("unheard-of");
  ASSERT_FALSE(plan);
  EXPECT_EQ(plan.error().status, 404);
  EXPECT_EQ(plan.error().code, "model_not_found");
  EXPECT_EQ(plan.error().param, "model");
  EXPECT_THAT(plan.error().message, Not(HasSubstr("unheard")));
  EXPECT_EQ(world.plan("").error().status, 400);
}

Settings weighted() {
  return {.upstreams = {upstream("a"), upstream("b"), upstream("c"), upstream("last")},
          .routes = {{.model = "*",
                      .to = {{.upstream = "a", .weight = 1, .model = {}},
                             {.upstream = "b", .weight = 3, .model = {}},
                             {.upstream = "c", .weight = 0, .model = {}}},
                      .fallback = {{.upstream = "last"}, {.upstream = "a"}}}},
          .otherwise = {}};
}

TEST(Plan, DrawsByWeightAndKeepsTheOthersInReserve) {
  World world(weighted());
  world.chance = 0.24;
  EXPECT_EQ(world.order("m"), "a b c last");
  world.chance = 0.25;
  EXPECT_EQ(world.order("m"), "b a c last");
  world.chance = 0.999999;
  EXPECT_EQ(world.order("m"), "b a c last");
  world.chance = 1;  // a source that does not keep its promise
  EXPECT_EQ(world.order("m"), "b a c last");
}

TEST(Plan, GivesEveryUpstreamItsShare) {
  World world(weighted());
  std::mt19937 generator(1);
  std::map<std::string, int> first;
  for (int i = 0; i < 4'000; ++i) {
    world.chance = std::uniform_real_distribution<double>(0, 1)(generator);
    ++first[world.order("m").substr(0, 1)];
  }
  EXPECT_NEAR(first["a"], 1'000, 100);
  EXPECT_NEAR(first["b"], 3'000, 100);
  EXPECT_EQ(first["c"], 0);
}

TEST(Plan, RenamesTheModel) {
  const World world(
      {.upstreams = {upstream("a"), upstream("b")},
       .routes = {{.model = "best",
                   .to = {{.upstream = "a", .weight = 1, .model = "gpt-5"}},
                   .fallback = {{.upstream = "a", .weight = 1, .model = "gpt-5-mini"}, {.upstream = "b"}}}},
       .otherwise = {}});
  const auto plan = world.plan("best");
  ASSERT_TRUE(plan);
  ASSERT_EQ(plan->attempts.size(), 3U);
  EXPECT_EQ(plan->attempts[0].model, "gpt-5");
  EXPECT_EQ(plan->attempts[1].model, "gpt-5-mini");
  EXPECT_EQ(plan->attempts[2].model, "best");
  EXPECT_EQ(world.table->model_names(), std::vector<std::string>{"best"});
}

Protocol spoken_to(Provider provider, Protocol asked) {
  Settings settings{.upstreams = {provider == Provider::kBedrock ? bedrock("u") : upstream("u", provider)},
                    .routes = {},
                    .otherwise = "u"};
  const World world(std::move(settings));
  const auto plan = world.plan("m", asked);
  EXPECT_TRUE(plan) << to_string(provider) << " " << to_string(asked);
  return plan ? plan->attempts[0].protocol : Protocol::kEmbeddings;
}

TEST(Plan, SpeaksTheClientsProtocolWhereItCanElseOneThatItCanBeCarriedOverTo) {
  EXPECT_EQ(spoken_to(Provider::kAnthropic, Protocol::kMessages), Protocol::kMessages);
  EXPECT_EQ(spoken_to(Provider::kAnthropic, Protocol::kChat), Protocol::kMessages);
  EXPECT_EQ(spoken_to(Provider::kBedrock, Protocol::kResponses), Protocol::kMessages);
  EXPECT_EQ(spoken_to(Provider::kOpenAi, Protocol::kResponses), Protocol::kResponses);
  EXPECT_EQ(spoken_to(Provider::kOpenAi, Protocol::kMessages), Protocol::kChat);
  EXPECT_EQ(spoken_to(Provider::kVllm, Protocol::kResponses), Protocol::kChat);
  EXPECT_EQ(spoken_to(Provider::kHttp, Protocol::kCompletion), Protocol::kCompletion);
  EXPECT_EQ(spoken_to(Provider::kVllm, Protocol::kCompletion), Protocol::kChat);
  EXPECT_EQ(spoken_to(Provider::kAnthropic, Protocol::kCompletion), Protocol::kMessages);
  EXPECT_EQ(spoken_to(Provider::kLiteLlm, Protocol::kMessages), Protocol::kMessages);
}

TEST(Plan, SaysWhatAnUpstreamCannotSpeakAndWhatItDoes) {
  const World world({.upstreams = {upstream("secret-name", Provider::kAnthropic)},
                     .routes = {},
                     .otherwise = "secret-name"});
  const auto plan = world.plan("m", Protocol::kEmbeddings);
  ASSERT_FALSE(plan);
  EXPECT_EQ(plan.error().status, 400);
  EXPECT_EQ(plan.error().code, "unsupported_api");
  EXPECT_THAT(plan.error().message, HasSubstr("/v1/embeddings"));
  EXPECT_THAT(plan.error().message, HasSubstr("it speaks: messages"));
  EXPECT_THAT(plan.error().message, Not(HasSubstr("secret-name")));
}

TEST(Plan, LeavesOutTheUpstreamsThatCannotBeSpokenTo) {
  auto only = upstream("only", Provider::kVllm);
  only.protocols = {Protocol::kEmbeddings};
  const World world(
      {.upstreams = {only, upstream("b")},
       .routes = {{.model = "*", .to = {{.upstream = "only"}, {.upstream = "b"}}, .fallback = {}}},
       .otherwise = {}});
  EXPECT_EQ(world.order("m", Protocol::kChat), "b");
  EXPECT_EQ(world.order("m", Protocol::kEmbeddings), "only b");
}

TEST(Plan, CountsTokensOnlyWhereThatIsSpoken) {
  const World world({.upstreams = {bedrock("x"), upstream("o"), upstream("a", Provider::kAnthropic)},
                     .routes = {{.model = "m", .to = {{.upstream = "x"}, {.upstream = "o"}}, .fallback = {}}},
                     .otherwise = "a"});
  const auto ask = [&](std::string_view model) {
    return world.router->plan({.protocol = Protocol::kMessages, .model = model, .count_tokens = true});
  };
  EXPECT_EQ(ask("m").error().status, 400);
  const auto plan = ask("other");
  ASSERT_TRUE(plan);
  EXPECT_TRUE(plan->attempts[0].count_tokens);
}

TEST(Plan, BedrockNeedsAModelThatAPathCanName) {
  const World world({.upstreams = {bedrock("x")}, .routes = {}, .otherwise = "x"});
  for (const auto& model : {std::string(), std::string("."), std::string(".."), std::string(3'000, 'm')})
    EXPECT_EQ(world.plan(model, Protocol::kMessages).error().status, 400);
  EXPECT_TRUE(world.plan("../x", Protocol::kMessages));
}

TEST(Plan, SurvivesANameThatMatchesNothingWithoutTranslation) {
  auto table =
      Table::create({.upstreams = {upstream("a", Provider::kAnthropic)}, .routes = {}, .otherwise = "a"});
  ASSERT_TRUE(table);
  const Router router(**table, {});
  EXPECT_TRUE(router.plan({.protocol = Protocol::kMessages, .model = "m"}));
  EXPECT_EQ(router.plan({.protocol = Protocol::kChat, .model = "m"}).error().status, 400);
}

}  // namespace
}  // namespace plimsoll::route
