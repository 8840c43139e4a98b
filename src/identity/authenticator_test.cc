#include "identity/authenticator.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>

#include "test_issuer.h"

namespace plimsoll::identity {
namespace {

const std::string kSecret(32, 'k');
const Time kNow = Time(std::chrono::seconds(1'000'000));

class TheAuthenticator : public testing::Test {
 protected:
  TheAuthenticator()
      : folder_(
            (std::filesystem::temp_directory_path() / ("authenticator_test." + std::to_string(::getpid())))
                .string()) {
    std::filesystem::remove_all(folder_);
    keys_ = *ApiKeys::open({.file = folder_ + "/keys.json",
                            .last_used = {},
                            .record = [](const std::string&) { return Result<void>(); },
                            .commitment_key = {}});
  }
  ~TheAuthenticator() override { std::filesystem::remove_all(folder_); }

  Authenticator& with(bool single_use = false) {
    AuthenticatorOptions options;
    options.tokens.secret = kSecret;
    options.single_use = single_use;
    authenticator_ = std::make_unique<Authenticator>(std::move(options), *keys_, nullptr, metrics_);
    return *authenticator_;
  }
  static net::Headers bearer(const std::string& shown) {
    net::Headers headers;
    headers.add("Authorization", "Bearer " + shown);
    return headers;
  }
  static std::string token(std::string_view claims) { return hs256_token(claims, kSecret); }
  static const Permission* to(std::string_view method, std::string_view path) {
    return find_permission(Listener::kGateway, method, path);
  }

  std::string folder_;
  net::Metrics metrics_;
  std::unique_ptr<ApiKeys> keys_;
  std::unique_ptr<Authenticator> authenticator_;
};

TEST_F(TheAuthenticator, WantsTheBearerSchemeOrAnApiKeysHeaderAndOneOfEach) {
  auto& who = with();
  const auto* filter = to("POST", "/filter/prompt");
  const auto good = token(R"({"exp":1000100})");
  const auto status = [&](const net::Headers& headers) {
    const auto got = who.admit(headers, filter, kNow);
    return got ? 200 : got.error().status;
  };
  net::Headers headers;
  EXPECT_EQ(status(headers), 401);
  headers.set("Authorization", "Basic eDp5");
  EXPECT_EQ(status(headers), 401);
  headers.set("X-Api-Key", good);
  EXPECT_EQ(status(headers), 401) << "one that is given but wrong is not looked past";
  headers.remove("Authorization");
  EXPECT_EQ(status(headers), 200);
  headers.add("X-Api-Key", "other");
  EXPECT_EQ(status(headers), 401) << "which?";
  headers.clear();
  headers.set("Authorization", "bEARER " + good);
  EXPECT_EQ(status(headers), 200);
  headers.add("Authorization", "Bearer " + good);
  EXPECT_EQ(status(headers), 401);
}

TEST_F(TheAuthenticator, IsClosedWhereNobodyIsNamed) {
  auto& who = with();
  const auto admin = bearer(token(R"({"exp":1000100,"roles":"admin"})"));
  const auto nowhere = who.admit(admin, nullptr, kNow);
  ASSERT_FALSE(nowhere);
  EXPECT_EQ(nowhere.error().status, 403);
  EXPECT_TRUE(who.admit(admin, to("POST", "/filter/prompt"), kNow));
  const auto auditor =
      who.admit(bearer(token(R"({"exp":1000100,"roles":"auditor"})")), to("POST", "/filter/prompt"), kNow);
  ASSERT_FALSE(auditor);
  EXPECT_EQ(auditor.error().status, 403);
  EXPECT_EQ(auditor.error().challenge, R"(Bearer error="insufficient_scope", scope="plimsoll:filter")");
}

TEST_F(TheAuthenticator, RemembersATokenUntilItExpires) {
  auto& who = with();
  const auto* filter = to("POST", "/filter/prompt");
  const auto shown = bearer(token(R"({"sub":"u","exp":1000100})"));
  const auto first = who.admit(shown, filter, kNow), second = who.admit(shown, filter, kNow);
  ASSERT_TRUE(first && second);
  EXPECT_EQ(*first, *second);
  EXPECT_FALSE(who.admit(shown, filter, kNow + std::chrono::seconds(130)));
  EXPECT_FALSE(who.admit(shown, filter, kNow + std::chrono::seconds(130)));
}

TEST_F(TheAuthenticator, LetsATokenInOnceWhereThatIsAsked) {
  auto& who = with(true);
  const auto* filter = to("POST", "/filter/prompt");
  const auto shown = bearer(token(R"({"jti":"1","exp":1000100})"));
  EXPECT_TRUE(who.admit(shown, filter, kNow, true)) << "a peek uses nothing up";
  EXPECT_TRUE(who.admit(shown, filter, kNow));
  EXPECT_EQ(who.admit(shown, filter, kNow).error().reason, Reason::kReplayed);
  EXPECT_EQ(who.admit(shown, filter, kNow, true).error().reason, Reason::kReplayed);
  EXPECT_EQ(who.admit(bearer(token(R"({"exp":1000100})")), filter, kNow).error().reason, Reason::kReplayed);
}

TEST_F(TheAuthenticator, TakesApiKeys) {
  auto& who = with();
  KeyRequest wanted;
  wanted.roles = {Role::kService};
  wanted.scopes = {"filter"};
  const auto made = keys_->create(wanted, "ann");
  ASSERT_TRUE(made);
  const auto got =
      who.admit(bearer(made->secret), to("POST", "/filter/prompt"), std::chrono::system_clock::now());
  ASSERT_TRUE(got);
  EXPECT_EQ((*got)->key_id, made->key.id);
  EXPECT_EQ(
      who.admit(bearer(made->secret), to("POST", "/v1/chat/completions"), std::chrono::system_clock::now())
          .error()
          .status,
      403);
  ASSERT_TRUE(keys_->revoke(made->key.id, "ann"));
  EXPECT_EQ(who.admit(bearer(made->secret), to("POST", "/filter/prompt"), std::chrono::system_clock::now())
                .error()
                .reason,
            Reason::kRevoked);
}

TEST_F(TheAuthenticator, CountsWhomItRefuses) {
  auto& who = with();
  EXPECT_EQ(who.take_refused(kNow), "");
  for (int i = 0; i < 3; ++i) EXPECT_FALSE(who.admit({}, to("POST", "/filter/prompt"), kNow));
  EXPECT_FALSE(who.admit(bearer("x"), to("POST", "/filter/prompt"), kNow));
  const auto entry = who.take_refused(kNow);
  EXPECT_NE(entry.find(R"("counts":{"malformed":1,"missing":3})"), std::string::npos) << entry;
  EXPECT_EQ(who.take_refused(kNow), "");
  EXPECT_NE(metrics_.to_prometheus().find(R"(plimsoll_auth_refused_total{reason="missing"} 3)"),
            std::string::npos);
}

}  // namespace
}  // namespace plimsoll::identity
