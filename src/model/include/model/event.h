// What is recorded of a decision.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/time.h"
#include "model/caller.h"
#include "model/conversation.h"
#include "model/finding.h"
#include "model/verdict.h"

namespace plimsoll {

struct Event {
  std::string decision_id;
  std::string request_id;
  Time time;
  std::string policy_version;
  std::string detector_revision;
  Caller caller;
  Verdict verdict;
  Scores scores;  // as decided on: detected and claimed
  std::vector<Finding> findings;
  std::uint64_t micros = 0;  // time taken to inspect and decide
  bool stream = false;
  bool store_content = false;  // the policy says so; never by default
};

// The log entry of a decision: canonical JSON (RFC 8785), at most kMaxEntryBytes, shape in
// docs/log_format.md. Texts and the user's id appear as commitments, HMAC-SHA-256(key, decision id, place,
// value): who holds the key and a text can show that it is the one that was inspected; the log alone lets
// nobody guess. Long lists are cut and their true counts given. Text itself is written only when
// `store_content` is set, and cut to fit.
std::string to_log_entry(const Event& event, const Conversation& conversation,
                         std::string_view commitment_key);

inline constexpr std::size_t kMaxEntryBytes = 65'535;

}  // namespace plimsoll
