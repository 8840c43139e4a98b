#include "gate/check.h"

#include <algorithm>
#include <cmath>

#include "base/json.h"

namespace plimsoll::gate {
namespace {

using policy::Standing;
using policy::Threshold;

Error wrong(std::string_view name, const json::value& found) {
  const std::string_view what = found.is_string()   ? "text"
                                : found.is_bool()   ? "true or false"
                                : found.is_null()   ? "null"
                                : found.is_number() ? "a number that is not finite"
                                : found.is_array()  ? "a list"
                                                    : "an object";
  return {Code::kInvalid, std::string(name) + ": must be a finite number; found " + std::string(what)};
}

// By its dotted name, or as a member of its group.
const json::value* find_metric(const json::object& metrics, std::string_view name) {
  if (const auto* whole = metrics.if_contains(name)) return whole;
  const auto dot = name.find('.');
  const auto* group = metrics.if_contains(name.substr(0, dot));
  if (group == nullptr || !group->is_object() || dot == std::string_view::npos) return nullptr;
  return group->get_object().if_contains(name.substr(dot + 1));
}

Row missing(const Threshold& t) {
  Row row;
  row.name = t.name;
  row.standing = Standing::kViolation;
  row.limit = Limit::kMissing;
  return row;
}

Row judge_row(const Threshold& t, double value) {
  Row row;
  row.name = t.name;
  row.value = value;
  row.standing = policy::judge(t, value);
  const bool low = t.minimum && (value < *t.minimum || (t.exclusive_minimum && value == *t.minimum));
  const auto set = [&](Limit limit, const std::optional<double>& bound, bool exclusive) {
    row.limit = limit;
    row.bound = bound;
    row.exclusive = exclusive;
  };
  if (row.standing == Standing::kViolation && low)
    set(Limit::kMinimum, t.minimum, t.exclusive_minimum);
  else if (row.standing == Standing::kViolation)
    set(Limit::kMaximum, t.maximum, t.exclusive_maximum);
  else if (row.standing == Standing::kWarn && t.warn_below && value < *t.warn_below)
    set(Limit::kWarnBelow, t.warn_below, false);
  else if (row.standing == Standing::kWarn)
    set(Limit::kWarnAbove, t.warn_above, false);
  else if (t.minimum)
    set(Limit::kMinimum, t.minimum, t.exclusive_minimum);
  else if (t.maximum)
    set(Limit::kMaximum, t.maximum, t.exclusive_maximum);
  else if (t.warn_below)
    set(Limit::kWarnBelow, t.warn_below, false);
  else
    set(Limit::kWarnAbove, t.warn_above, false);
  return row;
}

// Names of submitted metrics that no threshold has; kInvalid for a value that is none.
Result<std::vector<std::string>> find_unjudged(const std::vector<Threshold>& thresholds,
                                               const json::object& metrics) {
  std::vector<std::string> out;
  const auto look = [&](std::string name, const json::value& value) -> Result<void> {
    if (std::ranges::find(thresholds, name, &Threshold::name) != thresholds.end()) return {};
    if (!value.is_number()) return std::unexpected(wrong(name, value));
    out.push_back(std::move(name));
    return {};
  };
  for (const auto& member : metrics) {
    const std::string group(member.key());
    if (!member.value().is_object()) {
      if (!group.contains('.'))
        return fail(Code::kInvalid,
                    group + ": must be an object of metrics, like {\"" + group + "\": {\"metric\": 0.1}}");
      if (auto seen = look(group, member.value()); !seen) return std::unexpected(std::move(seen).error());
      continue;
    }
    for (const auto& metric : member.value().get_object())
      if (auto seen = look(group + "." + std::string(metric.key()), metric.value()); !seen)
        return std::unexpected(std::move(seen).error());
  }
  return out;
}

}  // namespace

std::string_view to_string(Status status) {
  return status == Status::kPass ? "pass" : status == Status::kWarn ? "warn" : "fail";
}

Result<Report> check(const std::vector<Threshold>& thresholds, const boost::json::value& metrics) {
  if (!metrics.is_object())
    return fail(Code::kInvalid, R"(expected an object of metrics, like {"quality": {"pass_at_5": 0.84}})");
  const auto& object = metrics.get_object();
  auto unjudged = find_unjudged(thresholds, object);
  if (!unjudged) return std::unexpected(std::move(unjudged).error());

  Report report;
  report.unjudged = *std::move(unjudged);
  for (const Threshold& threshold : thresholds) {
    const auto* value = find_metric(object, threshold.name);
    if (value == nullptr && !threshold.required) continue;
    if (value == nullptr) {
      report.rows.push_back(missing(threshold));
    } else {
      const double number = value->is_number() ? value->to_number<double>() : std::nan("");
      if (!std::isfinite(number)) return std::unexpected(wrong(threshold.name, *value));
      report.rows.push_back(judge_row(threshold, number));
    }
    const Row& row = report.rows.back();
    if (row.standing == Standing::kViolation) report.violations.push_back(row.name);
    if (row.standing == Standing::kWarn) report.warnings.push_back(row.name);
  }
  report.status = !report.violations.empty() ? Status::kFail
                  : !report.warnings.empty() ? Status::kWarn
                                             : Status::kPass;
  return report;
}

void require_card(Report& report, const std::vector<std::string>& missing_fields) {
  for (const auto& field : missing_fields) {
    Row row;
    row.name = "card." + field;
    row.standing = Standing::kViolation;
    row.limit = Limit::kMissing;
    report.violations.push_back(row.name);
    report.rows.push_back(std::move(row));
  }
  if (!missing_fields.empty()) report.status = Status::kFail;
}

}  // namespace plimsoll::gate
