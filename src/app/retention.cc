#include "retention.h"

namespace plimsoll::app {
namespace {

struct Class {
  std::string_view name, type;
};
// Statements (entries of Sigstore's form) have neither type nor time, and are kept.
constexpr Class kTypes[] = {
    {"decisions", "decision"},
    {"evidence", "evidence"},
    {"incidents", "incident"},
    {"incidents", "incident_change"},
    {"reviews", "review_assigned"},
    {"reviews", "review_note"},
    {"reviews", "review_decided"},
    {"reviews", "review_proposed"},
    {"reviews", "review_rejected"},
    {"policies", "policy"},
    {"administration", "admin"},
    {"administration", "content_read"},
    {"notices", "notice"},
    {"incidents", "clock_due"},
    {"reviews", "review_overdue"},
    {"incidents", "incident_reported"},
    {"evaluations", "capability_evaluation"},
    {"evaluations", "capability_decision"},
    {"notices", "watch_alert"},
    {"evaluations", "evaluation"},
    {"counts", "tally"},
};

}  // namespace

ledger::Retention retention_of(const policy::Settings& settings) {
  ledger::Retention retention;
  for (const auto& [name, keep] : settings.retention)
    for (const auto& type : kTypes)
      if (type.name == name) retention.keep.emplace(type.type, keep);
  return retention;
}

}  // namespace plimsoll::app
