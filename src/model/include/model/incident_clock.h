// A time within which something must be done about an incident: the law's, or one's own. Data of the policy.
#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace plimsoll {

// What an incident may be said to be, in the words that clocks use. "any" is for clocks alone.
inline constexpr std::array<std::string_view, 5> kIncidentKinds = {
    "serious_incident", "critical_infrastructure", "widespread_infringement", "death",
    "personal_data_breach"};
inline constexpr std::string_view kAnyIncident = "any";

struct IncidentClock {
  std::string id;                  // 1 to 64 letters, digits, '.', '_', '-'
  std::string name;                // for people
  std::string source;              // the clause
  std::string as_of;               // the day, YYYY-MM-DD, as of which that is what it says
  std::chrono::hours within{24};   // from when somebody was aware; calendar days are 24 hours each
  std::vector<std::string> kinds;  // of kIncidentKinds, or "any": an incident of one of these starts it
  // What stops it: a report to whom the clause names, or that somebody here looks into the incident.
  enum class MetBy : std::uint8_t { kReport, kReview };
  MetBy met_by = MetBy::kReport;

  friend bool operator==(const IncidentClock&, const IncidentClock&) = default;
};

// Regulation (EU) 2024/1689 (AI Act), Article 73; Regulation (EU) 2016/679 (GDPR), Article 33; a review in a day.
std::vector<IncidentClock> usual_incident_clocks();

}  // namespace plimsoll
