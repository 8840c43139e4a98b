#include <charconv>

#include "base/json.h"
#include "gate/check.h"

namespace plimsoll::gate {
namespace {

using policy::Standing;

std::string number_text(double value) {
  char text[40];
  const auto end = std::to_chars(text, text + sizeof text, value).ptr;
  return {text, end};
}

json::array names(const std::vector<std::string>& list) {
  json::array out;
  for (const auto& name : list) out.push_back(json::value(json::string(name)));
  return out;
}

bool is_lower(Limit limit) {
  return limit == Limit::kMinimum || limit == Limit::kWarnBelow;
}

std::string_view word(Limit limit) {
  return limit == Limit::kMinimum ? "min" : limit == Limit::kMaximum ? "max" : "warn";
}

// How the value stands to the bound: beyond it, or within.
std::string_view sign(const Row& row) {
  const bool beyond = row.standing != Standing::kPass;
  const bool less = is_lower(row.limit) == beyond;
  const bool strict = beyond != row.exclusive;
  return less ? (strict ? "<" : "<=") : (strict ? ">" : ">=");
}

std::string_view standing_text(Standing standing) {
  return standing == Standing::kPass ? "pass" : standing == Standing::kWarn ? "warn" : "violation";
}

}  // namespace

std::string_view to_string(Limit limit) {
  switch (limit) {
    case Limit::kNone:
      return "none";
    case Limit::kMissing:
      return "missing";
    case Limit::kMinimum:
      return "min";
    case Limit::kMaximum:
      return "max";
    case Limit::kWarnBelow:
      return "warn_below";
    case Limit::kWarnAbove:
      return "warn_above";
  }
  return "none";
}

std::string to_text(const Row& row) {
  if (!row.value) return row.name + " missing (required)";
  std::string out = row.name + " " + number_text(*row.value);
  if (row.bound)
    out.append(" ").append(sign(row)).append(" ").append(word(row.limit)).append(" ") +=
        number_text(*row.bound);
  return out;
}

std::string to_text(const Report& report) {
  std::string out = report.status == Status::kFail   ? "❌ Governance Gate FAILED\n"
                    : report.status == Status::kWarn ? "⚠️ Governance Gate PASSED with warnings\n"
                                                     : "✅ Governance Gate PASSED\n";
  for (const Row& row : report.rows) {
    if (row.standing == Standing::kPass && report.status == Status::kFail) continue;
    out += "- " + to_text(row);
    if (row.standing == Standing::kWarn) out += " (warning)";
    out += "\n";
  }
  if (report.status == Status::kFail) out += "Fix required before merge\n";
  return out;
}

boost::json::value to_json(const Report& report) {
  return {{"status", to_string(report.status)}, {"violations", names(report.violations)}};
}

boost::json::value to_detailed_json(const Report& report) {
  json::array rows;
  for (const Row& row : report.rows)
    rows.push_back({{"name", row.name},
                    {"value", row.value ? json::value(*row.value) : json::value()},
                    {"standing", standing_text(row.standing)},
                    {"limit", to_string(row.limit)},
                    {"bound", row.bound ? json::value(*row.bound) : json::value()},
                    {"text", to_text(row)}});
  return {{"status", to_string(report.status)},
          {"violations", names(report.violations)},
          {"warnings", names(report.warnings)},
          {"unjudged", names(report.unjudged)},
          {"rows", std::move(rows)}};
}

}  // namespace plimsoll::gate
