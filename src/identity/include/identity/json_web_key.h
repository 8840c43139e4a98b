// Public keys as issuers publish them: JSON Web Key Sets (RFC 7517).
#pragma once

#include <boost/json/fwd.hpp>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

struct evp_pkey_st;

namespace plimsoll::identity {

// What a public key signs with; a key has exactly one, whatever a token says.
enum class Algorithm : std::uint8_t { kRs256, kEs256, kEdDsa };
std::string_view to_string(Algorithm algorithm);  // "RS256", …

// Immutable; thread-safe.
class PublicKey {
 public:
  // One JSON Web Key: RSA of 2,048 to 8,192 bits, EC on P-256, OKP Ed25519. kNotFound for keys of other kinds, of another
  // use than signing, and for another `alg` than the kind's: these are for others. kInvalid for one that is damaged, and
  // for one that holds a private or a symmetric key.
  static Result<PublicKey> from_json(const boost::json::value& key);

  const std::string& id() const { return id_; }  // `kid`; may be empty
  Algorithm algorithm() const { return algorithm_; }
  bool verifies(std::string_view text, std::string_view signature) const;

 private:
  PublicKey(std::shared_ptr<evp_pkey_st> key, Algorithm algorithm, std::string id)
      : key_(std::move(key)), algorithm_(algorithm), id_(std::move(id)) {}

  std::shared_ptr<evp_pkey_st> key_;
  Algorithm algorithm_;
  std::string id_;
};

inline constexpr std::size_t kMaxKeySetBytes = 256U << 10U;
inline constexpr std::size_t kMaxKeySetKeys = 100;
inline constexpr std::size_t kMaxKeyIdBytes = 256;

class KeySet {
 public:
  KeySet() = default;
  // {"keys":[…]}. Keys for others are left out. kInvalid where no key is left, one is damaged, or two of one algorithm
  // have the same id; kTooLarge beyond the limits above.
  static Result<KeySet> parse(std::string_view text);

  // The key of this algorithm with this id. Without an id: the only one of the algorithm, or null.
  const PublicKey* find(std::string_view id, Algorithm algorithm) const;
  std::size_t size() const { return keys_.size(); }

 private:
  std::vector<PublicKey> keys_;
};

}  // namespace plimsoll::identity
