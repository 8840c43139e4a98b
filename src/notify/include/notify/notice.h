// A notice: what people are told of an entry of the log, or of many at once.
//
// It names things and says no text: no prompt, no answer, no description, no user; ids, categories, scores, tiers,
// counts.
#pragma once

#include <array>
#include <boost/json/object.hpp>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/time.h"
#include "ledger/ledger.h"

namespace plimsoll::notify {

namespace json = boost::json;

enum class Event : std::uint8_t {
  kPolicyFail,             // a merge check failed, or no decision could be made
  kIncidentOpened,         //
  kRiskThresholdExceeded,  // the tier table withheld something
  kReviewOverdue,          //
  kAslTrigger,             //
  kWatchAlert,             // drift, quality
  kClockDue,               // a clock of an incident is close to its end, or past it
  kTest                    // somebody asked for one
};
inline constexpr std::size_t kEvents = 8;
std::string_view to_string(Event event);  // "policy_fail", …
std::optional<Event> parse_event(std::string_view name);

enum class Severity : std::uint8_t { kInfo, kWarning, kError, kCritical };
inline constexpr std::size_t kSeverities = 4;
std::string_view to_string(Severity severity);
std::optional<Severity> parse_severity(std::string_view name);

// What one entry of the log gives rise to.
struct Trigger {
  Event event = Event::kTest;
  Severity severity = Severity::kWarning;
  int asl = 0;            // the entry's level: 0, 3, 4
  bool resolved = false;  // what an earlier trigger of the same event and subject spoke of is over
  Time time{};
  std::string subject{};  // an id
  std::string summary{};  // one line
  std::string path{};     // of the subject at one of this program's listeners; empty: none
  json::object data{};
  ledger::Index index = 0;

  bool operator==(const Trigger&) const = default;
};

inline constexpr std::size_t kNamed = 10;  // subjects that a notice names

// Triggers of one event, within one interval, for one destination.
struct Notice {
  std::string id;  // of this notice; the same in every attempt to deliver it
  Trigger first;   // the gravest, the first of these
  std::uint64_t count = 1;
  std::vector<std::string> subjects;  // the first kNamed different ones
  Time last;                          // the latest trigger's time
  std::string origin;                 // of the log

  bool operator==(const Notice&) const = default;
};

// One more trigger of the same event.
void add(Notice& notice, Trigger trigger);

// {"count", "data", "event", "id", "last", "log": {"index", "origin"}, "path"?, "severity", "state", "subject", "subjects",
// "summary", "time"}; `read_notice` takes it back, kInvalid for what is none.
json::object to_object(const Notice& notice);
Result<Notice> read_notice(const json::value& value);

// One line: the summary, and how many more there were.
std::string headline(const Notice& notice);

}  // namespace plimsoll::notify
