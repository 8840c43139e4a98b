#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include "support_test.h"

namespace plimsoll::route {
namespace {

using testing::HasSubstr;
using testing::StartsWith;
using wire::Protocol;
namespace json = boost::json;

// One upstream, one client.
struct Sent {
  explicit Sent(Upstream u) : upstream(std::move(u)) {}
  Upstream upstream;
  net::Headers client;
  Protocol asked = Protocol::kChat;
  Protocol spoken = Protocol::kChat;
  std::string model = "m";
  bool stream = false;
  bool count_tokens = false;

  Outgoing request(std::string body = "{}") const {
    World world({.upstreams = {upstream}, .routes = {}, .otherwise = upstream.name});
    return world.router->request(attempt(), sending(), std::move(body));
  }
  net::Headers headers() const { return request().headers; }
  std::string fit(std::string_view body) const {
    const World world({.upstreams = {upstream}, .routes = {}, .otherwise = upstream.name});
    json::value value = json::parse({body.data(), body.size()});
    world.router->fit(value, attempt(), sending());
    return json::serialize(value);
  }

 private:
  Attempt attempt() const {
    return {.upstream = 0, .protocol = spoken, .model = model, .count_tokens = count_tokens};
  }
  Sending sending() const {
    return {
        .client = client, .request_id = "r-1", .instance = "plimsoll-x", .stream = stream, .asked = asked};
  }
};

TEST(Request, GetsNoHeaderOfTheClientsThatItNeedNotHave) {
  for (const auto provider : {Provider::kHttp, Provider::kOpenAi, Provider::kAnthropic, Provider::kLiteLlm}) {
    Sent sent(upstream("u", provider));
    const auto internal = {"Cookie",          "Connection",          "Transfer-Encoding",
                           "X-Forwarded-For", "X-Policy-Version",    "Host",
                           "Keep-Alive",      "Proxy-Authorization", "TE",
                           "Upgrade",         "X-Decision-Id",       "Authorization",
                           "x-api-key",       "Content-Length",      "Expect",
                           "X-Amz-Date"};
    for (const char* name : internal) sent.client.add(name, "x");
    sent.client.add("traceparent", "00-a-b-01");
    sent.client.add("tracestate", "k=v");
    const auto headers = sent.headers();
    EXPECT_EQ(headers.get("traceparent"), "00-a-b-01");
    EXPECT_EQ(headers.get("tracestate"), "k=v");
    EXPECT_EQ(headers.get("x-request-id"), "r-1");
    EXPECT_EQ(headers.get("via"), "1.1 plimsoll-x");
    for (const char* name : internal) EXPECT_FALSE(headers.has(name)) << name;
  }
}

TEST(Request, SaysWhatItSendsAndWhatItWants) {
  Sent sent(upstream("u"));
  EXPECT_EQ(sent.headers().get("content-type"), "application/json");
  EXPECT_EQ(sent.headers().get("accept"), "application/json");
  sent.stream = true;
  EXPECT_EQ(sent.headers().get("accept"), "text/event-stream");
  EXPECT_EQ(sent.request("{\"a\":1}").body, "{\"a\":1}");
  EXPECT_FALSE(sent.request().aws_frames);
}

TEST(Request, ShowsTheConfiguredKeyAsTheProviderWantsIt) {
  Sent sent(upstream("u"));
  sent.client.add("Authorization", "Bearer theirs");
  sent.client.add("x-api-key", "theirs");
  sent.upstream.api_key = "ours";
  EXPECT_EQ(sent.headers().get("authorization"), "Bearer ours");
  EXPECT_FALSE(sent.headers().has("x-api-key"));
  sent.upstream.provider = Provider::kAnthropic;
  sent.spoken = Protocol::kMessages;
  EXPECT_EQ(sent.headers().get("x-api-key"), "ours");
  EXPECT_FALSE(sent.headers().has("authorization"));
}

TEST(Request, PassesTheClientsCredentialsOnlyWhereAllowed) {
  Sent sent(upstream("u"));
  sent.client.add("Authorization", "Bearer theirs");
  EXPECT_FALSE(sent.headers().has("authorization"));
  sent.upstream.pass_authorization = true;
  EXPECT_EQ(sent.headers().get("authorization"), "Bearer theirs");
}

TEST(Request, CarriesCredentialsOverToTheOtherStyle) {
  Sent sent(upstream("u", Provider::kAnthropic));
  sent.upstream.pass_authorization = true;
  sent.spoken = Protocol::kMessages;
  sent.client.add("Authorization", "Bearer theirs");
  EXPECT_EQ(sent.headers().get("x-api-key"), "theirs");
  EXPECT_FALSE(sent.headers().has("authorization"));
  sent.asked = Protocol::kMessages;  // an Anthropic client's own token
  EXPECT_EQ(sent.headers().get("authorization"), "Bearer theirs");

  Sent other(upstream("u"));
  other.upstream.pass_authorization = true;
  other.asked = Protocol::kMessages;
  other.client.add("x-api-key", "theirs");
  EXPECT_EQ(other.headers().get("authorization"), "Bearer theirs");
  EXPECT_FALSE(other.headers().has("x-api-key"));
}

TEST(Request, PassesWhatFitsTheDialect) {
  Sent sent(upstream("u"));
  for (const char* name : {"openai-organization", "openai-project", "anthropic-version", "anthropic-beta"})
    sent.client.add(name, "x");
  EXPECT_EQ(sent.headers().get("openai-organization"), "x");
  EXPECT_EQ(sent.headers().get("openai-project"), "x");
  EXPECT_FALSE(sent.headers().has("anthropic-version"));
  EXPECT_FALSE(sent.headers().has("anthropic-beta"));

  sent.upstream.provider = Provider::kAnthropic;
  sent.spoken = Protocol::kMessages;
  EXPECT_EQ(sent.headers().get("anthropic-version"), "2023-06-01");
  EXPECT_FALSE(sent.headers().has("anthropic-beta")) << "meant for another protocol";
  EXPECT_FALSE(sent.headers().has("openai-organization"));
  sent.asked = Protocol::kMessages;
  EXPECT_EQ(sent.headers().get("anthropic-version"), "x");
  EXPECT_EQ(sent.headers().get("anthropic-beta"), "x");
}

TEST(Request, NamesTheModelAsTheUpstreamDoes) {
  Sent sent(upstream("u"));
  sent.model = "gpt-5";
  EXPECT_EQ(sent.fit(R"({"model":"best","messages":[]})"), R"({"model":"gpt-5","messages":[]})");
  sent.model = "";
  EXPECT_EQ(sent.fit(R"({"messages":[]})"), R"({"messages":[]})");
  EXPECT_EQ(sent.fit("[]"), "[]");
}

TEST(Request, CountsTokensAtItsOwnPlace) {
  Sent sent(upstream("u", Provider::kAnthropic, "https://api.anthropic.com"));
  sent.spoken = sent.asked = Protocol::kMessages;
  EXPECT_EQ(sent.request().path, "/v1/messages");
  sent.count_tokens = true;
  EXPECT_EQ(sent.request().path, "/v1/messages/count_tokens");
}

TEST(Bedrock, BodiesNameTheVersionAndNeitherModelNorStream) {
  Sent sent(bedrock("u"));
  sent.spoken = sent.asked = Protocol::kMessages;
  EXPECT_EQ(sent.fit(R"({"model":"m","max_tokens":1,"stream":true,"anthropic_version":"x"})"),
            R"({"anthropic_version":"bedrock-2023-05-31","max_tokens":1})");
  sent.client.add("anthropic-beta", "token-efficient-tools-2025-02-19, \"x\", interleaved.thinking,,a b");
  EXPECT_EQ(
      sent.fit("{}"),
      R"({"anthropic_version":"bedrock-2023-05-31","anthropic_beta":["token-efficient-tools-2025-02-19","interleaved.thinking"]})");
  sent.asked = Protocol::kChat;
  EXPECT_EQ(sent.fit("{}"), R"({"anthropic_version":"bedrock-2023-05-31"})");
}

TEST(Bedrock, RequestsAreSigned) {
  Sent sent(bedrock("u"));
  sent.spoken = sent.asked = Protocol::kMessages;
  sent.model = "us.anthropic.claude:0";
  sent.client.add("Authorization", "Bearer theirs");
  sent.client.add("anthropic-version", "2023-06-01");
  auto out = sent.request();
  EXPECT_EQ(out.path, "/model/us.anthropic.claude%3A0/invoke");
  EXPECT_EQ(out.headers.get("x-amz-date"), "20150830T123600Z");
  EXPECT_THAT(std::string(out.headers.get("authorization")),
              StartsWith("AWS4-HMAC-SHA256 Credential=AKID/20150830/us-east-1/bedrock/aws4_request, "
                         "SignedHeaders=content-type;host;x-amz-date, Signature="));
  EXPECT_FALSE(out.headers.has("anthropic-version"));
  EXPECT_NE(out.headers.get("authorization"), sent.request("{ }").headers.get("authorization"));
  EXPECT_FALSE(out.aws_frames);

  sent.stream = true;
  out = sent.request();
  EXPECT_EQ(out.path, "/model/us.anthropic.claude%3A0/invoke-with-response-stream");
  EXPECT_EQ(out.headers.get("accept"), "application/vnd.amazon.eventstream");
  EXPECT_TRUE(out.aws_frames);
}

TEST(Bedrock, TakesAnApiKeyInstead) {
  Sent sent(bedrock("u"));
  sent.upstream.aws = {};
  sent.upstream.api_key = "ours";
  const auto headers = sent.headers();
  EXPECT_EQ(headers.get("authorization"), "Bearer ours");
  EXPECT_FALSE(headers.has("x-amz-date"));
}

TEST(Models, AreListedWhereTheyAre) {
  World world({.upstreams = {upstream("o", Provider::kOpenAi, "https://h/v1"),
                             upstream("a", Provider::kAnthropic), bedrock("b")},
               .routes = {},
               .otherwise = "o"});
  const net::Headers none;
  const Sending sending{.client = none, .request_id = "r", .instance = "i"};
  const auto openai = world.router->list_models(0, sending);
  ASSERT_TRUE(openai);
  EXPECT_EQ(openai->method, "GET");
  EXPECT_EQ(openai->path, "/models");
  EXPECT_FALSE(openai->headers.has("content-type"));
  EXPECT_EQ(world.router->list_models(1, sending)->headers.get("anthropic-version"), "2023-06-01");
  EXPECT_FALSE(world.router->list_models(2, sending));
}

}  // namespace
}  // namespace plimsoll::route
