#include "model/incident_clock.h"

namespace plimsoll {

std::vector<IncidentClock> usual_incident_clocks() {
  using std::chrono::hours;
  constexpr auto kAsOf = "2026-06-29";
  return {
      {.id = "review-24h",
       .name = "Somebody looks into it",
       .source = "this project: review within a day",
       .as_of = kAsOf,
       .within = hours(24),
       .kinds = {std::string(kAnyIncident)},
       .met_by = IncidentClock::MetBy::kReview},
      {.id = "gdpr-33",
       .name = "Notify the supervisory authority of a personal data breach",
       .source = "Regulation (EU) 2016/679, Article 33(1)",
       .as_of = kAsOf,
       .within = hours(72),
       .kinds = {"personal_data_breach"}},
      {.id = "eu-ai-act-73-2d",
       .name = "Report a widespread infringement or a disruption of critical infrastructure",
       .source = "Regulation (EU) 2024/1689, Article 73(3)",
       .as_of = kAsOf,
       .within = hours(2 * 24),
       .kinds = {"widespread_infringement", "critical_infrastructure"}},
      {.id = "eu-ai-act-73-10d",
       .name = "Report the death of a person",
       .source = "Regulation (EU) 2024/1689, Article 73(4)",
       .as_of = kAsOf,
       .within = hours(10 * 24),
       .kinds = {"death"}},
      {.id = "eu-ai-act-73-15d",
       .name = "Report a serious incident",
       .source = "Regulation (EU) 2024/1689, Article 73(2)",
       .as_of = kAsOf,
       .within = hours(15 * 24),
       .kinds = {"serious_incident"}},
  };
}

}  // namespace plimsoll
