#include "net/auth.h"

#include <gtest/gtest.h>

#include "base/hash.h"

namespace plimsoll::net {
namespace {

const std::string kSecret(32, 'k');
const Time kNow = Time(std::chrono::seconds(1'000'000));

std::string base64url(std::string_view bytes) {
  std::string out = to_base64(bytes);
  for (char& c : out) c = c == '+' ? '-' : c == '/' ? '_' : c;
  while (out.ends_with('=')) out.pop_back();
  return out;
}

std::string token(std::string_view claims, std::string_view header = R"({"alg":"HS256"})",
                  const std::string& secret = kSecret) {
  const std::string signing = base64url(header) + "." + base64url(claims);
  return signing + "." + base64url(bytes_of(hmac_sha256(secret, signing)));
}

Result<Caller> verify(std::string_view t) {
  return Authenticator(kSecret).verify(t, kNow);
}

TEST(Authenticator, ReadsTheCallerFromAGoodToken) {
  const auto caller =
      verify(token(R"({"sub":"u","org":"o","tier":"enterprise","lawful_basis":"contract","exp":1000100})"));
  ASSERT_TRUE(caller) << caller.error().message;
  EXPECT_EQ(caller->user, "u");
  EXPECT_EQ(caller->org, "o");
  EXPECT_EQ(caller->tier, Tier::kEnterprise);
  EXPECT_TRUE(caller->lawful_basis);
  EXPECT_TRUE(caller->authenticated);
}

TEST(Authenticator, RefusesEverythingElse) {
  const std::string good = token(R"({"exp":1000100})");
  ASSERT_TRUE(verify(good));
  const std::string bad[] = {"",
                             ".",
                             "..",
                             "a.b.c",
                             good + ".x",
                             good.substr(0, good.size() - 2),
                             token(R"({"exp":1000100})", R"({"alg":"none"})"),
                             token(R"({"exp":1000100})", R"({"alg":"RS256"})"),
                             token(R"({"exp":1000100})", R"({"alg":"HS256","crit":["b64"]})"),
                             token(R"({"exp":1000100})", R"({"alg":"HS256"})", "other"),
                             token(R"({})"),
                             token(R"({"exp":"1000100"})"),
                             token(R"({"exp":999000})"),
                             token(R"({"exp":1000100,"nbf":1000099})"),
                             token(R"({"exp":1000100,"tier":"root"})"),
                             token(R"({"exp":1000100,"exp":1000200})"),
                             token("[]"),
                             std::string(100'000, 'a')};
  for (const auto& t : bad) {
    const auto caller = verify(t);
    EXPECT_FALSE(caller) << t.substr(0, 100);
  }
}

TEST(Authenticator, WantsTheBearerScheme) {
  const Authenticator authenticator(kSecret);
  Headers headers;
  EXPECT_FALSE(authenticator.identify(headers, kNow));
  headers.set("Authorization", "Basic eDp5");
  EXPECT_FALSE(authenticator.identify(headers, kNow));
  headers.set("X-Api-Key", token(R"({"exp":1000100})"));
  EXPECT_FALSE(authenticator.identify(headers, kNow)) << "one that is given but wrong is not looked past";
  headers.remove("Authorization");
  EXPECT_TRUE(authenticator.identify(headers, kNow));
  headers.set("Authorization", "bearer " + token(R"({"exp":1000100})"));
  EXPECT_TRUE(authenticator.identify(headers, kNow));
}

}  // namespace
}  // namespace plimsoll::net
