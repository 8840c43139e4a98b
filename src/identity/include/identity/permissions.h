// Who may do what: one table for every listener. docs/identity.md prints it.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "base/time.h"

namespace plimsoll::identity {

enum class Role : std::uint8_t { kDeveloper, kService, kReviewer, kCompliance, kAuditor, kAdmin };
inline constexpr std::size_t kRoleCount = 6;

std::string_view to_string(Role role);  // "developer", …
std::optional<Role> parse_role(std::string_view name);

class Roles {
 public:
  constexpr Roles() = default;
  constexpr Roles(std::initializer_list<Role> roles) {
    for (const Role role : roles) add(role);
  }
  constexpr void add(Role role) {
    bits_ = static_cast<std::uint8_t>(bits_ | 1U << static_cast<unsigned>(role));
  }
  constexpr bool has(Role role) const { return (bits_ >> static_cast<unsigned>(role) & 1U) != 0; }
  constexpr bool any_of(Roles others) const { return (bits_ & others.bits_) != 0; }
  constexpr bool empty() const { return bits_ == 0; }
  friend constexpr bool operator==(Roles, Roles) = default;

 private:
  std::uint8_t bits_ = 0;
};

enum class Listener : std::uint8_t { kGateway, kEvidence, kControl };
std::string_view to_string(Listener listener);  // "gateway", …

// A route, and who may use it: callers with one of the roles whose key or token is not narrowed to other scopes.
struct Permission {
  Listener listener;
  std::string_view method;
  std::string_view path;   // "{id}" stands for what is there
  std::string_view scope;  // empty: open to everybody, also to callers without a key or token
  Roles roles;
  bool counted = false;   // against the limits of the caller's tier
  bool recorded = false;  // an administrative act: who called is written into the log

  bool open() const { return scope.empty(); }
};

// Every route of every listener; one that is not here is closed.
std::span<const Permission> permissions();
// Null: nobody may.
const Permission* find_permission(Listener listener, std::string_view method, std::string_view path);

// Whether some route has this scope.
bool is_scope(std::string_view name);

// An entry of the log (docs/log_format.md): who made use of a route whose use is recorded. `of`: the framework, say.
std::string use_entry(const Permission& permission, std::string_view actor, std::string_view of, Time now);

// The table as docs/identity.md has it.
std::string permissions_as_markdown();
std::string permissions_as_json();

}  // namespace plimsoll::identity
