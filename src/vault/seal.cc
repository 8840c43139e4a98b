#include "seal.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>

#include <memory>
#include <new>
#include <stdexcept>

#include "base/hash.h"
#include "base/id.h"

namespace plimsoll::vault {
namespace {

struct Freed {
  void operator()(EVP_CIPHER_CTX* c) const { EVP_CIPHER_CTX_free(c); }
  void operator()(EVP_CIPHER* c) const { EVP_CIPHER_free(c); }
};

// One per thread: fetching a cipher costs more than sealing a kilobyte.
struct Gcm {
  std::unique_ptr<EVP_CIPHER, Freed> cipher{EVP_CIPHER_fetch(nullptr, "AES-256-GCM", nullptr)};
  std::unique_ptr<EVP_CIPHER_CTX, Freed> context{EVP_CIPHER_CTX_new()};
  Gcm() {
    if (!cipher || !context) throw std::bad_alloc();
  }
};
Gcm& gcm() {
  thread_local Gcm instance;
  return instance;
}

const unsigned char* in(std::string_view bytes) {
  return reinterpret_cast<const unsigned char*>(bytes.data());
}
unsigned char* out(char* bytes) {
  return reinterpret_cast<unsigned char*>(bytes);
}

}  // namespace

std::string seal(const Key& key, std::string_view associated, std::string_view text) {
  auto& [cipher, context] = gcm();
  auto sealed = random_bytes(kNonce);
  sealed.resize(kNonce + text.size() + kGcmTag);
  int size = 0, rest = 0;
  const bool done =
      EVP_EncryptInit_ex2(context.get(), cipher.get(), key.data(), out(sealed.data()), nullptr) == 1 &&
      EVP_EncryptUpdate(context.get(), nullptr, &size, in(associated), static_cast<int>(associated.size())) ==
          1 &&
      EVP_EncryptUpdate(context.get(), out(sealed.data() + kNonce), &size, in(text),
                        static_cast<int>(text.size())) == 1 &&
      EVP_EncryptFinal_ex(context.get(), out(sealed.data() + kNonce + size), &rest) == 1 &&
      EVP_CIPHER_CTX_ctrl(context.get(), EVP_CTRL_AEAD_GET_TAG, kGcmTag,
                          sealed.data() + kNonce + text.size()) == 1;
  EVP_CIPHER_CTX_reset(context.get());
  if (!done) throw std::runtime_error("AES-256-GCM does not work");
  return sealed;
}

std::optional<std::string> unseal(const Key& key, std::string_view associated, std::string_view sealed) {
  if (sealed.size() < kSealed) return std::nullopt;
  auto& [cipher, context] = gcm();
  const auto body = sealed.substr(kNonce, sealed.size() - kSealed);
  std::string tag(sealed.substr(sealed.size() - kGcmTag)), text(body.size(), '\0');
  int size = 0, rest = 0;
  const bool right = EVP_DecryptInit_ex2(context.get(), cipher.get(), key.data(), in(sealed), nullptr) == 1 &&
                     EVP_DecryptUpdate(context.get(), nullptr, &size, in(associated),
                                       static_cast<int>(associated.size())) == 1 &&
                     EVP_DecryptUpdate(context.get(), out(text.data()), &size, in(body),
                                       static_cast<int>(body.size())) == 1 &&
                     EVP_CIPHER_CTX_ctrl(context.get(), EVP_CTRL_AEAD_SET_TAG, kGcmTag, tag.data()) == 1 &&
                     EVP_DecryptFinal_ex(context.get(), out(text.data() + size), &rest) == 1;
  EVP_CIPHER_CTX_reset(context.get());
  if (right) return text;
  OPENSSL_cleanse(text.data(), text.size());
  return std::nullopt;
}

Key derive(const Key& key, std::string_view purpose) {
  return hmac_sha256(bytes_of(key), purpose);
}

void forget(Key& key) {
  OPENSSL_cleanse(key.data(), key.size());
}

}  // namespace plimsoll::vault
