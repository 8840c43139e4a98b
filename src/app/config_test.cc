#include "config.h"

#include <gtest/gtest.h>

#include <fstream>
#include <map>

namespace plimsoll::app {
namespace {

std::vector<std::string> problems_with(const std::map<std::string, std::string>& variables,
                                       Config config = {}) {
  std::vector<std::string> problems;
  read_environment(
      [&](std::string_view name) {
        const auto found = variables.find(std::string(name));
        return found == variables.end() ? std::nullopt : std::optional(found->second);
      },
      config, problems);
  for (auto& problem : config.problems()) problems.push_back(problem);
  return problems;
}

TEST(Config, ServesWithNothingSet) {
  EXPECT_TRUE(problems_with({}).empty());
}

TEST(Config, NamesEveryVariableThatCannotBeRead) {
  const std::map<std::string, std::string> bad = {{"API_PORT", "99999"},
                                                  {"API_WORKERS", "0"},
                                                  {"DASHBOARD_PORT", "x"},
                                                  {"PROMETHEUS_PORT", "-1"},
                                                  {"METRICS_ENABLED", "maybe"},
                                                  {"DATABASE_BACKUP_ENABLED", "2"},
                                                  {"ENABLE_AUTH", "?"},
                                                  {"LOG_LEVEL", "loud"},
                                                  {"PAC_LLM_PROVIDER", "nobody"},
                                                  {"PAC_UPSTREAM_URL", "localhost"},
                                                  {"PAC_CONFIG", "/no/such/file"},
                                                  {"STORAGE_PATH", ""}};
  const auto problems = problems_with(bad);
  for (const auto& [name, value] : bad)
    EXPECT_TRUE(std::ranges::any_of(problems, [&](const auto& p) { return p.starts_with(name); })) << name;
}

TEST(Config, BindsBeyondLoopbackOnlyWithAuthenticationOrConsent) {
  EXPECT_FALSE(problems_with({{"API_HOST", "0.0.0.0"}}).empty());
  EXPECT_TRUE(problems_with({{"API_HOST", "127.0.0.2"}}).empty());
  Config consenting;
  consenting.insecure = true;
  EXPECT_TRUE(problems_with({{"API_HOST", "0.0.0.0"}}, consenting).empty());
  EXPECT_TRUE(problems_with({{"API_HOST", "0.0.0.0"},
                             {"ENABLE_AUTH", "true"},
                             {"JWT_SECRET_KEY", "3f9a1c5e7b2d4f6081a3c5e7092b4d6f"}})
                  .empty());
}

TEST(Config, RefusesSecretsThatAreNone) {
  for (const char* secret :
       {"", "short", "your-secret-key-your-secret-key-1234", "CHANGEME-CHANGEME-CHANGEME-CHANGEME",
        "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"})
    EXPECT_FALSE(problems_with({{"ENABLE_AUTH", "true"}, {"JWT_SECRET_KEY", secret}}).empty()) << secret;
}

TEST(Config, ReadsAFileAndNamesTheLineOfEveryMistake) {
  const std::string path = testing::TempDir() + "plimsoll-config-test.yaml";
  const auto read = [&](std::string_view text, Config& config) {
    std::ofstream(path) << text;
    std::vector<std::string> problems;
    read_file(path, config, problems);
    return problems;
  };
  Config config;
  EXPECT_TRUE(
      read("listen: {gateway_port: 9001}\nstorage:\n  segment_bytes: 1048576\nupstream: {timeout_s: 5}\n",
           config)
          .empty());
  EXPECT_EQ(config.ports.gateway, 9001);
  EXPECT_EQ(config.segment_bytes, 1U << 20U);
  EXPECT_EQ(config.upstream_timeout_s, 5U);

  const auto problems = read("listen:\n  gateway_prot: 9001\n  prometheus_port: 70000\nstorage: 3\n", config);
  ASSERT_EQ(problems.size(), 3U);
  EXPECT_EQ(problems[0].find(path + ":2:3: "), 0U) << problems[0];
  EXPECT_NE(problems[0].find("gateway_port"), std::string::npos);
  EXPECT_EQ(problems[1].find(path + ":3:"), 0U) << problems[1];
  EXPECT_EQ(problems[2].find(path + ":4:"), 0U) << problems[2];
}

TEST(Config, NeverShowsASecret) {
  Config config;
  config.jwt_secret = "hidden-one";
  config.upstream_key = "hidden-two";
  EXPECT_EQ(config.describe().find("hidden"), std::string::npos);
}

TEST(Config, ShowsNoPassword) {
  Config config;
  config.upstream_url = "https://user:hunter2@model.example/v1";
  config.database = "postgresql://plimsoll:hun@ter2@db.example:5432/p?sslmode=require&password=hunter2";
  config.jwks_url = "https://user@issuer.example/keys";
  const auto shown = config.describe();
  EXPECT_EQ(shown.find("ter2"), std::string::npos) << shown;
  EXPECT_NE(shown.find("https://user:***@model.example/v1"), std::string::npos);
  EXPECT_NE(shown.find("postgresql://plimsoll:***@db.example:5432/p?sslmode=require&password=***"),
            std::string::npos);
  EXPECT_NE(shown.find("https://user@issuer.example/keys"), std::string::npos);
}

TEST(Config, ReadsWhoIsToldAndKeepsSecretsToItself) {
  const auto path = testing::TempDir() + "notices.yaml";
  std::ofstream(path)
      << "notices:\n"
         "  - {name: ops, kind: webhook, url: 'https://example.org/in', secret_env: KEY, events: "
         "[asl_trigger]}\n"
         "  - {name: mail, kind: email, host: localhost, from: a@example.org, to: [b@example.org]}\n";
  Config config;
  std::vector<std::string> problems;
  read_file(path, config, problems);
  EXPECT_TRUE(problems.empty()) << problems.front();
  const std::string key = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
  EXPECT_TRUE(problems_with({{"KEY", key}}, config).empty());
  EXPECT_FALSE(problems_with({}, config).empty()) << "the variable is not set";
  read_environment([&](std::string_view name) { return name == "KEY" ? std::optional(key) : std::nullopt; },
                   config, problems);
  const auto destinations = config.destinations();
  ASSERT_TRUE(destinations);
  EXPECT_EQ(destinations->at(0).secrets, std::vector{key});
  EXPECT_TRUE(destinations->at(1).allow_private) << "a mail server of one's own";
  EXPECT_EQ(config.describe().find(key), std::string::npos);
  EXPECT_NE(config.describe().find("notices[0]: ops: webhook https://example.org, asl_trigger"),
            std::string::npos);
}

TEST(Config, TellsWhatIsWrongWithADestinationWhereItStands) {
  const auto path = testing::TempDir() + "notices.yaml";
  std::ofstream(path)
      << "notices:\n  - {name: a, kind: webhook, secret: whsec_x, event: [x]}\n  - {name: b, kind: fax}\n";
  Config config;
  std::vector<std::string> problems;
  read_file(path, config, problems);
  std::string all;
  for (const auto& problem : problems) all += problem + "\n";
  for (const char* part :
       {":2:", "'secret' must not stand in this file", "unknown key 'event'", ":3:", "'fax'"})
    EXPECT_NE(all.find(part), std::string::npos) << part << " in " << all;
  EXPECT_EQ(all.find("whsec_x"), std::string::npos);
}

}  // namespace
}  // namespace plimsoll::app
