#include "pins.h"

#include <openssl/ssl.h>
#include <openssl/x509.h>

#include <algorithm>

#include "base/hash.h"
#include "net/client.h"

namespace plimsoll::net {
namespace {

constexpr std::size_t kPinBytes = 32;

std::string key_hash(X509* certificate) {
  unsigned char* der = nullptr;
  const int size = i2d_X509_PUBKEY(X509_get_X509_PUBKEY(certificate), &der);
  if (size <= 0) return {};
  std::string hash(bytes_of(sha256({reinterpret_cast<const char*>(der), static_cast<std::size_t>(size)})));
  OPENSSL_free(der);
  return hash;
}

// In place of OpenSSL's own verification, which it calls: name and chain come first.
int verify(X509_STORE_CTX* store, void* pins) {
  if (X509_verify_cert(store) != 1) return 0;
  const auto& wanted = *static_cast<const std::vector<std::string>*>(pins);
  const auto* chain = X509_STORE_CTX_get0_chain(store);
  for (int i = 0; i < sk_X509_num(chain); ++i)
    if (std::ranges::find(wanted, key_hash(sk_X509_value(chain, i))) != wanted.end()) return 1;
  X509_STORE_CTX_set_error(store, X509_V_ERR_APPLICATION_VERIFICATION);
  return 0;
}

}  // namespace

void require_pins(boost::asio::ssl::context& context, const std::vector<std::string>& pins) {
  if (pins.empty()) return;
  // OpenSSL hands the pointer back as it got it: to a const vector.
  SSL_CTX_set_cert_verify_callback(context.native_handle(), verify,
                                   const_cast<std::vector<std::string>*>(&pins));
}

Result<std::string> parse_pin(std::string_view text) {
  constexpr std::string_view kPrefix = "sha256/";
  if (text.starts_with(kPrefix)) text.remove_prefix(kPrefix.size());
  auto bytes = from_base64(text);
  if (!bytes || bytes->size() != kPinBytes)
    return fail(Code::kInvalid,
                "expected sha256/ and the base64 of a public key's SHA-256, 44 characters ending in '='");
  return *std::move(bytes);
}

}  // namespace plimsoll::net
