#include "identity/api_keys.h"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <thread>

#include "api_key_json.h"
#include "base/files.h"
#include "base/json.h"

namespace plimsoll::identity {
namespace {

TEST(Secret, IsRecognisedByItsSum) {
  const auto secret = make_secret();
  EXPECT_EQ(secret.size(), kKeyBytes);
  EXPECT_TRUE(is_well_formed(secret));
  EXPECT_NE(secret, make_secret());
  for (std::size_t i = 0; i < secret.size(); ++i) {
    auto wrong = secret;
    wrong[i] = wrong[i] == 'x' ? 'y' : 'x';
    EXPECT_FALSE(is_well_formed(wrong)) << i;
  }
  EXPECT_FALSE(is_well_formed(""));
  EXPECT_FALSE(is_well_formed(secret + "a"));
}

class TheKeys : public testing::Test {
 protected:
  TheKeys()
      : folder_((std::filesystem::temp_directory_path() / ("api_keys_test." + std::to_string(::getpid())))
                    .string()) {
    std::filesystem::remove_all(folder_);
  }
  ~TheKeys() override { std::filesystem::remove_all(folder_); }

  std::unique_ptr<ApiKeys> open(bool recording = true) {
    ApiKeys::Options options{.file = folder_ + "/api-keys.json",
                             .last_used = folder_ + "/used.json",
                             .record = {},
                             .commitment_key = std::string(32, 'c')};
    if (recording)
      options.record = [this](std::string entry) -> Result<void> {
        if (!log_works_) return fail(Code::kUnavailable, "full");
        log_.push_back(std::move(entry));
        return {};
      };
    auto keys = ApiKeys::open(std::move(options));
    EXPECT_TRUE(keys) << keys.error().message;
    return *std::move(keys);
  }
  static KeyRequest wanted() {
    KeyRequest out;
    out.org = "acme";
    out.user = "jane@example.com";
    out.roles = {Role::kService};
    out.tier = Tier::kEnterprise;
    return out;
  }
  static Time now() { return std::chrono::system_clock::now(); }

  std::string folder_;
  std::vector<std::string> log_;
  bool log_works_ = true;
};

TEST_F(TheKeys, AreShownOnceAndKeptAsHashes) {
  const auto keys = open();
  const auto made = keys->create(wanted(), "ann");
  ASSERT_TRUE(made) << made.error().message;
  const auto found = keys->find(made->secret, now());
  ASSERT_TRUE(found);
  EXPECT_EQ((*found)->caller.org, "acme");
  EXPECT_EQ((*found)->caller.tier, Tier::kEnterprise);
  EXPECT_TRUE((*found)->caller.authenticated);
  EXPECT_EQ((*found)->key_id, made->key.id);
  const auto file = *read_file(folder_ + "/api-keys.json", 1U << 20U);
  EXPECT_EQ(file.find(made->secret.substr(4, 20)), std::string::npos);
  struct stat s{};
  ASSERT_EQ(::stat((folder_ + "/api-keys.json").c_str(), &s), 0);
  EXPECT_EQ(s.st_mode & 0777U, 0600U);
  ASSERT_EQ(log_.size(), 1U);
  EXPECT_EQ(log_[0].find(made->secret.substr(4, 20)), std::string::npos);
  EXPECT_EQ(log_[0].find("jane"), std::string::npos) << "users are pseudonyms in the log";
  EXPECT_NE(log_[0].find(R"("act":"api_key_created","actor":"ann")"), std::string::npos) << log_[0];
  EXPECT_EQ(to_json(keys->list()[0].key, {}).find("hash"), std::string::npos);
}

TEST_F(TheKeys, OpenNothingOnceRevokedOrExpired) {
  const auto keys = open();
  auto soon = wanted();
  soon.expires = now() + std::chrono::hours(1);
  const auto one = keys->create(wanted(), "ann"), two = keys->create(soon, "ann");
  ASSERT_TRUE(one && two);
  ASSERT_TRUE(keys->revoke(one->key.id, "bob"));
  EXPECT_EQ(keys->find(one->secret, now()).error(), ApiKeys::Refusal::kRevoked);
  EXPECT_TRUE(keys->find(two->secret, now()));
  EXPECT_EQ(keys->find(two->secret, now() + std::chrono::hours(2)).error(), ApiKeys::Refusal::kExpired);
  EXPECT_EQ(keys->find(make_secret(), now()).error(), ApiKeys::Refusal::kUnknown);
  EXPECT_EQ(keys->find("plk_", now()).error(), ApiKeys::Refusal::kUnknown);
  EXPECT_EQ(keys->revoke("key-0000000000000000", "bob").error().code, Code::kNotFound);
  ASSERT_TRUE(keys->revoke(one->key.id, "eve"));
  EXPECT_EQ(log_.size(), 3U) << "revoked once";
  EXPECT_NE(log_[2].find(R"("act":"api_key_revoked","actor":"bob")"), std::string::npos) << log_[2];
  EXPECT_EQ(open()->find(one->secret, now()).error(), ApiKeys::Refusal::kRevoked) << "also after a restart";
}

TEST_F(TheKeys, OpenNothingBeforeTheyAreInTheLog) {
  const auto server = open(), tool = open(false);
  const auto made = tool->create(wanted(), "command line");
  ASSERT_TRUE(made) << made.error().message;
  EXPECT_EQ(tool->find(made->secret, now()).error(), ApiKeys::Refusal::kNotLogged);
  EXPECT_EQ(server->find(made->secret, now()).error(), ApiKeys::Refusal::kUnknown);
  log_works_ = false;
  server->look();
  EXPECT_EQ(server->find(made->secret, now()).error(), ApiKeys::Refusal::kNotLogged);
  log_works_ = true;
  server->look();
  EXPECT_TRUE(server->find(made->secret, now()));
  server->look();
  EXPECT_EQ(log_.size(), 1U) << "once";
  ASSERT_TRUE(tool->revoke(made->key.id, "command line"));
  server->look();
  EXPECT_EQ(server->find(made->secret, now()).error(), ApiKeys::Refusal::kRevoked);
  EXPECT_EQ(log_.size(), 2U);
}

TEST_F(TheKeys, AreNotMadeWhereTheLogCannotBeWritten) {
  const auto keys = open();
  log_works_ = false;
  EXPECT_EQ(keys->create(wanted(), "ann").error().code, Code::kUnavailable);
  EXPECT_TRUE(keys->list().empty());
  log_works_ = true;
  const auto made = keys->create(wanted(), "ann");
  log_works_ = false;
  ASSERT_TRUE(keys->revoke(made->key.id, "ann")) << "a revocation waits for nobody";
  EXPECT_EQ(keys->find(made->secret, now()).error(), ApiKeys::Refusal::kRevoked);
  log_works_ = true;
  keys->look();
  EXPECT_EQ(log_.size(), 2U);
}

TEST_F(TheKeys, SurviveADamagedFile) {
  const auto keys = open();
  const auto made = keys->create(wanted(), "ann");
  ASSERT_TRUE(replace_file(folder_ + "/api-keys.json", "{\"v\":1,\"keys\":[{}]}"));
  keys->look();
  EXPECT_TRUE(keys->find(made->secret, now()));
  EXPECT_FALSE(keys->create(wanted(), "ann")) << "nothing is written over what cannot be read";
}

TEST_F(TheKeys, RememberWhenTheyWereUsedWithoutAWriteEach) {
  const auto keys = open();
  const auto made = keys->create(wanted(), "ann");
  EXPECT_FALSE(keys->list()[0].last_used);
  const auto then = now();
  ASSERT_TRUE(keys->find(made->secret, then));
  const auto used = keys->list()[0].last_used;
  ASSERT_TRUE(used);
  EXPECT_EQ(*used, std::chrono::floor<std::chrono::minutes>(then));
  EXPECT_FALSE(std::filesystem::exists(folder_ + "/used.json"));
  keys->save_last_used();
  EXPECT_EQ(open()->list()[0].last_used, used);
}

TEST_F(TheKeys, AreChangedByOneProcessAtATime) {
  const auto one = open(), two = open();
  std::vector<std::thread> threads;
  for (auto* keys : {one.get(), two.get()})
    threads.emplace_back([keys] {
      for (int i = 0; i < 20; ++i) {
        KeyRequest what;
        what.roles = {Role::kAuditor};
        static std::mutex mutex;
        const std::lock_guard guard(mutex);  // the log of this test is no thread's own
        EXPECT_TRUE(keys->create(what, "x"));
      }
    });
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(open()->list().size(), 40U);
}

TEST(KeyRequest, IsReadStrictly) {
  const Time now = Time(std::chrono::seconds(1'000'000'000));
  const auto good = read_key_request(
      R"({"roles":["service"],"org":"a","tier":"general","scopes":["ingest"],"report_for":["*"],"expires":"90d"})",
      now);
  ASSERT_TRUE(good) << good.error().message;
  EXPECT_EQ(good->expires, now + std::chrono::days(90));
  for (const auto* body :
       {"", "[]", "{}", R"({"roles":[]})", R"({"roles":["root"]})", R"({"roles":"service"})",
        R"({"roles":["service"],"tier":"gold"})", R"({"roles":["service"],"scopes":["everything"]})",
        R"({"roles":["service"],"expires":"yesterday"})", R"({"roles":["service"],"expires":"1999-01-01"})",
        R"({"roles":["service"],"expires":"9999-01-01"})",
        R"({"roles":["service"],"lawful_basis":"because"})", R"({"roles":["service"],"org":"a\nb"})",
        R"({"roles":["service"],"key":"plk_x"})", R"({"roles":["service"],"report_for":[""]})"})
    EXPECT_FALSE(read_key_request(body, now)) << body;
}

TEST(KeyFile, ComesBackAsItWas) {
  ApiKey key{.id = "key-0123456789abcdef",
             .hash = sha256("x"),
             .what = {},
             .created = Time(std::chrono::seconds(5)),
             .created_by = "ann",
             .revoked = Time(std::chrono::seconds(9)),
             .revoked_by = "bob",
             .creation_logged = true};
  key.what.roles = {Role::kAdmin, Role::kAuditor};
  key.what.scopes = {"export"};
  key.what.expires = Time(std::chrono::seconds(99));
  const std::vector<ApiKey> all{key};
  const auto back = read_keys(to_file(all));
  ASSERT_TRUE(back) << back.error().message;
  EXPECT_EQ(to_file(*back), to_file(all));
  EXPECT_EQ(back->at(0).hash, key.hash);
  EXPECT_TRUE(back->at(0).creation_logged);
  EXPECT_FALSE(back->at(0).revocation_logged);
}

}  // namespace
}  // namespace plimsoll::identity
