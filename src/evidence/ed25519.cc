#include "evidence/ed25519.h"

#include <fcntl.h>
#include <openssl/bio.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <memory>
#include <stdexcept>

#include "base/hash.h"
#include "base/id.h"

namespace plimsoll::evidence {
namespace {

constexpr std::string_view kDerPrefix("\x30\x2a\x30\x05\x06\x03\x2b\x65\x70\x03\x21\x00", 12);
constexpr std::size_t kMaxPemBytes = 4'096;

struct Free {
  void operator()(EVP_PKEY* key) const { EVP_PKEY_free(key); }
  void operator()(EVP_MD_CTX* context) const { EVP_MD_CTX_free(context); }
  void operator()(BIO* bio) const { BIO_free_all(bio); }
};
using Key = std::unique_ptr<EVP_PKEY, Free>;
using Context = std::unique_ptr<EVP_MD_CTX, Free>;
using Bio = std::unique_ptr<BIO, Free>;

const unsigned char* bytes_at(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}

Key private_key(const std::array<std::uint8_t, 32>& seed) {
  return Key(EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, nullptr, seed.data(), seed.size()));
}

std::array<std::uint8_t, 32> public_of(const std::array<std::uint8_t, 32>& seed) {
  std::array<std::uint8_t, 32> out{};
  std::size_t size = out.size();
  const Key key = private_key(seed);
  if (!key || EVP_PKEY_get_raw_public_key(key.get(), out.data(), &size) != 1)
    throw std::runtime_error("Ed25519 is not available");
  return out;
}

std::string text_of(BIO* bio) {
  char* data = nullptr;
  const long size = BIO_get_mem_data(bio, &data);
  return {data, static_cast<std::size_t>(size)};
}

}  // namespace

Result<PublicKey> PublicKey::from_der(std::string_view der) {
  std::array<std::uint8_t, 32> key{};
  if (der.size() != kDerPrefix.size() + key.size() || !der.starts_with(kDerPrefix))
    return fail(Code::kInvalid, "not an Ed25519 public key");
  std::ranges::copy(der.substr(kDerPrefix.size()), key.begin());
  return PublicKey(key);
}

std::string PublicKey::der() const {
  std::string out(kDerPrefix);
  out.append(key_.begin(), key_.end());
  return out;
}

std::string PublicKey::pem() const {
  return "-----BEGIN PUBLIC KEY-----\n" + to_base64(der()) + "\n-----END PUBLIC KEY-----\n";
}

std::string PublicKey::id() const {
  return to_hex(sha256(der()));
}

bool PublicKey::verify(std::string_view message, std::string_view signature) const {
  const Key key(EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, nullptr, key_.data(), key_.size()));
  const Context context(EVP_MD_CTX_new());
  return key && context && EVP_DigestVerifyInit(context.get(), nullptr, nullptr, nullptr, key.get()) == 1 &&
         EVP_DigestVerify(context.get(), bytes_at(signature), signature.size(), bytes_at(message),
                          message.size()) == 1;
}

PrivateKey::PrivateKey(const std::array<std::uint8_t, 32>& seed) : seed_(seed), public_(public_of(seed)) {}

PrivateKey::~PrivateKey() {
  OPENSSL_cleanse(seed_.data(), seed_.size());
}

std::string PrivateKey::sign(std::string_view message) const {
  const Key key = private_key(seed_);
  const Context context(EVP_MD_CTX_new());
  std::string out(64, '\0');
  std::size_t size = out.size();
  if (!key || !context || EVP_DigestSignInit(context.get(), nullptr, nullptr, nullptr, key.get()) != 1 ||
      EVP_DigestSign(context.get(), reinterpret_cast<unsigned char*>(out.data()), &size, bytes_at(message),
                     message.size()) != 1)
    throw std::runtime_error("Ed25519 is not available");
  return out;
}

Result<PrivateKey> PrivateKey::load_or_create(const std::string& path) {
  std::array<std::uint8_t, 32> seed{};
  if (std::filesystem::exists(path)) {
    std::ifstream in(path, std::ios::binary);
    std::string pem(kMaxPemBytes, '\0');
    in.read(pem.data(), static_cast<std::streamsize>(pem.size()));
    if (!in.is_open()) return fail(Code::kUnavailable, path + " cannot be read");
    pem.resize(static_cast<std::size_t>(in.gcount()));
    const Bio bio(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
    const Key key(PEM_read_bio_PrivateKey(bio.get(), nullptr, nullptr, nullptr));
    OPENSSL_cleanse(pem.data(), pem.size());
    std::size_t size = seed.size();
    if (!key || EVP_PKEY_get_raw_private_key(key.get(), seed.data(), &size) != 1 || size != seed.size() ||
        EVP_PKEY_get_id(key.get()) != EVP_PKEY_ED25519)
      return fail(Code::kInvalid, path + " holds no Ed25519 key (PKCS #8, PEM); restore it from a backup");
    PrivateKey out(seed);
    OPENSSL_cleanse(seed.data(), seed.size());
    return out;
  }
  std::ranges::copy(random_bytes(seed.size()), seed.begin());
  const Key key = private_key(seed);
  const Bio bio(BIO_new(BIO_s_secmem()));
  if (!key || PEM_write_bio_PKCS8PrivateKey(bio.get(), key.get(), nullptr, nullptr, 0, nullptr, nullptr) != 1)
    return fail(Code::kInternal, "an Ed25519 key cannot be made");
  std::string pem = text_of(bio.get());
  const std::string fresh = path + ".new";
  const int file = ::open(fresh.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  const bool written = file >= 0 &&
                       ::write(file, pem.data(), pem.size()) == static_cast<ssize_t>(pem.size()) &&
                       ::fsync(file) == 0;
  const int error = errno;
  if (file >= 0) ::close(file);
  OPENSSL_cleanse(pem.data(), pem.size());
  if (!written || ::rename(fresh.c_str(), path.c_str()) != 0)
    return fail(Code::kUnavailable, path + " cannot be written: " + std::strerror(error));
  PrivateKey out(seed);
  OPENSSL_cleanse(seed.data(), seed.size());
  return out;
}

}  // namespace plimsoll::evidence
