// Who a request comes from, by its bearer token.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "base/time.h"
#include "model/caller.h"
#include "net/http.h"

namespace plimsoll::net {

// Verifies JSON Web Tokens (RFC 7519) signed with HMAC-SHA-256 under one shared secret. Claims read: `sub`
// (user), `org`, `tier`, `lawful_basis` (true or a listed string), `exp` (required), `nbf`. Any other
// algorithm, "none" included, is refused. Immutable; thread-safe.
class Authenticator {
 public:
  explicit Authenticator(std::string secret) : secret_(std::move(secret)) {}

  // kInvalid with a reason that quotes nothing of the token.
  Result<Caller> identify(const Headers& headers, Time now) const;
  Result<Caller> verify(std::string_view token, Time now) const;

 private:
  std::string secret_;
};

}  // namespace plimsoll::net
