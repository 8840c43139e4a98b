// AES-256-GCM (NIST SP 800-38D) with random nonces.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "vault/vault.h"

namespace plimsoll::vault {

inline constexpr std::size_t kNonce = 12, kGcmTag = 16;
inline constexpr std::size_t kSealed = kNonce + kGcmTag;  // bytes more than the text

// Nonce, sealed text, tag.
std::string seal(const Key& key, std::string_view associated, std::string_view text);
// Nothing when it is not what was sealed.
std::optional<std::string> unseal(const Key& key, std::string_view associated, std::string_view sealed);

// A key for one purpose: HMAC-SHA-256(key, purpose).
Key derive(const Key& key, std::string_view purpose);
void forget(Key& key);

inline std::string_view bytes_of(const Key& key) {
  return {reinterpret_cast<const char*>(key.data()), key.size()};
}

}  // namespace plimsoll::vault
