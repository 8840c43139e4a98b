#include "identity/token.h"

#include <gtest/gtest.h>

#include "test_issuer.h"

namespace plimsoll::identity {
namespace {

const std::string kSecret(32, 'k');
const Time kNow = Time(std::chrono::seconds(1'000'000));

TokenRules rules() {
  TokenRules out;
  out.secret = kSecret;
  return out;
}

std::string token(std::string_view claims, std::string_view header = R"({"alg":"HS256"})") {
  return hs256_token(claims, kSecret, header);
}

std::expected<Token, TokenProblem> read(std::string_view text, const TokenRules& with = rules()) {
  return read_token(text, with, KeySet(), kNow);
}

// Why it is refused; "none": it is not.
std::string_view why(std::string_view text, const TokenRules& with = rules(), const KeySet& keys = KeySet()) {
  const auto got = read_token(text, with, keys, kNow);
  return got ? std::string_view("none") : to_string(got.error().reason);
}

TEST(Token, SaysWhoTheCallerIs) {
  const auto got = read(token(
      R"({"sub":"u","org":"o","tier":"enterprise","lawful_basis":"contract","exp":1000100,"roles":["auditor","guest"],)"
      R"("role":"reviewer","scope":"openid plimsoll:export plimsoll:events:read","report_for":["a","b"]})"));
  ASSERT_TRUE(got) << got.error().message;
  const Identity& who = *got->identity;
  EXPECT_EQ(who.caller.user, "u");
  EXPECT_EQ(who.caller.org, "o");
  EXPECT_EQ(who.caller.tier, Tier::kEnterprise);
  EXPECT_TRUE(who.caller.lawful_basis);
  EXPECT_TRUE(who.caller.authenticated);
  EXPECT_EQ(who.roles, (Roles{Role::kAuditor, Role::kReviewer}));
  EXPECT_EQ(who.scopes, (std::vector<std::string>{"export", "events:read"}));
  EXPECT_EQ(who.report_for, (std::vector<std::string>{"a", "b"}));
}

TEST(Token, OfNobodyWithAKnownRoleIsADevelopers) {
  for (const auto* claims : {R"({"exp":1000100})", R"({"exp":1000100,"roles":["guest"]})"}) {
    const auto got = read(token(claims));
    ASSERT_TRUE(got);
    EXPECT_EQ(got->identity->roles, Roles{Role::kDeveloper});
  }
}

TEST(Token, OfTheSharedSecretIsRefusedForEachReason) {
  const std::string good = token(R"({"exp":1000100})");
  EXPECT_EQ(why(good), "none");
  for (const auto& text : {std::string(), std::string("."), std::string(".."), std::string("a.b.c"),
                           good + ".x", std::string(100'000, 'a'), good + "=", " " + good})
    EXPECT_EQ(why(text), "malformed") << text.substr(0, 40);
  EXPECT_EQ(why(good.substr(0, good.size() - 3)), "signature");
  EXPECT_EQ(why(good.substr(0, good.rfind('.') + 1)), "signature");
  EXPECT_EQ(why(hs256_token(R"({"exp":1000100})", "other")), "signature");
  for (const auto* alg : {"none", "None", "NONE", "HS512", "PS256", "hs256", ""})
    EXPECT_EQ(why(token(R"({"exp":1000100})", R"({"alg":")" + std::string(alg) + R"("})")), "algorithm")
        << alg;
  EXPECT_EQ(why(token(R"({"exp":1000100})", "{}")), "algorithm");
  EXPECT_EQ(why(token(R"({"exp":1000100})", R"({"alg":["HS256"]})")), "algorithm");
  EXPECT_EQ(why(token(R"({"exp":1000100})", R"({"alg":"HS256","crit":["b64"]})")), "malformed");
  EXPECT_EQ(why(token(R"({"exp":1000100})", R"({"alg":"HS256","typ":"dpop+jwt"})")), "malformed");
  EXPECT_EQ(why(token(R"({"exp":1000100})", R"({"alg":"HS256","typ":"at+JWT"})")), "none");
  EXPECT_EQ(why(token(R"({"exp":1000100,"exp":1000200})")), "malformed");
  EXPECT_EQ(why(token("[]")), "malformed");
  EXPECT_EQ(why(token("{}")), "expired");
  EXPECT_EQ(why(token(R"({"exp":"1000100"})")), "expired");
  EXPECT_EQ(why(token(R"({"exp":999000})")), "expired");
  EXPECT_EQ(why(token(R"({"exp":999980})")), "none") << "clocks differ";
  EXPECT_EQ(why(token(R"({"exp":1000100,"nbf":1000099})")), "not_yet");
  EXPECT_EQ(why(token(R"({"exp":1000100,"iat":1000099})")), "not_yet");
  EXPECT_EQ(why(token(R"({"exp":1000100,"iat":"yesterday"})")), "not_yet");
  EXPECT_EQ(why(token(R"({"exp":1000100,"tier":"root"})")), "claims");
  EXPECT_EQ(why(token(R"({"exp":1000100,"roles":{"a":1}})")), "claims");
  EXPECT_EQ(why(token(R"({"exp":1000100,"roles":[1]})")), "claims");
  EXPECT_EQ(why(token(R"({"exp":1000100,"sub":")" + std::string(1'025, 'u') + "\"}")), "claims");
  EXPECT_EQ(why(good, TokenRules()), "algorithm") << "no secret is an empty one";
}

TEST(Token, IsForUsAndOfWhomWeTrust) {
  TokenRules strict = rules();
  strict.issuer = "https://issuer.example";
  strict.audience = "plimsoll";
  const auto claims = [](std::string_view more) {
    return token(R"({"exp":1000100)" + std::string(more) + "}");
  };
  EXPECT_EQ(why(claims(R"(,"iss":"https://issuer.example","aud":"plimsoll")"), strict), "none");
  EXPECT_EQ(why(claims(R"(,"iss":"https://issuer.example","aud":["x","plimsoll"])"), strict), "none");
  EXPECT_EQ(why(claims(R"(,"iss":"https://issuer.example.evil","aud":"plimsoll")"), strict), "issuer");
  EXPECT_EQ(why(claims(R"(,"aud":"plimsoll")"), strict), "issuer");
  EXPECT_EQ(why(claims(R"(,"iss":"https://issuer.example")"), strict), "audience");
  EXPECT_EQ(why(claims(R"(,"iss":"https://issuer.example","aud":["plimsoll-2"])"), strict), "audience");
  EXPECT_EQ(why(claims(R"(,"iss":"https://issuer.example","aud":{"plimsoll":1})"), strict), "audience");
}

TEST(Token, ThatIsUsedOnceNeedsAnId) {
  TokenRules once = rules();
  once.needs_id = true;
  EXPECT_EQ(why(token(R"({"exp":1000100})"), once), "replayed");
  const auto a = read(token(R"({"exp":1000100,"jti":"1"})"), once),
             b = read(token(R"({"exp":1000200,"jti":"1"})"), once),
             c = read(token(R"({"exp":1000100,"jti":"1","iss":"x"})"), once);
  ASSERT_TRUE(a && b && c);
  EXPECT_EQ(a->id, b->id);
  EXPECT_NE(a->id, c->id) << "ids are the issuer's own";
}

class TokensOf : public testing::TestWithParam<Algorithm> {};

TEST_P(TokensOf, APublicKeyAreReadAndNoOthers) {
  const TestIssuer issuer(GetParam()), stranger(GetParam());
  const auto keys = KeySet::parse(issuer.jwks("k1"));
  ASSERT_TRUE(keys) << keys.error().message;
  constexpr std::string_view kClaims = R"({"sub":"u","exp":1000100})";
  const auto good = issuer.token(issuer.header("k1"), kClaims);
  EXPECT_EQ(why(good, rules(), *keys), "none");
  EXPECT_EQ(why(issuer.token(R"({"alg":")" + std::string(to_string(GetParam())) + R"("})", kClaims), rules(),
                *keys),
            "none")
      << "the only key of the algorithm needs no name";
  EXPECT_EQ(why(good), "unknown_key");
  EXPECT_EQ(why(issuer.token(issuer.header("k2"), kClaims), rules(), *keys), "unknown_key");
  EXPECT_EQ(why(stranger.token(stranger.header("k1"), kClaims), rules(), *keys), "signature");
  // What a token says about where its key is counts for nothing.
  const std::string own =
      R"(","kid":"k1","jku":"https://evil.example/keys","jwk":)" + stranger.jwk("k1") + "}";
  EXPECT_EQ(
      why(stranger.token(R"({"alg":")" + std::string(to_string(GetParam())) + own, kClaims), rules(), *keys),
      "signature");
  const auto claims_at = good.find('.') + 1, signature_at = good.rfind('.') + 1;
  EXPECT_EQ(why(good.substr(0, signature_at), rules(), *keys), "signature");
  EXPECT_EQ(why(good.substr(0, claims_at) + to_base64url(R"({"sub":"v","exp":1000100})") +
                    good.substr(signature_at - 1),
                rules(), *keys),
            "signature");
  for (std::size_t i = signature_at; i < good.size() - 1; i += 7) {
    auto changed = good;
    changed[i] = changed[i] == 'A' ? 'B' : 'A';
    EXPECT_EQ(why(changed, rules(), *keys), "signature") << i;
  }
  // The public key, which everybody has, as the shared secret.
  for (const auto& secret : {issuer.jwk("k1"), issuer.jwks("k1")}) {
    EXPECT_EQ(why(hs256_token(kClaims, secret, R"({"alg":"HS256","kid":"k1"})"), rules(), *keys),
              "signature");
    EXPECT_EQ(why(hs256_token(kClaims, secret, R"({"alg":"HS256","kid":"k1"})"), TokenRules(), *keys),
              "algorithm");
  }
  // Another algorithm than the key's.
  for (const auto* other : {"RS256", "ES256", "EdDSA", "none"})
    if (other != to_string(GetParam()))
      EXPECT_NE(
          why(issuer.token(R"({"kid":"k1","alg":")" + std::string(other) + "\"}", kClaims), rules(), *keys),
          "none");
}

INSTANTIATE_TEST_SUITE_P(All, TokensOf,
                         testing::Values(Algorithm::kRs256, Algorithm::kEs256, Algorithm::kEdDsa),
                         [](const auto& info) { return std::string(to_string(info.param)); });

}  // namespace
}  // namespace plimsoll::identity
