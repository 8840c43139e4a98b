#include "identity/identity.h"

#include <algorithm>

namespace plimsoll::identity {

bool Identity::may(const Permission& permission) const {
  if (permission.open()) return true;
  return roles.any_of(permission.roles) &&
         (scopes.empty() || std::ranges::find(scopes, permission.scope) != scopes.end());
}

bool Identity::may_report_for(std::string_view org) const {
  if (roles.has(Role::kAdmin) || (!caller.org.empty() && org == caller.org)) return true;
  return std::ranges::any_of(report_for, [&](const std::string& one) { return one == "*" || one == org; });
}

std::string Identity::pseudonym(std::string_view key) const {
  if (caller.user.empty()) return key_id;
  HmacSha256 hmac(key);
  hmac.update("user\n");
  hmac.update(caller.user);
  return to_hex(hmac.finish());
}

}  // namespace plimsoll::identity
