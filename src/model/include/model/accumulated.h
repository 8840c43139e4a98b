// What a stretch of time held when a decision was made: a fact of the decision, recorded with it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

namespace plimsoll {

// Of whom it is counted. Users and sessions are those of one organisation.
enum class Per : std::uint8_t { kUser, kOrg, kSession };
inline constexpr std::size_t kPerCount = 3;

std::string_view to_string(Per per);  // "user", "org", "session"
std::optional<Per> parse_per(std::string_view name);

// `id` points into the policy, or into whatever the fact was read from.
struct Accumulated {
  std::string_view id;  // of the policy's `accumulate`, without a prefix
  Per per = Per::kUser;
  double score = 0;         // what this decision added
  std::uint64_t count = 0;  // decisions within the window, this one among them
  double sum = 0;           // of their scores
  bool noticed = false;     // another one within a window's length had reached the limit already
  friend bool operator==(const Accumulated&, const Accumulated&) = default;
};

}  // namespace plimsoll
