#include "identity/json_web_key.h"

#include <gtest/gtest.h>

#include "base/json.h"
#include "test_issuer.h"

namespace plimsoll::identity {
namespace {

Code code_of(std::string_view key) {
  const auto value = parse_json(key);
  const auto made = PublicKey::from_json(*value);
  return made ? Code::kTimeout : made.error().code;
}

// RFC 8037, appendix A.
constexpr std::string_view kRfc8037 =
    R"({"keys":[{"kty":"OKP","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}]})";

TEST(PublicKey, VerifiesTheExampleOfRfc8037) {
  const auto keys = KeySet::parse(kRfc8037);
  ASSERT_TRUE(keys) << keys.error().message;
  const auto* key = keys->find("", Algorithm::kEdDsa);
  ASSERT_NE(key, nullptr);
  const auto signature = from_base64url(
      "hgyY0il_MGCjP0JzlnLWG1PPOt7-09PGcvMg3AIbQR6dWbhijcNR4ki4iylGjg5BhVsPt9g7sVvpAr_MuM0KAg");
  EXPECT_TRUE(key->verifies("eyJhbGciOiJFZERTQSJ9.RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc", *signature));
  EXPECT_FALSE(key->verifies("eyJhbGciOiJFZERTQSJ9.RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmd", *signature));
}

TEST(PublicKey, OfAnotherKindOrUseIsForOthers) {
  const TestIssuer rsa(Algorithm::kRs256), ec(Algorithm::kEs256);
  EXPECT_EQ(code_of(rsa.jwk("a", R"(,"use":"enc")")), Code::kNotFound);
  EXPECT_EQ(code_of(rsa.jwk("a", R"(,"alg":"PS256")")), Code::kNotFound);
  EXPECT_EQ(code_of(rsa.jwk("a", R"(,"alg":"HS256")")), Code::kNotFound);
  EXPECT_EQ(code_of(ec.jwk("a", R"(,"key_ops":["sign"])")), Code::kNotFound);
  EXPECT_EQ(code_of(R"({"kty":"EC","crv":"P-521","x":"AA","y":"AA"})"), Code::kNotFound);
  EXPECT_EQ(code_of(R"({"kty":"OKP","crv":"X25519","x":"AA"})"), Code::kNotFound);
  EXPECT_EQ(code_of("{}"), Code::kNotFound);
  EXPECT_EQ(code_of(rsa.jwk("a", R"(,"use":"sig","alg":"RS256","key_ops":["verify"])")), Code::kTimeout)
      << "fine";
}

TEST(PublicKey, ThatIsSecretDamagedOrWeakIsRefused) {
  const TestIssuer rsa(Algorithm::kRs256), ec(Algorithm::kEs256);
  EXPECT_EQ(code_of(rsa.jwk("a", R"(,"d":"AQAB")")), Code::kInvalid);
  EXPECT_EQ(code_of(R"({"kty":"oct","k":"AAAA"})"), Code::kInvalid);
  EXPECT_EQ(code_of(R"({"kty":"RSA","n":"AQAB","e":"AQAB"})"), Code::kInvalid);
  EXPECT_EQ(code_of(R"({"kty":"RSA","e":"AQAB"})"), Code::kInvalid);
  const std::string even = to_base64url(std::string(255, '\x81') + '\x80');
  EXPECT_EQ(code_of(R"({"kty":"RSA","n":")" + even + R"(","e":"AQAB"})"), Code::kInvalid);
  const std::string odd = to_base64url(std::string(256, '\x81'));
  EXPECT_EQ(code_of(R"({"kty":"RSA","n":")" + odd + R"(","e":"AQ"})"), Code::kInvalid);
  const std::string off = to_base64url(std::string(32, '\x01'));
  EXPECT_EQ(code_of(R"({"kty":"EC","crv":"P-256","x":")" + off + R"(","y":")" + off + R"("})"),
            Code::kInvalid)
      << "not on the curve";
  EXPECT_EQ(code_of(R"({"kty":"OKP","crv":"Ed25519","x":"AA"})"), Code::kInvalid);
  EXPECT_EQ(code_of("[]"), Code::kInvalid);
}

TEST(KeySet, LeavesOutWhatIsForOthersAndRefusesTheRest) {
  const TestIssuer rsa(Algorithm::kRs256), ec(Algorithm::kEs256);
  const auto set = [](const std::string& keys) { return KeySet::parse(R"({"keys":[)" + keys + "]}"); };
  const auto both = set(rsa.jwk("a") + "," + ec.jwk("a") + R"(,{"kty":"new"})");
  ASSERT_TRUE(both) << both.error().message;
  EXPECT_EQ(both->size(), 2U);
  EXPECT_NE(both->find("a", Algorithm::kRs256), both->find("a", Algorithm::kEs256));
  EXPECT_EQ(both->find("a", Algorithm::kEdDsa), nullptr);
  EXPECT_EQ(both->find("b", Algorithm::kRs256), nullptr);
  const TestIssuer other(Algorithm::kRs256);
  EXPECT_EQ(set(rsa.jwk("a") + "," + other.jwk("b"))->find("", Algorithm::kRs256), nullptr) << "which?";
  EXPECT_FALSE(set(rsa.jwk("a") + "," + other.jwk("a"))) << "one name for two";
  EXPECT_FALSE(set(""));
  EXPECT_FALSE(set(R"({"kty":"new"})"));
  EXPECT_FALSE(set(rsa.jwk("a") + R"(,{"kty":"oct","k":"AAAA"})"));
  EXPECT_FALSE(KeySet::parse("[]"));
  EXPECT_FALSE(KeySet::parse(R"({"keys":{}})"));
  std::string many = R"({"kty":"new"})";
  for (std::size_t i = 0; i < kMaxKeySetKeys; ++i) many += R"(,{"kty":"new"})";
  EXPECT_EQ(set(many).error().code, Code::kTooLarge);
}

}  // namespace
}  // namespace plimsoll::identity
