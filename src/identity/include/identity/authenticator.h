// The one question that every listener asks: who is this, and may he?
#pragma once

#include <expected>
#include <functional>
#include <memory>
#include <string>

#include "identity/api_keys.h"
#include "identity/key_source.h"
#include "identity/permissions.h"
#include "identity/token.h"
#include "net/http.h"
#include "net/metrics.h"

namespace plimsoll::identity {

// What to answer, in the shape of the route's errors.
struct Refusal {
  int status = 401;  // 401: not known; 403: known, but may not; 503: nobody can tell at the moment
  Reason reason = Reason::kMissing;
  std::string message;    // quotes nothing of key or token
  std::string_view code;  // "invalid_api_key", "insufficient_permissions", "authentication_unavailable"
  std::string challenge;  // for WWW-Authenticate; empty: none
  bool retry = false;     // in a second: Retry-After
};
// These headers.
void add_headers(const Refusal& refusal, net::Headers& headers);

struct AuthenticatorOptions {
  TokenRules tokens;
  bool single_use = false;  // a token's `jti` is let in once
};

// Thread-safe; takes no lock that is held across I/O. Verified tokens are remembered, at most kMaxRemembered, until they
// expire or the issuer's keys change.
class Authenticator {
 public:
  // `source` may be null: no tokens but those of the shared secret. All outlive it.
  Authenticator(AuthenticatorOptions options, const ApiKeys& keys, KeySource* source, net::Metrics& metrics);
  ~Authenticator();
  Authenticator(const Authenticator&) = delete;
  Authenticator& operator=(const Authenticator&) = delete;

  // Reads `Authorization: Bearer`, or else `x-api-key`: an API key or a token. A null permission is nobody's. `peek`: what
  // may be used once only is not used up by this.
  std::expected<IdentityPtr, Refusal> admit(const net::Headers& headers, const Permission* permission,
                                            Time now, bool peek = false);

  // How many were refused since the last call, as an entry of the log; empty: none. One thread.
  std::string take_refused(Time now);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

inline constexpr std::size_t kMaxRemembered = 16'384;
inline constexpr std::size_t kMaxUsedOnce = 131'072;

}  // namespace plimsoll::identity
