#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support_test.h"

namespace plimsoll::route {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

Settings one(const Upstream& u) {
  return {.upstreams = {u}, .routes = {}, .otherwise = u.name};
}

TEST(Settings, OneUpstreamIsEnough) {
  EXPECT_THAT(problems(one(upstream("u"))), ElementsAre());
  EXPECT_THAT(problems({}), ElementsAre(StartsWith("upstreams: ")));
  EXPECT_FALSE(Table::create({}));
}

TEST(Settings, NamesWhatIsWrongWithAnUpstream) {
  EXPECT_THAT(problems(one(upstream("a b"))), ElementsAre(StartsWith("upstreams[0].name: ")));

  auto both = upstream("u");
  both.api_key = "k";
  both.pass_authorization = true;
  EXPECT_THAT(problems(one(both)), ElementsAre(StartsWith("upstreams[0]: ")));

  auto broken = upstream("u");
  broken.api_key = "very\r\nsecret";
  EXPECT_THAT(problems(one(broken)), ElementsAre(StartsWith("upstreams[0].api_key: ")));
  EXPECT_THAT(problems(one(broken)).front(), Not(HasSubstr("secret")));

  auto pinned = upstream("u");
  pinned.client.pins = {std::string(31, 'x')};
  EXPECT_THAT(problems(one(pinned)),
              ElementsAre(StartsWith("upstreams[0].tls.pins: "), StartsWith("upstreams[0].tls.pins: ")));

  EXPECT_THAT(problems({.upstreams = {upstream("u"), upstream("u")}, .routes = {}, .otherwise = "u"}),
              ElementsAre(StartsWith("upstreams[1].name: ")));
  EXPECT_THAT(problems({.upstreams = {upstream("u")}, .routes = {}, .otherwise = "x"}),
              ElementsAre(StartsWith("upstreams: ")));
}

TEST(Settings, BedrockNeedsARegionAndCredentials) {
  EXPECT_THAT(problems(one(bedrock("u"))), ElementsAre());
  auto nobody = bedrock("u");
  nobody.aws = {};
  EXPECT_THAT(problems(one(nobody)),
              ElementsAre(StartsWith("upstreams[0].aws.region: "), StartsWith("upstreams[0].aws: ")));
  nobody.api_key = "k";
  EXPECT_THAT(problems(one(nobody)), ElementsAre());
  auto half = bedrock("u");
  half.aws.secret_access_key.clear();
  EXPECT_THAT(problems(one(half)), ElementsAre(StartsWith("upstreams[0].aws: ")));
  auto other = upstream("u");
  other.aws = bedrock("u").aws;
  EXPECT_THAT(problems(one(other)), ElementsAre(StartsWith("upstreams[0].aws: ")));
  auto chatty = bedrock("u");
  chatty.protocols = {wire::Protocol::kChat};
  EXPECT_THAT(problems(one(chatty)), ElementsAre(StartsWith("upstreams[0].protocols: ")));
}

TEST(Settings, NamesWhatIsWrongWithARoute) {
  const auto with = [](std::vector<Route> routes) {
    return problems(
        {.upstreams = {upstream("a"), upstream("b")}, .routes = std::move(routes), .otherwise = {}});
  };
  EXPECT_THAT(with({{.model = "m", .to = {{.upstream = "x"}}, .fallback = {{.upstream = "y"}}}}),
              ElementsAre("routes[0].to[0]: no upstream of this name; there are: a, b",
                          "routes[0].fallback[0]: no upstream of this name; there are: a, b"));
  EXPECT_THAT(with({{.model = "", .to = {{.upstream = "a"}}, .fallback = {}}}),
              ElementsAre(StartsWith("routes[0].model: ")));
  EXPECT_THAT(with({{.model = "m", .to = {}, .fallback = {}}}), ElementsAre(StartsWith("routes[0].to: ")));
  EXPECT_THAT(with({{.model = "m", .to = {{.upstream = "a", .weight = 0, .model = {}}}, .fallback = {}}}),
              ElementsAre(StartsWith("routes[0].to: every weight")));
  const Route all{.model = "*", .to = {{.upstream = "a"}}, .fallback = {}};
  const Route some{.model = "x-*", .to = {{.upstream = "a"}}, .fallback = {}};
  const Route exact{.model = "x", .to = {{.upstream = "a"}}, .fallback = {}};
  EXPECT_THAT(with({some, all}), ElementsAre());
  EXPECT_THAT(with({all, exact}), ElementsAre());
  EXPECT_THAT(with({all, some}), ElementsAre(HasSubstr("never applies")));
  EXPECT_THAT(with({exact, exact}), ElementsAre(HasSubstr("twice")));
}

}  // namespace
}  // namespace plimsoll::route
