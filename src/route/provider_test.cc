#include "provider.h"

#include <gtest/gtest.h>

#include "support_test.h"

namespace plimsoll::route {
namespace {

using wire::Protocol;

TEST(Provider, HasANameThatReadsBack) {
  for (const auto provider : {Provider::kHttp, Provider::kOpenAi, Provider::kAnthropic, Provider::kVllm,
                              Provider::kOllama, Provider::kTgi, Provider::kLiteLlm, Provider::kBedrock})
    EXPECT_EQ(*parse_provider(to_string(provider)), provider);
  EXPECT_FALSE(parse_provider("VLLM"));
  for (const auto protocol : {Protocol::kChat, Protocol::kMessages, Protocol::kResponses,
                              Protocol::kCompletions, Protocol::kEmbeddings, Protocol::kCompletion})
    EXPECT_EQ(*parse_protocol(to_string(protocol)), protocol);
  EXPECT_FALSE(parse_protocol("soap"));
}

TEST(Provider, PathsDoNotDoubleTheVersion) {
  const auto at = [](std::string_view url, Protocol protocol) {
    return path_of(upstream("u", Provider::kHttp, url), protocol, "m", false);
  };
  EXPECT_EQ(at("http://h", Protocol::kChat), "/v1/chat/completions");
  EXPECT_EQ(at("http://h/v1/", Protocol::kChat), "/chat/completions");
  EXPECT_EQ(at("http://h/proxy/v1", Protocol::kMessages), "/messages");
  EXPECT_EQ(at("http://h/proxy", Protocol::kResponses), "/v1/responses");
  EXPECT_EQ(at("http://h", Protocol::kCompletions), "/v1/completions");
  EXPECT_EQ(at("http://h", Protocol::kEmbeddings), "/v1/embeddings");
  EXPECT_EQ(at("http://h", Protocol::kCompletion), "/completion");
}

TEST(Provider, BedrockNamesTheModelInThePath) {
  EXPECT_EQ(path_of(bedrock("b"), Protocol::kMessages, "us.anthropic.claude-v1:0", false),
            "/model/us.anthropic.claude-v1%3A0/invoke");
  EXPECT_EQ(path_of(bedrock("b"), Protocol::kMessages, "../../x", true),
            "/model/..%2F..%2Fx/invoke-with-response-stream");
}

TEST(Provider, SpeaksWhatItIsConfiguredTo) {
  auto u = upstream("u", Provider::kVllm);
  EXPECT_TRUE(speaks(u, Protocol::kChat));
  EXPECT_FALSE(speaks(u, Protocol::kMessages));
  EXPECT_EQ(spoken(u), "chat, completions, embeddings");
  u.protocols = {Protocol::kMessages};
  EXPECT_FALSE(speaks(u, Protocol::kChat));
  EXPECT_TRUE(speaks(u, Protocol::kMessages));
}

}  // namespace
}  // namespace plimsoll::route
