// API keys: made once, shown once, kept as hashes in one file that several processes may share.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/hash.h"
#include "base/result.h"
#include "base/time.h"
#include "identity/identity.h"

namespace plimsoll::identity {

// "plk_", 43 letters and digits that are 256 bits of chance, and 6 that are the CRC-32 of these 43, as in GitHub's and
// npm's tokens: scanners of source code know one from a mere word.
inline constexpr std::string_view kKeyPrefix = "plk_";
inline constexpr std::size_t kKeyBytes = 53;

std::string make_secret();
bool is_well_formed(std::string_view secret);

// What a new key is to be.
struct KeyRequest {
  std::string name;  // for people: what the key is for
  std::string org, user;
  std::optional<Tier> tier;
  Roles roles;
  std::vector<std::string> scopes, report_for;  // as in Identity
  std::string lawful_basis;                     // one of the listed ones; empty: none
  std::optional<Time> expires;
};

// {"roles":[…], "name"?, "org"?, "user"?, "tier"?, "scopes"?, "report_for"?, "lawful_basis"?, "expires"?}: of the body of
// POST /keys. Other members, unknown roles and scopes are refused by name; `expires` is RFC 3339, or a number of days
// with a "d" behind it.
Result<KeyRequest> read_key_request(std::string_view body, Time now);
// The same of what came from elsewhere: kInvalid says what is wrong.
Result<void> check(const KeyRequest& request, Time now);
// "90d", "12h", "2027-01-31", RFC 3339.
std::optional<Time> parse_expiry(std::string_view text, Time now);

struct ApiKey {
  std::string id;  // "key-" and 16 hexadecimal digits
  Digest hash{};   // SHA-256 of the secret
  KeyRequest what;
  Time created;
  std::string created_by;  // as the log has it
  std::optional<Time> revoked;
  std::string revoked_by;
  bool creation_logged = false, revocation_logged = false;
};

// What GET /keys shows: everything but the hash.
std::string to_json(const ApiKey& key, std::optional<Time> last_used);

inline constexpr std::size_t kMaxKeys = 10'000;
inline constexpr std::size_t kMaxKeyFileBytes = 16U << 20U;

// The keys in force. A key opens nothing before its creation is in the log; its revocation holds at once. Thread-safe.
class ApiKeys {
 public:
  struct Options {
    std::string file;       // of the keys; made when the first one is
    std::string last_used;  // file; empty: nowhere
    // Writes an entry into the log and waits for the disk. Empty: another process does, which sees the file.
    std::function<Result<void>(std::string entry)> record;
    std::string commitment_key;  // users stand in the log as pseudonyms under it; empty with `record`
  };
  // kInvalid when the file is damaged, kUnavailable when it cannot be read.
  static Result<std::unique_ptr<ApiKeys>> open(Options options);
  ~ApiKeys();
  ApiKeys(const ApiKeys&) = delete;
  ApiKeys& operator=(const ApiKeys&) = delete;

  struct Created {
    ApiKey key;
    std::string secret;  // nobody sees it again
  };
  // These block for the file and the log. kTooLarge beyond kMaxKeys. Only one process changes the file at a time.
  Result<Created> create(const KeyRequest& request, const std::string& actor);
  // kNotFound: nothing has this id. One that is revoked already stays as it is.
  Result<ApiKey> revoke(std::string_view id, const std::string& actor);

  struct Shown {
    ApiKey key;
    std::optional<Time> last_used;  // to the minute
  };
  std::vector<Shown> list() const;  // the oldest first

  enum class Refusal : std::uint8_t { kUnknown, kExpired, kRevoked, kNotLogged };
  std::expected<IdentityPtr, Refusal> find(std::string_view secret, Time now) const;

  // Takes over what has changed in the file, and has what is not logged yet logged. To be called about every second; a
  // damaged file never replaces a good one.
  void look();
  // Writes down when keys were last used, where that has changed.
  void save_last_used();

 private:
  struct Impl;
  explicit ApiKeys(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace plimsoll::identity
