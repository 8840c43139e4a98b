#include "config_upstreams.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <map>

namespace plimsoll::app {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

using Variables = std::map<std::string, std::string>;

class UpstreamsTest : public testing::Test {
 protected:
  // All that is said of a file and an environment, as start-up would.
  std::vector<std::string> load(std::string_view yaml, const Variables& variables = {}) {
    std::ofstream(path) << yaml;
    config = Config();
    std::vector<std::string> problems;
    read_file(path, config, problems);
    read_environment(
        [&](std::string_view name) {
          const auto found = variables.find(std::string(name));
          return found == variables.end() ? std::nullopt : std::optional(found->second);
        },
        config, problems);
    if (!problems.empty()) return problems;
    return config.problems();
  }
  std::string write(const std::string& name, std::string_view text) const {
    std::string file = testing::TempDir() + name;
    std::ofstream(file) << text;
    return file;
  }
  std::string path = testing::TempDir() + "plimsoll-upstreams-test.yaml";
  Config config;
};

TEST_F(UpstreamsTest, WithNothingSetThereIsOneThatTakesEverything) {
  EXPECT_THAT(load("{}"), ElementsAre());
  const auto settings = config.routing();
  ASSERT_TRUE(settings);
  ASSERT_EQ(settings->upstreams.size(), 1U);
  EXPECT_EQ(settings->upstreams[0].name, "default");
  EXPECT_EQ(settings->upstreams[0].origin.port, 8000);
  EXPECT_TRUE(settings->upstreams[0].pass_authorization);
  EXPECT_EQ(settings->otherwise, "default");
}

TEST_F(UpstreamsTest, VariablesDescribeTheDefault) {
  EXPECT_THAT(load("{}", {{"PAC_LLM_PROVIDER", "anthropic"},
                          {"PAC_UPSTREAM_URL", "https://api.anthropic.com"},
                          {"PAC_UPSTREAM_API_KEY", "k"},
                          {"PAC_UPSTREAM_TIMEOUT", "7"}}),
              ElementsAre());
  const auto settings = config.routing();
  ASSERT_TRUE(settings);
  const auto& u = settings->upstreams[0];
  EXPECT_EQ(u.provider, route::Provider::kAnthropic);
  EXPECT_EQ(u.api_key, "k");
  EXPECT_FALSE(u.pass_authorization);
  EXPECT_EQ(u.client.read_timeout, std::chrono::seconds(7));
}

TEST_F(UpstreamsTest, TheDefaultCanBeBedrock) {
  const Variables all = {{"PAC_LLM_PROVIDER", "bedrock"},
                         {"AWS_REGION", "eu-west-1"},
                         {"AWS_ACCESS_KEY_ID", "id"},
                         {"AWS_SECRET_ACCESS_KEY", "s"}};
  EXPECT_THAT(load("{}", all), ElementsAre());
  const auto settings = config.routing();
  ASSERT_TRUE(settings);
  EXPECT_EQ(settings->upstreams[0].origin.host, "bedrock-runtime.eu-west-1.amazonaws.com");
  EXPECT_TRUE(settings->upstreams[0].origin.tls);
  EXPECT_EQ(settings->upstreams[0].aws.access_key_id, "id");

  EXPECT_THAT(
      load("{}", {{"PAC_LLM_PROVIDER", "bedrock"}}),
      ElementsAre(StartsWith("AWS_REGION: "), StartsWith("AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY: ")));
  EXPECT_THAT(load("{}", {{"PAC_UPSTREAM_API_KEY", "a\nb"}}),
              ElementsAre(StartsWith("PAC_UPSTREAM_API_KEY (upstream.api_key): ")));
}

constexpr std::string_view kEverything = R"(
upstreams:
  - name: openai
    provider: openai
    api_key_env: OPENAI_API_KEY
    timeouts: {connect_s: 1.5, response_s: 60, read_s: 30}
    retries: 1
    retry_after_most_s: 0.5
    breaker: {failures: 3, share: 0.4, window: 20, pause_s: 2, longest_pause_s: 30}
  - name: local
    provider: vllm
    url: https://gpu.internal:8443/v1
    pass_authorization: true
    protocols: [chat, embeddings]
    tls: {pins: ["sha256/AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="]}
  - name: aws
    provider: bedrock
    aws: {region: us-east-1}
routes:
  - model: claude-*
    to:
      - {upstream: aws, weight: 3, model: us.anthropic.claude-sonnet}
      - {upstream: openai, weight: 1, model: gpt-5}
    fallback: [local, {upstream: openai, model: gpt-5-mini}]
  - model: "*"
    to: [openai]
)";
const Variables kKeys = {{"OPENAI_API_KEY", "hidden-one"},
                         {"AWS_ACCESS_KEY_ID", "hidden-id"},
                         {"AWS_SECRET_ACCESS_KEY", "hidden-two"},
                         {"AWS_SESSION_TOKEN", "hidden-three"},
                         {"AWS_REGION", "eu-west-1"}};

TEST_F(UpstreamsTest, ReadsEverySetting) {
  EXPECT_THAT(load(kEverything, kKeys), ElementsAre());
  const auto settings = config.routing();
  ASSERT_TRUE(settings);
  ASSERT_EQ(settings->upstreams.size(), 4U);
  const auto& openai = settings->upstreams[0];
  EXPECT_EQ(openai.origin.host, "api.openai.com");
  EXPECT_EQ(openai.api_key, "hidden-one");
  EXPECT_EQ(openai.client.connect_timeout, std::chrono::milliseconds(1'500));
  EXPECT_EQ(openai.client.response_timeout, std::chrono::seconds(60));
  EXPECT_EQ(openai.client.read_timeout, std::chrono::seconds(30));
  EXPECT_EQ(openai.retries, 1U);
  EXPECT_EQ(openai.retry_after_most, std::chrono::milliseconds(500));
  EXPECT_EQ(openai.breaker.failures, 3U);
  EXPECT_EQ(openai.breaker.window, 20U);
  EXPECT_EQ(openai.breaker.longest_pause, std::chrono::seconds(30));
  const auto& local = settings->upstreams[1];
  EXPECT_TRUE(local.pass_authorization);
  EXPECT_EQ(local.protocols, (route::Protocols{wire::Protocol::kChat, wire::Protocol::kEmbeddings}));
  EXPECT_EQ(local.client.pins, std::vector{std::string(32, '\0')});
  const auto& aws = settings->upstreams[2];
  EXPECT_EQ(aws.origin.host, "bedrock-runtime.us-east-1.amazonaws.com");
  EXPECT_EQ(aws.aws.session_token, "hidden-three");
  EXPECT_EQ(settings->upstreams[3].name, "default");
  ASSERT_EQ(settings->routes.size(), 2U);
  EXPECT_EQ(settings->routes[0].to[0].weight, 3U);
  EXPECT_EQ(settings->routes[0].to[0].model, "us.anthropic.claude-sonnet");
  EXPECT_EQ(settings->routes[0].fallback[1].model, "gpt-5-mini");
}

TEST_F(UpstreamsTest, ShowsRoutesButNoSecret) {
  EXPECT_THAT(load(kEverything, kKeys), ElementsAre());
  const std::string shown = config.describe();
  EXPECT_THAT(shown, Not(HasSubstr("hidden")));
  EXPECT_THAT(shown, HasSubstr("upstreams[0]: openai: openai at https://api.openai.com/v1, key from "
                               "OPENAI_API_KEY (set), timeouts 1.500 s, 60 s, 30 s, 1 retries\n"));
  EXPECT_THAT(shown,
              HasSubstr("routes[0]: claude-* -> aws (3, as us.anthropic.claude-sonnet) openai (1, as gpt-5), "
                        "else local, else openai (as gpt-5-mini)\n"));
}

TEST_F(UpstreamsTest, NamesThePlaceOfEveryMistakeInTheFile) {
  const auto problems = load(R"(
upstreams:
  - {name: a, provider: nobody}
  - {name: b, provider: openai, api_key: sk-hidden}
  - {name: c, provider: openai, protocols: [soap]}
  - {name: d, provider: openai, tls: {pins: [nonsense]}}
  - {name: e, provider: openai, timeouts: {connect_s: 0, reed_s: 1}}
  - {provider: openai}
  - text
routes:
  - {model: m}
  - {model: m, to: openai}
  - {model: m, to: [{upstrem: a}]}
  - {model: m, to: [[a]]}
)");
  std::vector<std::string> lines;
  for (const auto& problem : problems)
    lines.push_back(problem.substr(path.size() + 1, problem.find(':', path.size() + 1) - path.size() - 1));
  EXPECT_THAT(lines, ElementsAre("3", "4", "5", "6", "7", "7", "8", "9", "11", "12", "13", "13", "14"));
  for (const auto& problem : problems) EXPECT_THAT(problem, Not(HasSubstr("hidden")));
  EXPECT_THAT(problems, Contains(HasSubstr("api_key_env")));
}

TEST_F(UpstreamsTest, NamesWhatIsMissingAroundIt) {
  const auto one = [&](const std::string& rest, const Variables& variables = {}) {
    return load("upstreams:\n  - {name: a, provider: vllm, " + rest + "}\n", variables);
  };
  EXPECT_THAT(one("url: 'http://h'"), ElementsAre());
  EXPECT_THAT(one("retries: 1"), ElementsAre(StartsWith("upstreams[0].url: must be set")));
  EXPECT_THAT(one("url: nonsense"), ElementsAre(StartsWith("upstreams[0].url: ")));
  EXPECT_THAT(
      one("url: 'http://h', api_key_env: NOT_THERE"),
      ElementsAre(
          "upstreams[0].api_key_env: the variable NOT_THERE is not set; export it, or correct its name"));
  EXPECT_THAT(one("url: 'http://h', api_key_env: sk-live-hidden"), ElementsAre(Not(HasSubstr("hidden"))));
  EXPECT_THAT(one("url: 'http://h', api_key_file: /no/such/file"),
              ElementsAre("upstreams[0].api_key_file: cannot be read"));
  EXPECT_THAT(one("url: 'http://h', api_key_file: " + write("plimsoll-empty-key", "\n")),
              ElementsAre(StartsWith("upstreams[0].api_key_file: is empty")));
  EXPECT_THAT(one("url: 'http://h', tls: {ca_file: /no/such/file}"),
              ElementsAre("upstreams[0].tls.ca_file: cannot be read"));
  EXPECT_THAT(one("url: 'http://h', pass_authorization: true",
                  {{"ENABLE_AUTH", "true"}, {"JWT_SECRET_KEY", "3f9a1c5e7b2d4f6081a3c5e7092b4d6f"}}),
              ElementsAre(StartsWith("upstreams[0].pass_authorization: ")));
  EXPECT_THAT(load("routes: [{model: m, to: [a]}]"),
              ElementsAre("routes[0].to[0]: no upstream of this name; there are: default"));
}

TEST_F(UpstreamsTest, ReadsKeysFromFiles) {
  EXPECT_THAT(load("upstreams: [{name: a, provider: openai, api_key_file: " +
                   write("plimsoll-key", "hidden-key\r\n") + "}]"),
              ElementsAre());
  const auto settings = config.routing();
  ASSERT_TRUE(settings);
  EXPECT_EQ(settings->upstreams[0].api_key, "hidden-key");
  EXPECT_THAT(load("upstreams: [{name: a, provider: openai, api_key_env: K, api_key_file: " +
                       write("plimsoll-key", "hidden-key") + "}]",
                   {{"K", "k"}}),
              ElementsAre(StartsWith("upstreams[0]: has both")));
}

TEST_F(UpstreamsTest, DoesNotMixOneAwsIdentityWithAnother) {
  auto variables = kKeys;
  variables["OTHER_ID"] = "other-id";
  variables["OTHER_SECRET"] = "other-secret";
  EXPECT_THAT(load("upstreams: [{name: a, provider: bedrock, aws: {access_key_id_env: OTHER_ID, "
                   "secret_access_key_env: OTHER_SECRET}}]",
                   variables),
              ElementsAre());
  const auto settings = config.routing();
  ASSERT_TRUE(settings);
  const auto& aws = settings->upstreams[0].aws;
  EXPECT_EQ(aws.access_key_id, "other-id");
  EXPECT_EQ(aws.session_token, "");
  EXPECT_EQ(aws.region, "eu-west-1");
}

TEST_F(UpstreamsTest, AnUpstreamNamedDefaultTakesItsPlace) {
  constexpr std::string_view kFile = "upstreams: [{name: default, provider: vllm, url: 'http://h'}]";
  EXPECT_THAT(load(kFile), ElementsAre());
  EXPECT_EQ(config.routing()->upstreams.size(), 1U);
  EXPECT_THAT(load(kFile, {{"PAC_UPSTREAM_URL", "http://other"}}),
              ElementsAre(StartsWith("PAC_UPSTREAM_URL")));
}

TEST_F(UpstreamsTest, TheManualsExampleIsRead) {
  std::ifstream in(PLIMSOLL_SOURCE_DIR "/docs/upstreams.md");
  const std::string manual((std::istreambuf_iterator<char>(in)), {});
  const auto from = manual.find("```yaml\n") + 8;
  EXPECT_THAT(
      load(manual.substr(from, manual.find("```", from) - from), kKeys),
      ElementsAre("upstreams[2].api_key_file: cannot be read", "upstreams[2].tls.ca_file: cannot be read"));
  EXPECT_EQ(config.routes.size(), 3U);
}

}  // namespace
}  // namespace plimsoll::app
