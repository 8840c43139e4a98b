// Ed25519 (RFC 8032) for attestations: a key in a file, signatures, and both forms of the public key.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"

namespace plimsoll::evidence {

class PublicKey {
 public:
  explicit PublicKey(const std::array<std::uint8_t, 32>& key) : key_(key) {}
  // From a SubjectPublicKeyInfo (RFC 8410), DER. kInvalid for any other kind of key.
  static Result<PublicKey> from_der(std::string_view der);

  std::string der() const;
  std::string pem() const;
  std::string id() const;  // SHA-256 of the DER form, lower-case hex

  bool verify(std::string_view message, std::string_view signature) const;
  friend bool operator==(const PublicKey&, const PublicKey&) = default;

 private:
  std::array<std::uint8_t, 32> key_;
};

// The seed is overwritten when the key goes.
class PrivateKey {
 public:
  explicit PrivateKey(const std::array<std::uint8_t, 32>& seed);
  // The key in a PEM file (PKCS #8), made on first use and readable by its owner only. kInvalid when the file holds no
  // Ed25519 key, kUnavailable when it cannot be read or written.
  static Result<PrivateKey> load_or_create(const std::string& path);

  PrivateKey(const PrivateKey&) = default;
  PrivateKey& operator=(const PrivateKey&) = default;
  ~PrivateKey();

  const PublicKey& public_key() const { return public_; }
  std::string sign(std::string_view message) const;  // 64 bytes; the same for the same message

 private:
  std::array<std::uint8_t, 32> seed_;
  PublicKey public_;
};

}  // namespace plimsoll::evidence
