#include "base/json.h"
#include "policy/explain.h"
#include "yaml/numbers.h"

namespace plimsoll::policy {

using namespace yaml;
namespace {

std::string string_of(const json::value& object, std::string_view key) {
  const auto* found = find_string(object, key);
  return found == nullptr ? "" : std::string(*found);
}

double number_of(const json::value& object, std::string_view key) {
  const auto* found = find(object, key);
  return found != nullptr && found->is_number() ? found->to_number<double>() : 0;
}

bool is_true(const json::value& object, std::string_view key) {
  const auto* found = find(object, key);
  return found != nullptr && found->is_bool() && found->get_bool();
}

std::string one_line(std::string text) {
  for (char& c : text)
    if (c == '\n' || c == '\r' || c == '\t') c = ' ';
  return text;
}

void write_verdict(std::string& out, const json::value& explanation) {
  const auto* verdict = find(explanation, "verdict");
  if (verdict == nullptr) return;
  out += string_of(*verdict, "action") + (is_true(*verdict, "allowed") ? " (allowed)" : " (withheld)") +
         "  " + string_of(explanation, "direction") + ", " + string_of(explanation, "tier") + "\n";
  if (const auto* reasons = find_array(*verdict, "reasons"))
    for (const auto& reason : *reasons) out += "  because: " + std::string(reason.as_string()) + "\n";
  if (number_of(*verdict, "asl_level") > 0)
    out += "  ASL level " + number_text(number_of(*verdict, "asl_level")) + "\n";
  if (is_true(*verdict, "review")) out += "  a person must review it\n";
  if (is_true(*verdict, "care")) out += "  refused with the care message\n";
}

void write_rules(std::string& out, const json::value& explanation) {
  const auto* rules = find_array(explanation, "rules");
  if (rules == nullptr || rules->empty()) return;
  out += "\nrules\n";
  for (const auto& rule : *rules) {
    const auto result = string_of(rule, "result");
    const bool shadow = string_of(rule, "mode") == "shadow";
    out += "  " +
           std::string(result == "true"    ? "*"
                       : result == "error" ? "!"
                                           : " ") +
           " " + string_of(rule, "id") + ": " + result;
    if (result == "true") out += " -> " + string_of(rule, "action") + (shadow ? " (shadow: no effect)" : "");
    if (const auto why = string_of(rule, "why"); !why.empty()) out += " (" + why + ")";
    out += "\n      " + one_line(string_of(rule, "condition")) + "\n";
    if (const auto* variables = find_object(rule, "variables"))
      for (const auto& variable : *variables)
        out +=
            "      " + std::string(variable.key()) + " = " + std::string(variable.value().as_string()) + "\n";
  }
}

void write_limits(std::string& out, const json::value& explanation, std::string_view section) {
  const auto* rows = find_array(explanation, section);
  if (rows == nullptr || rows->empty()) return;
  out += "\n" + std::string(section) + "\n";
  for (const auto& row : *rows) {
    const bool reached = is_true(row, "reached");
    out += std::string("  ") + (reached ? "*" : " ") + " " + string_of(row, "id") + ": " +
           number_text(number_of(row, "score")) + (reached ? " >= " : " < ") +
           number_text(number_of(row, "limit"));
    if (reached)
      out += " -> " + string_of(row, "action") +
             (string_of(row, "mode") == "shadow" ? " (shadow: no effect)" : "");
    out += "\n";
  }
}

void write_windows(std::string& out, const json::value& explanation) {
  const auto* rows = find_array(explanation, "accumulate");
  if (rows == nullptr || rows->empty()) return;
  out += "\naccumulate\n";
  for (const auto& row : *rows) {
    const bool reached = is_true(row, "reached");
    out += std::string("  ") + (reached ? "*" : " ") + " " + string_of(row, "id") + ": " +
           number_text(number_of(row, "count")) + " messages, together " +
           number_text(number_of(row, "sum")) + ", in " + string_of(row, "window");
    if (reached)
      out += " -> " + string_of(row, "action") +
             (string_of(row, "mode") == "shadow" ? " (shadow: no effect)" : "");
    out += "\n";
  }
}

}  // namespace

std::string to_text(const boost::json::value& explanation) {
  std::string out;
  write_verdict(out, explanation);
  write_rules(out, explanation);
  write_limits(out, explanation, "risk_thresholds");
  write_limits(out, explanation, "asl_triggers");
  write_windows(out, explanation);
  return out;
}

}  // namespace plimsoll::policy
