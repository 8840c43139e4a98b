#include "base/hash.h"

// The plain functions: an EVP context costs more than hashing a small text.
#define OPENSSL_SUPPRESS_DEPRECATED
#include <openssl/crypto.h>
#include <openssl/sha.h>

#include <algorithm>
#include <bit>
#include <cstring>

namespace plimsoll {
namespace {

std::array<std::uint32_t, 256> crc32c_table() {
  std::array<std::uint32_t, 256> table{};
  for (std::uint32_t i = 0; i < 256; ++i) {
    std::uint32_t crc = i;
    for (int bit = 0; bit < 8; ++bit) crc = (crc & 1U) ? (crc >> 1U) ^ 0x82F63B78U : crc >> 1U;
    table[i] = crc;
  }
  return table;
}

std::uint32_t crc32c_by_table(std::string_view bytes, std::uint32_t crc) {
  static const auto table = crc32c_table();
  for (const char c : bytes) crc = table.at((crc ^ static_cast<std::uint8_t>(c)) & 0xFFU) ^ (crc >> 8U);
  return crc;
}

#if defined(__x86_64__)
__attribute__((target("sse4.2"))) std::uint32_t crc32c_in_hardware(std::string_view bytes,
                                                                   std::uint32_t crc) {
  std::uint64_t wide = crc;
  for (; bytes.size() >= 8; bytes.remove_prefix(8)) {
    std::uint64_t word = 0;
    std::memcpy(&word, bytes.data(), 8);
    wide = __builtin_ia32_crc32di(wide, word);
  }
  crc = static_cast<std::uint32_t>(wide);
  for (const char c : bytes) crc = __builtin_ia32_crc32qi(crc, static_cast<unsigned char>(c));
  return crc;
}
#endif

std::optional<std::string> decode_base64(std::string_view text, std::string_view alphabet) {
  std::string out;
  out.reserve(text.size() * 3 / 4);
  std::uint32_t buffer = 0;
  int bits = 0;
  for (const char c : text) {
    const auto value = alphabet.find(c);
    if (value == std::string_view::npos) return std::nullopt;
    buffer = (buffer << 6U) | static_cast<std::uint32_t>(value);
    bits += 6;
    if (bits >= 8) {
      bits -= 8;
      out.push_back(static_cast<char>((buffer >> bits) & 0xFFU));
    }
  }
  const bool whole = text.size() % 4 != 1;
  const bool clean = (buffer & ((1U << bits) - 1U)) == 0;
  if (!whole || !clean) return std::nullopt;
  return out;
}

constexpr std::string_view kBase64 = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
constexpr std::string_view kBase64Url = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

}  // namespace

Digest sha256(std::span<const std::string_view> pieces) {
  SHA256_CTX state;
  Digest digest;
  SHA256_Init(&state);
  for (const auto piece : pieces) SHA256_Update(&state, piece.data(), piece.size());
  SHA256_Final(digest.data(), &state);
  return digest;
}

Digest sha256(std::string_view bytes) {
  return sha256(std::span(&bytes, 1));
}

Digest hmac_sha256(std::string_view key, std::string_view message) {
  HmacSha256 hmac(key);
  hmac.update(message);
  return hmac.finish();
}

// RFC 2104 over two plain hashes: H(key ^ opad, H(key ^ ipad, message)).
HmacSha256::HmacSha256(std::string_view key) : outer_() {
  std::array<char, 64> block{};
  const Digest hashed = key.size() > block.size() ? sha256(key) : Digest{};
  if (key.size() > block.size()) key = bytes_of(hashed);
  std::ranges::copy(key, block.begin());
  for (std::size_t i = 0; i < block.size(); ++i) {
    outer_[i] = static_cast<char>(block[i] ^ 0x5c);
    block[i] = static_cast<char>(block[i] ^ 0x36);
  }
  SHA256_CTX inner;
  SHA256_Init(&inner);
  SHA256_Update(&inner, block.data(), block.size());
  inner_ = std::bit_cast<decltype(inner_)>(inner);
}

void HmacSha256::update(std::string_view piece) {
  auto inner = std::bit_cast<SHA256_CTX>(inner_);
  SHA256_Update(&inner, piece.data(), piece.size());
  inner_ = std::bit_cast<decltype(inner_)>(inner);
}

Digest HmacSha256::finish() {
  auto inner = std::bit_cast<SHA256_CTX>(inner_);
  Digest digest;
  SHA256_Final(digest.data(), &inner);
  const std::string_view pieces[] = {{outer_.data(), outer_.size()}, bytes_of(digest)};
  return sha256(pieces);
}

std::uint32_t crc32c(std::string_view bytes, std::uint32_t seed) {
#if defined(__x86_64__)
  static const bool in_hardware = __builtin_cpu_supports("sse4.2") != 0;
  if (in_hardware) return ~crc32c_in_hardware(bytes, ~seed);
#endif
  return ~crc32c_by_table(bytes, ~seed);
}

bool equal_in_constant_time(std::string_view a, std::string_view b) {
  return a.size() == b.size() && CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0;
}

std::string to_hex(std::span<const std::uint8_t> bytes) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string out(bytes.size() * 2, '0');
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    out[2 * i] = kDigits[bytes[i] >> 4U];
    out[2 * i + 1] = kDigits[bytes[i] & 15U];
  }
  return out;
}

std::string to_hex(std::string_view bytes) {
  return to_hex(std::span(reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size()));
}

std::string to_base64(std::string_view bytes) {
  std::string out;
  out.reserve((bytes.size() + 2) / 3 * 4);
  for (std::size_t i = 0; i < bytes.size(); i += 3) {
    std::uint32_t group = 0;
    for (std::size_t k = 0; k < 3; ++k)
      group = (group << 8U) | (i + k < bytes.size() ? static_cast<std::uint8_t>(bytes[i + k]) : 0U);
    for (std::size_t k = 0; k < 4; ++k)
      out.push_back(i + k <= bytes.size() ? kBase64[(group >> (18U - 6U * k)) & 63U] : '=');
  }
  return out;
}

std::optional<std::string> from_base64(std::string_view text) {
  if (text.size() % 4 != 0) return std::nullopt;
  for (int pad = 0; pad < 2 && text.ends_with('='); ++pad) text.remove_suffix(1);
  return decode_base64(text, kBase64);
}

std::optional<std::string> from_base64url(std::string_view text) {
  return decode_base64(text, kBase64Url);
}

}  // namespace plimsoll
