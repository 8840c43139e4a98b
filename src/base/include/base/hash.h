// SHA-256, HMAC-SHA-256, CRC-32C and the text forms of bytes.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace plimsoll {

using Digest = std::array<std::uint8_t, 32>;

// SHA-256 (FIPS 180-4) of the pieces, one after another. Thread-safe.
Digest sha256(std::string_view bytes);
Digest sha256(std::span<const std::string_view> pieces);

// HMAC-SHA-256 (RFC 2104).
Digest hmac_sha256(std::string_view key, std::string_view message);

// The same of a message that arrives in pieces. One thread at a time.
class HmacSha256 {
 public:
  explicit HmacSha256(std::string_view key);
  void update(std::string_view piece);
  Digest finish();  // once

 private:
  std::array<std::uint32_t, 28> inner_;  // OpenSSL's state of the inner hash
  std::array<char, 64> outer_;           // the key, for the outer one
};

// CRC-32C (Castagnoli, RFC 3720 appendix B.4): crc32c("123456789") == 0xE3069283.
std::uint32_t crc32c(std::string_view bytes, std::uint32_t seed = 0);

// Whether two byte strings are equal, in time that depends on their lengths only.
bool equal_in_constant_time(std::string_view a, std::string_view b);

std::string to_hex(std::span<const std::uint8_t> bytes);  // lower case
std::string to_hex(std::string_view bytes);

// RFC 4648. `from_base64` reads section 4 (padded); the url form is section 5, unpadded. nullopt on any
// other character, wrong length or non-zero trailing bits.
std::string to_base64(std::string_view bytes);
std::optional<std::string> from_base64(std::string_view text);
std::optional<std::string> from_base64url(std::string_view text);

inline std::string_view bytes_of(const Digest& d) {
  return {reinterpret_cast<const char*>(d.data()), d.size()};
}

}  // namespace plimsoll
