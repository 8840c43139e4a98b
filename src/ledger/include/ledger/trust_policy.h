// Whom a verifier trusts (C2SP tlog-policy). A text of lines; empty lines and those that begin with # are
// skipped.
//
//   log <vkey> [<url>]
//   witness <name> <vkey> [<url>]
//   group <name> all|any|<k> <names of witnesses and groups …>
//   quorum <name>|none
#pragma once

#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "ledger/note.h"

namespace plimsoll::ledger {

inline constexpr std::size_t kMaxPolicyBytes = 256U << 10U;

struct TrustPolicy {
  struct Group {
    std::size_t threshold = 0;
    std::vector<std::string> members;
  };
  std::vector<VerifierKey> logs;
  std::map<std::string, VerifierKey, std::less<>> witnesses;
  std::map<std::string, Group, std::less<>> groups;
  std::string quorum;  // a witness or a group; empty: none is needed

  std::vector<VerifierKey> keys() const;  // of logs and witnesses
  // Whether enough witnesses are among those whose signatures are right.
  bool has_quorum(std::span<const Verified> verified) const;
};

// kInvalid, with the line's number: unknown words, a name twice or not defined before it is used, a threshold
// that cannot be reached, no log, other than one quorum.
Result<TrustPolicy> parse_trust_policy(std::string_view text);

}  // namespace plimsoll::ledger
