// Who asks, as a key or a token shows it.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/hash.h"
#include "identity/permissions.h"
#include "model/caller.h"

namespace plimsoll::identity {

// Immutable once shared.
struct Identity {
  Caller caller;  // authenticated
  Roles roles;
  std::vector<std::string> scopes;      // all that it may use of what its roles may; empty: all of that
  std::vector<std::string> report_for;  // organisations beside its own whose traffic it may report; "*": any
  std::string key_id;                   // of an API key; empty: a token
  Digest account{};                     // what is counted against the tier's limits: the key, or org and user

  bool may(const Permission& permission) const;
  bool may_report_for(std::string_view org) const;
  // In the log: the user's pseudonym under `key` (docs/log_format.md), or the id of a key that has no user.
  std::string pseudonym(std::string_view key) const;
};

using IdentityPtr = std::shared_ptr<const Identity>;

}  // namespace plimsoll::identity
