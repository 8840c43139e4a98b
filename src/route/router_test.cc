#include <gtest/gtest.h>

#include "support_test.h"

namespace plimsoll::route {
namespace {

using namespace std::chrono_literals;

const Error kUnreachable{Code::kUnavailable, "no"};
const Error kLate{Code::kTimeout, "late"};

class RouterTest : public testing::Test {
 protected:
  static Settings two(unsigned retries = 0) {
    Settings settings{.upstreams = {upstream("a"), upstream("b")},
                      .routes = {{.model = "*", .to = {{.upstream = "a"}}, .fallback = {{.upstream = "b"}}}},
                      .otherwise = {}};
    for (auto& u : settings.upstreams) u.retries = retries;
    return settings;
  }
  Plan plan() { return *world.plan("m"); }
  void send(const Plan& p, std::size_t i) {
    const net::Headers none;
    world.router->request(p.attempts[i], {.client = none, .request_id = "r", .instance = "i"}, "{}");
  }
  World world{two()};
};

TEST_F(RouterTest, WhatTheUpstreamMeansToSayIsTheAnswer) {
  for (const int status : {200, 201, 400, 401, 404, 422, 500, 501, 508}) {
    auto p = plan();
    EXPECT_FALSE(world.router->answered(p, 0, status, "")) << status;
  }
}

TEST_F(RouterTest, GoesOnToTheNextAfterWhatMayPass) {
  for (const int status : {429, 502, 503, 504, 529}) {
    World fresh(two());
    auto p = *fresh.plan("m");
    const auto next = fresh.router->answered(p, 0, status, "");
    ASSERT_TRUE(next) << status;
    EXPECT_EQ(next->attempt, 1U);
    EXPECT_EQ(next->wait, 0ms);
    EXPECT_FALSE(fresh.router->answered(p, 1, status, "")) << "there is no third";
  }
}

TEST_F(RouterTest, GoesOnAfterAConnectionThatFailedOrADeadlineThatPassed) {
  for (const auto& error : {kUnreachable, kLate}) {
    auto p = plan();
    const auto next = world.router->failed(p, 0, error);
    ASSERT_TRUE(next);
    EXPECT_EQ(next->attempt, 1U);
  }
  auto p = plan();
  EXPECT_FALSE(world.router->failed(p, 0, {Code::kInvalid, "gibberish"}));
  EXPECT_FALSE(world.router->failed(p, 0, {Code::kInternal, "loop"}));
}

TEST_F(RouterTest, AsksTheSameUpstreamAgainWhereItIsToldTo) {
  World again(two(2));
  again.chance = 1;
  auto p = *again.plan("m");
  auto next = again.router->answered(p, 0, 503, "");
  ASSERT_TRUE(next);
  EXPECT_EQ(next->attempt, 0U);
  EXPECT_EQ(next->wait, 100ms);
  next = again.router->failed(p, 0, kUnreachable);
  ASSERT_TRUE(next);
  EXPECT_EQ(next->attempt, 0U);
  EXPECT_EQ(next->wait, 200ms);
  next = again.router->answered(p, 0, 503, "");
  ASSERT_TRUE(next);
  EXPECT_EQ(next->attempt, 1U);
  next = again.router->failed(p, 1, kLate);
  EXPECT_FALSE(next) << "a deadline that passed here would pass here again";
}

TEST_F(RouterTest, WaitsAsLongAsTheUpstreamAsksButNotForever) {
  World again(two(2));
  auto p = *again.plan("m");
  auto next = again.router->answered(p, 0, 429, "2");
  ASSERT_TRUE(next);
  EXPECT_EQ(next->attempt, 0U);
  EXPECT_EQ(next->wait, 2s);
  for (const char* long_time : {"3", "99999999999999999999", "-1", "soon", "Wed, 21 Oct 2015 07:28:00 GMT"}) {
    auto fresh = *again.plan("m");
    next = again.router->answered(fresh, 0, 429, long_time);
    ASSERT_TRUE(next) << long_time;
    EXPECT_EQ(next->attempt, 1U) << long_time;
  }
}

TEST_F(RouterTest, EndsWhateverTheRetries) {
  World again(two(1'000));
  auto p = *again.plan("m");
  int tries = 1;
  for (std::size_t i = 0; const auto next = again.router->answered(p, i, 429, "0"); i = next->attempt)
    ASSERT_LT(++tries, 20);
  EXPECT_EQ(tries, 8);
}

TEST_F(RouterTest, LeavesAnUpstreamAloneThatKeepsFailing) {
  for (int i = 0; i < 5; ++i) {
    auto p = plan();
    EXPECT_EQ(p.attempts[0].upstream, 0U);
    world.router->failed(p, 0, kUnreachable);
  }
  EXPECT_EQ(world.order("m"), "b");
  EXPECT_EQ(world.table->stats()[0].opened, 1U);
  EXPECT_EQ(world.table->stats()[0].open_now, 1U);
  EXPECT_EQ(world.table->stats()[0].rejected, 1U);

  world.now += 5s;
  const auto probing = plan();
  EXPECT_EQ(probing.attempts[0].upstream, 0U);
  send(probing, 0);
  EXPECT_EQ(world.order("m"), "b") << "one probe at a time";
  auto p = probing;
  world.router->answered(p, 0, 200, "");
  EXPECT_EQ(world.order("m"), "a b");
  EXPECT_EQ(world.table->stats()[0].open_now, 0U);
}

TEST_F(RouterTest, AWorkersBreakersAreItsOwnAndGoWithIt) {
  auto other = world.another();
  for (int i = 0; i < 5; ++i) {
    auto p = *other->plan({.protocol = wire::Protocol::kChat, .model = "m"});
    other->failed(p, 0, kLate);
  }
  EXPECT_EQ(world.table->stats()[0].open_now, 1U);
  EXPECT_EQ(world.order("m"), "a b");
  other.reset();
  EXPECT_EQ(world.table->stats()[0].open_now, 0U);
}

TEST_F(RouterTest, AsksAllTheSameOnceNobodyElseIsLeft) {
  for (int i = 0; i < 5; ++i) {
    auto p = plan();
    world.router->failed(p, 0, kUnreachable);
    world.router->failed(p, 1, kUnreachable);
  }
  EXPECT_EQ(world.order("m"), "a b");
}

TEST_F(RouterTest, SkipsAFallbackThatOpenedInTheMeantime) {
  auto waiting = plan();
  for (int i = 0; i < 5; ++i) {
    auto p = plan();
    world.router->failed(p, 1, kUnreachable);
  }
  EXPECT_FALSE(world.router->failed(waiting, 0, kUnreachable));
}

TEST_F(RouterTest, AClientsOwnLimitIsNotHeldAgainstTheUpstream) {
  Settings settings{.upstreams = {upstream("a")}, .routes = {}, .otherwise = "a"};
  settings.upstreams[0].pass_authorization = true;
  const World passing(settings);
  settings.upstreams[0].pass_authorization = false;
  const World ours(settings);
  for (const auto* w : {&passing, &ours})
    for (int i = 0; i < 100; ++i)
      if (auto p = w->plan("m")) w->router->answered(*p, 0, 429, "");
  EXPECT_EQ(passing.table->stats()[0].open_now, 0U);
  EXPECT_EQ(ours.table->stats()[0].open_now, 1U);
}

TEST_F(RouterTest, OneBadRequestDoesNotOpenTheBreakerForAll) {
  for (int i = 0; i < 20; ++i) {
    auto p = plan();
    world.router->answered(p, 0, 500, "");
  }
  EXPECT_EQ(world.order("m"), "a b");
}

TEST_F(RouterTest, CountsWhatBecameOfEverything) {
  auto p = plan();
  world.router->answered(p, 0, 200, "");
  world.router->answered(p, 0, 404, "");
  world.router->answered(p, 0, 500, "");
  world.router->answered(p, 0, 429, "");
  world.router->failed(p, 0, kUnreachable);
  world.router->failed(p, 0, kLate);
  world.router->broke_off(p.attempts[0], kUnreachable);
  world.router->broke_off(p.attempts[0], kLate);
  world.router->broke_off(p.attempts[0], {Code::kInvalid, "gibberish"});
  const auto s = world.table->stats()[0];
  EXPECT_EQ(s.name, "a");
  EXPECT_EQ(s.answered, 2U);
  EXPECT_EQ(s.failed, 2U);
  EXPECT_EQ(s.limited, 1U);
  EXPECT_EQ(s.unreachable, 2U);
  EXPECT_EQ(s.timed_out, 2U);
  EXPECT_EQ(s.retried, 3U);
}

}  // namespace
}  // namespace plimsoll::route
