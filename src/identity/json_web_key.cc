#include "identity/json_web_key.h"

#include <openssl/core_names.h>
#include <openssl/ecdsa.h>
#include <openssl/evp.h>
#include <openssl/param_build.h>

#include <algorithm>
#include <boost/json/array.hpp>
#include <boost/json/value.hpp>

#include "base/hash.h"
#include "base/json.h"

namespace plimsoll::identity {
namespace {

constexpr std::size_t kLeastRsaBytes = 256, kMostRsaBytes = 1'024;
constexpr std::size_t kCoordinate = 32;

struct Free {
  void operator()(EVP_PKEY_CTX* x) const { EVP_PKEY_CTX_free(x); }
  void operator()(EVP_MD_CTX* x) const { EVP_MD_CTX_free(x); }
  void operator()(OSSL_PARAM_BLD* x) const { OSSL_PARAM_BLD_free(x); }
  void operator()(OSSL_PARAM* x) const { OSSL_PARAM_free(x); }
  void operator()(BIGNUM* x) const { BN_free(x); }
  void operator()(ECDSA_SIG* x) const { ECDSA_SIG_free(x); }
};
template <class T>
using Owned = std::unique_ptr<T, Free>;
using Key = std::shared_ptr<EVP_PKEY>;

const unsigned char* bytes_at(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}

Owned<BIGNUM> number(std::string_view bytes) {
  return Owned<BIGNUM>(BN_bin2bn(bytes_at(bytes), static_cast<int>(bytes.size()), nullptr));
}

Key own(EVP_PKEY* key) {
  return key == nullptr ? nullptr : Key(key, &EVP_PKEY_free);
}

// Null where OpenSSL finds the key wrong.
Key from_parameters(const char* kind, OSSL_PARAM_BLD* builder) {
  const Owned<OSSL_PARAM> parameters(OSSL_PARAM_BLD_to_param(builder));
  const Owned<EVP_PKEY_CTX> context(EVP_PKEY_CTX_new_from_name(nullptr, kind, nullptr));
  EVP_PKEY* made = nullptr;
  if (!parameters || !context || EVP_PKEY_fromdata_init(context.get()) != 1 ||
      EVP_PKEY_fromdata(context.get(), &made, EVP_PKEY_PUBLIC_KEY, parameters.get()) != 1)
    return nullptr;
  Key key = own(made);
  const Owned<EVP_PKEY_CTX> check(EVP_PKEY_CTX_new_from_pkey(nullptr, key.get(), nullptr));
  return check && EVP_PKEY_public_check_quick(check.get()) == 1 ? key : nullptr;
}

Key rsa_key(std::string_view modulus, std::string_view exponent) {
  if (modulus.size() < kLeastRsaBytes || modulus.size() > kMostRsaBytes || modulus.front() == '\0' ||
      exponent.empty() || exponent.size() > 8)
    return nullptr;
  const auto n = number(modulus), e = number(exponent);
  if (!n || !e || BN_is_odd(n.get()) == 0 || BN_is_odd(e.get()) == 0 || BN_is_one(e.get()) == 1 ||
      BN_num_bits(n.get()) < static_cast<int>(8 * kLeastRsaBytes))
    return nullptr;
  const Owned<OSSL_PARAM_BLD> builder(OSSL_PARAM_BLD_new());
  if (!builder || OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_RSA_N, n.get()) != 1 ||
      OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_RSA_E, e.get()) != 1)
    return nullptr;
  return from_parameters("RSA", builder.get());
}

Key ec_key(std::string_view x, std::string_view y) {
  if (x.size() != kCoordinate || y.size() != kCoordinate) return nullptr;
  const std::string point = std::string("\x04").append(x).append(y);
  const Owned<OSSL_PARAM_BLD> builder(OSSL_PARAM_BLD_new());
  if (!builder ||
      OSSL_PARAM_BLD_push_utf8_string(builder.get(), OSSL_PKEY_PARAM_GROUP_NAME, "prime256v1", 0) != 1 ||
      OSSL_PARAM_BLD_push_octet_string(builder.get(), OSSL_PKEY_PARAM_PUB_KEY, point.data(), point.size()) !=
          1)
    return nullptr;
  return from_parameters("EC", builder.get());
}

Key ed25519_key(std::string_view x) {
  if (x.size() != kCoordinate) return nullptr;
  return own(EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, nullptr, bytes_at(x), x.size()));
}

std::string text_in(const json::value& key, std::string_view name) {
  const auto* text = find_string(key, name);
  return text != nullptr ? std::string(*text) : std::string();
}

std::string bytes_in(const json::value& key, std::string_view name) {
  return from_base64url(text_in(key, name)).value_or(std::string());
}

// Two numbers of 32 bytes each, as JSON Web Signatures have them, in DER (RFC 3279).
std::string to_der(std::string_view signature) {
  const Owned<ECDSA_SIG> pair(ECDSA_SIG_new());
  auto r = number(signature.substr(0, kCoordinate)), s = number(signature.substr(kCoordinate));
  if (!pair || !r || !s || ECDSA_SIG_set0(pair.get(), r.get(), s.get()) != 1) return {};
  static_cast<void>(r.release());  // they are the pair's now
  static_cast<void>(s.release());
  unsigned char* made = nullptr;
  const int size = i2d_ECDSA_SIG(pair.get(), &made);
  if (size <= 0) return {};
  std::string out(reinterpret_cast<const char*>(made), static_cast<std::size_t>(size));
  OPENSSL_free(made);
  return out;
}

bool for_verification(const json::value& key) {
  if (const auto* use = find(key, "use"); use != nullptr && text_in(key, "use") != "sig") return false;
  const auto* operations = find(key, "key_ops");
  if (operations == nullptr) return true;
  const auto* list = operations->if_array();
  return list != nullptr && std::ranges::any_of(*list, [](const json::value& operation) {
           return operation.is_string() && operation.get_string() == "verify";
         });
}

}  // namespace

std::string_view to_string(Algorithm algorithm) {
  switch (algorithm) {
    case Algorithm::kRs256:
      return "RS256";
    case Algorithm::kEs256:
      return "ES256";
    case Algorithm::kEdDsa:
      break;
  }
  return "EdDSA";
}

Result<PublicKey> PublicKey::from_json(const json::value& key) {
  if (!key.is_object()) return fail(Code::kInvalid, "a key is no object");
  const auto kind = text_in(key, "kty"), curve = text_in(key, "crv");
  std::string id = text_in(key, "kid");
  if (id.size() > kMaxKeyIdBytes) return fail(Code::kTooLarge, "a key's id has more than 256 bytes");
  if (kind == "oct" || find(key, "d") != nullptr || find(key, "k") != nullptr)
    return fail(Code::kInvalid, "a key is secret: it must not be published, and is not believed");
  Algorithm algorithm{};
  Key made;
  if (kind == "RSA") {
    algorithm = Algorithm::kRs256;
    made = rsa_key(bytes_in(key, "n"), bytes_in(key, "e"));
  } else if (kind == "EC" && curve == "P-256") {
    algorithm = Algorithm::kEs256;
    made = ec_key(bytes_in(key, "x"), bytes_in(key, "y"));
  } else if (kind == "OKP" && curve == "Ed25519") {
    algorithm = Algorithm::kEdDsa;
    made = ed25519_key(bytes_in(key, "x"));
  } else {
    return fail(Code::kNotFound, "a key of a kind that is not used here");
  }
  const auto* named = find(key, "alg");
  const bool other = named != nullptr && text_in(key, "alg") != to_string(algorithm) &&
                     !(algorithm == Algorithm::kEdDsa && text_in(key, "alg") == "Ed25519");
  if (other || !for_verification(key)) return fail(Code::kNotFound, "a key for another use");
  if (!made) return fail(Code::kInvalid, "a key is damaged or too weak");
  return PublicKey(std::move(made), algorithm, std::move(id));
}

bool PublicKey::verifies(std::string_view text, std::string_view signature) const {
  std::string der;
  if (algorithm_ == Algorithm::kEs256) {
    if (signature.size() != 2 * kCoordinate) return false;
    der = to_der(signature);
    signature = der;
  }
  const Owned<EVP_MD_CTX> context(EVP_MD_CTX_new());
  const EVP_MD* const digest = algorithm_ == Algorithm::kEdDsa ? nullptr : EVP_sha256();
  return context && !signature.empty() &&
         EVP_DigestVerifyInit(context.get(), nullptr, digest, nullptr, key_.get()) == 1 &&
         EVP_DigestVerify(context.get(), bytes_at(signature), signature.size(), bytes_at(text),
                          text.size()) == 1;
}

Result<KeySet> KeySet::parse(std::string_view text) {
  const auto value = parse_json(text, {.max_bytes = kMaxKeySetBytes, .max_depth = 16});
  if (!value) return std::unexpected(value.error());
  const auto* list = find_array(*value, "keys");
  if (list == nullptr) return fail(Code::kInvalid, "expected {\"keys\":[…]}");
  if (list->size() > kMaxKeySetKeys) return fail(Code::kTooLarge, "more than 100 keys");
  KeySet out;
  for (const auto& item : *list) {
    auto key = PublicKey::from_json(item);
    if (!key && key.error().code == Code::kNotFound) continue;
    if (!key) return std::unexpected(std::move(key).error());
    if (std::ranges::any_of(out.keys_, [&](const PublicKey& known) {
          return known.id() == key->id() && known.algorithm() == key->algorithm();
        }))
      return fail(Code::kInvalid, "two keys of one algorithm have the same id");
    out.keys_.push_back(*std::move(key));
  }
  if (out.keys_.empty()) return fail(Code::kInvalid, "no key for RS256, ES256 or EdDSA is among them");
  return out;
}

const PublicKey* KeySet::find(std::string_view id, Algorithm algorithm) const {
  const PublicKey* only = nullptr;
  for (const PublicKey& key : keys_) {
    if (key.algorithm() != algorithm) continue;
    if (!id.empty() && key.id() == id) return &key;
    if (id.empty()) {
      if (only != nullptr) return nullptr;
      only = &key;
    }
  }
  return only;
}

}  // namespace plimsoll::identity
