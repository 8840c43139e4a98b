// Issues tokens, for tests.
#pragma once

#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/ecdsa.h>
#include <openssl/evp.h>
#include <openssl/rsa.h>

#include <stdexcept>
#include <string>
#include <string_view>

#include "base/hash.h"
#include "identity/json_web_key.h"

namespace plimsoll::identity {

inline std::string to_base64url(std::string_view bytes) {
  std::string out = to_base64(bytes);
  for (char& c : out) c = c == '+' ? '-' : c == '/' ? '_' : c;
  while (out.ends_with('=')) out.pop_back();
  return out;
}

inline std::string hs256_token(std::string_view claims, std::string_view secret,
                               std::string_view header = R"({"alg":"HS256"})") {
  const std::string text = to_base64url(header) + "." + to_base64url(claims);
  return text + "." + to_base64url(bytes_of(hmac_sha256(secret, text)));
}

class TestIssuer {
 public:
  explicit TestIssuer(Algorithm algorithm) : algorithm_(algorithm) {
    key_ = algorithm == Algorithm::kRs256   ? EVP_RSA_gen(2048)
           : algorithm == Algorithm::kEs256 ? EVP_EC_gen("P-256")
                                            : EVP_PKEY_Q_keygen(nullptr, nullptr, "ED25519");
    if (key_ == nullptr) throw std::runtime_error("no key");
  }
  ~TestIssuer() { EVP_PKEY_free(key_); }
  TestIssuer(const TestIssuer&) = delete;
  TestIssuer& operator=(const TestIssuer&) = delete;

  std::string jwk(std::string_view id, std::string_view more = "") const {
    std::string out = R"({"kid":")" + std::string(id) + R"(")" + std::string(more);
    switch (algorithm_) {
      case Algorithm::kRs256:
        return out + R"(,"kty":"RSA","n":")" + number(OSSL_PKEY_PARAM_RSA_N) + R"(","e":")" +
               number(OSSL_PKEY_PARAM_RSA_E) + R"("})";
      case Algorithm::kEs256:
        return out + R"(,"kty":"EC","crv":"P-256","x":")" + number(OSSL_PKEY_PARAM_EC_PUB_X, 32) +
               R"(","y":")" + number(OSSL_PKEY_PARAM_EC_PUB_Y, 32) + R"("})";
      case Algorithm::kEdDsa:
        return out + R"(,"kty":"OKP","crv":"Ed25519","x":")" + raw() + R"("})";
    }
    return out;
  }
  std::string jwks(std::string_view id) const { return R"({"keys":[)" + jwk(id) + "]}"; }

  std::string header(std::string_view id) const {
    return R"({"alg":")" + std::string(to_string(algorithm_)) + R"(","kid":")" + std::string(id) + R"("})";
  }
  std::string token(std::string_view header, std::string_view claims) const {
    const std::string text = to_base64url(header) + "." + to_base64url(claims);
    return text + "." + to_base64url(sign(text));
  }

 private:
  std::string number(const char* name, int size = 0) const {
    BIGNUM* value = nullptr;
    if (EVP_PKEY_get_bn_param(key_, name, &value) != 1) throw std::runtime_error(name);
    std::string out(static_cast<std::size_t>(size > 0 ? size : BN_num_bytes(value)), '\0');
    BN_bn2binpad(value, reinterpret_cast<unsigned char*>(out.data()), static_cast<int>(out.size()));
    BN_free(value);
    return to_base64url(out);
  }
  std::string raw() const {
    std::string out(32, '\0');
    std::size_t size = out.size();
    EVP_PKEY_get_raw_public_key(key_, reinterpret_cast<unsigned char*>(out.data()), &size);
    return to_base64url(out);
  }
  std::string sign(std::string_view text) const {
    EVP_MD_CTX* context = EVP_MD_CTX_new();
    EVP_DigestSignInit(context, nullptr, algorithm_ == Algorithm::kEdDsa ? nullptr : EVP_sha256(), nullptr,
                       key_);
    std::string out(1'024, '\0');
    std::size_t size = out.size();
    EVP_DigestSign(context, reinterpret_cast<unsigned char*>(out.data()), &size,
                   reinterpret_cast<const unsigned char*>(text.data()), text.size());
    EVP_MD_CTX_free(context);
    out.resize(size);
    if (algorithm_ != Algorithm::kEs256) return out;
    const auto* at = reinterpret_cast<const unsigned char*>(out.data());
    ECDSA_SIG* pair = d2i_ECDSA_SIG(nullptr, &at, static_cast<long>(out.size()));
    std::string plain(64, '\0');
    auto* to = reinterpret_cast<unsigned char*>(plain.data());
    BN_bn2binpad(ECDSA_SIG_get0_r(pair), to, 32);
    BN_bn2binpad(ECDSA_SIG_get0_s(pair), to + 32, 32);
    ECDSA_SIG_free(pair);
    return plain;
  }

  Algorithm algorithm_;
  EVP_PKEY* key_ = nullptr;
};

}  // namespace plimsoll::identity
