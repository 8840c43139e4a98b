#include "config.h"

#include <gtest/gtest.h>

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

TEST(Config, NeverShowsASecret) {
  Config config;
  config.jwt_secret = "hidden-one";
  config.upstream_key = "hidden-two";
  EXPECT_EQ(config.describe().find("hidden"), std::string::npos);
}

}  // namespace
}  // namespace plimsoll::app
