#include "gateway/upstream.h"

#include <gtest/gtest.h>

namespace plimsoll::gateway {
namespace {

Upstream upstream(std::string_view url, Provider provider = Provider::kOpenAi) {
  return {.provider = provider, .origin = *net::parse_origin(url), .api_key = {}};
}

TEST(Upstream, PathsDoNotDoubleTheVersion) {
  EXPECT_EQ(chat_path(upstream("http://h")), "/v1/chat/completions");
  EXPECT_EQ(chat_path(upstream("https://api.example.com/v1")), "/chat/completions");
  EXPECT_EQ(completion_path(upstream("http://h", Provider::kHttp)), "/completion");
  EXPECT_EQ(completion_path(upstream("http://h", Provider::kVllm)), "/v1/chat/completions");
}

TEST(Upstream, GetsNoHeaderOfTheClientsThatItNeedNotHave) {
  net::Headers client;
  for (const char* name :
       {"Cookie", "Connection", "Transfer-Encoding", "X-Forwarded-For", "X-Policy-Version", "Host"})
    client.add(name, "x");
  client.add("traceparent", "00-a-b-01");
  const auto sent = upstream_headers(upstream("http://h"), client, "r", "plimsoll", false);
  EXPECT_EQ(sent.get("traceparent"), "00-a-b-01");
  for (const char* name :
       {"Cookie", "Connection", "Transfer-Encoding", "X-Forwarded-For", "X-Policy-Version", "Host"})
    EXPECT_FALSE(sent.has(name)) << name;
}

TEST(Upstream, GetsTheConfiguredKeyInsteadOfTheClients) {
  net::Headers client;
  client.add("Authorization", "Bearer client");
  auto u = upstream("http://h");
  EXPECT_EQ(upstream_headers(u, client, "r", "i", false).get("authorization"), "Bearer client");
  u.pass_authorization = false;
  EXPECT_FALSE(upstream_headers(u, client, "r", "i", false).has("authorization"));
  u.api_key = "ours";
  EXPECT_EQ(upstream_headers(u, client, "r", "i", false).get("authorization"), "Bearer ours");
}

TEST(Provider, UnknownNamesAreRefused) {
  EXPECT_TRUE(parse_provider("vllm"));
  EXPECT_FALSE(parse_provider("VLLM"));
}

}  // namespace
}  // namespace plimsoll::gateway
