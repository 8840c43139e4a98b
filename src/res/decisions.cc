#include "decisions.h"

#include <charconv>
#include <chrono>
#include <optional>
#include <string>

#include "base/time.h"

namespace plimsoll::res {
namespace {

constexpr std::chrono::seconds kSlack{5};  // between entries of several threads
constexpr std::chrono::hours kLongest{
    1};  // from a decision's beginning to its entry: a streamed answer's time
constexpr ledger::Index kMostRead = 1'000'000;  // entries

Time time_of(std::string_view id) {
  const auto digits = std::string(id.substr(0, 8)).append(id.substr(9, 4));
  std::uint64_t milliseconds = 0;
  std::from_chars(digits.data(), digits.data() + digits.size(), milliseconds, 16);
  return Time(std::chrono::milliseconds(milliseconds));
}

std::optional<Time> time_in(std::string_view entry) {
  constexpr std::string_view kKey = "\"time\":\"";
  const auto at = entry.rfind(kKey);
  if (at == std::string_view::npos) return std::nullopt;
  const auto value = entry.substr(at + kKey.size());
  return from_rfc3339(value.substr(0, value.find('"')));
}

// The first entry that may be as late as `time`.
Result<ledger::Index> lower_bound(const ledger::LogReader& log, Time time) {
  ledger::Index first = 0, last = log.checkpoint().size;
  while (last - first > 64) {
    auto middle = first + (last - first) / 2;
    const auto entry = log.entry(middle);
    if (!entry) return std::unexpected(entry.error());
    // One without a time tells nothing: then what is before it is read, too.
    const auto written = time_in(entry->bytes);
    if (written && *written + kSlack < time)
      first = middle;
    else
      last = middle;
  }
  return first;
}

}  // namespace

bool is_decision_id(std::string_view id) {
  if (id.size() != 36) return false;
  for (std::size_t i = 0; i < id.size(); ++i) {
    const bool dash = i == 8 || i == 13 || i == 18 || i == 23;
    const bool digit = (id[i] >= '0' && id[i] <= '9') || (id[i] >= 'a' && id[i] <= 'f');
    if (dash ? id[i] != '-' : !digit) return false;
  }
  return id[14] == '7';
}

Result<ledger::Index> find_decision(const ledger::LogReader& log, std::string_view id) {
  const auto made = time_of(id);
  const auto first = lower_bound(log, made);
  if (!first) return std::unexpected(first.error());
  const auto wanted = std::string("\"decision_id\":\"").append(id).append("\"");
  const auto size = log.checkpoint().size;
  for (auto at = *first; at < size && at - *first < kMostRead;) {
    const auto entries = log.bundle(at);
    if (!entries) return std::unexpected(entries.error());
    if (entries->empty()) break;
    for (const auto& entry : *entries) {
      if (entry.bytes.contains(wanted)) return entry.index;
      const auto written = time_in(entry.bytes);
      if (written && *written > made + kLongest) return fail(Code::kNotFound, "the log has no such decision");
    }
    at = entries->back().index + 1;
  }
  return fail(Code::kNotFound, "the log has no such decision (yet)");
}

}  // namespace plimsoll::res
