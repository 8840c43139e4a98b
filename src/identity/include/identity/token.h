// JSON Web Tokens (RFC 7519) as bearer tokens, read the way RFC 8725 wants it.
#pragma once

#include <chrono>
#include <cstdint>
#include <expected>
#include <string>
#include <string_view>

#include "base/time.h"
#include "identity/identity.h"
#include "identity/json_web_key.h"

namespace plimsoll::identity {

inline constexpr std::size_t kMaxTokenBytes = 8U << 10U;

// Why a caller is not let in: counted by it.
enum class Reason : std::uint8_t {
  kMissing,      // no key and no token
  kMalformed,    // neither
  kAlgorithm,    // "none", one that is not used here, or not the key's
  kSignature,    // does not verify
  kUnknownKey,   // of a token's signature, or an API key that nobody has made
  kExpired,      // also a token that does not say when it expires
  kNotYet,       // before `nbf`, or made (`iat`) in the future
  kIssuer,       // not ours
  kAudience,     // for somebody else
  kClaims,       // what it says of the caller makes no sense
  kReplayed,     // was used before, where that is not allowed
  kRevoked,      // an API key that was called back
  kForbidden,    // known, but may not
  kUnavailable,  // nobody can tell at the moment
};
inline constexpr std::size_t kReasonCount = 14;
std::string_view to_string(Reason reason);  // "missing", "unknown_key", …

// The message quotes nothing of the token.
struct TokenProblem {
  Reason reason = Reason::kMalformed;
  std::string_view message;  // static
};

struct TokenRules {
  std::string secret;                        // of HS256; empty: such tokens are refused
  std::string issuer;                        // `iss` must be this; empty: not asked for
  std::string audience;                      // `aud` must be or hold this; empty: not asked for
  std::string account_key;                   // users are told apart in files under it
  bool needs_id = false;                     // `jti` must be there
  Roles default_roles = {Role::kDeveloper};  // of tokens that name none that is known
  std::chrono::seconds leeway{30};           // between clocks
};

struct Token {
  IdentityPtr identity;
  Time expires;    // the leeway included
  std::string id;  // of issuer and `jti`, hashed; empty: it has none
};

// Read are `sub`, `org`, `tier`, `lawful_basis` (true or a listed string), `roles` or `role` (a text or a list; names that
// are not known count for nothing), `scope` (words "plimsoll:<scope>"; others count for nothing), `report_for` (a text or a
// list), `exp` (required), `nbf`, `iat`, `iss`, `aud`, `jti`. The signature is checked before any claim is looked at, with the
// one key and the one algorithm that are ours: `jwk`, `jku`, `x5u`, `x5c` in the header are not looked at, `crit` is refused.
std::expected<Token, TokenProblem> read_token(std::string_view token, const TokenRules& rules,
                                              const KeySet& keys, Time now);

}  // namespace plimsoll::identity
