// Test cases of a policy: what `plimsoll policy test FILE CASES.yaml` runs.
//
//   cases:
//     - name: personal data needs a lawful basis
//       prompt: Email me at user@example.com
//       context: { contains_pii: true }
//       expect: { action: block, reasons: [PII without lawful basis] }
//
// A case is facts (policy/fixture.h), a name and what to expect of the verdict: at least one of action,
// allowed, reasons, rules (ids of all that fired, failed or were in shadow), redact, asl_level, review, care.
// Lists are compared whole and in order. Texts are not inspected: a case says what was found.
#pragma once

#include <expected>
#include <string>
#include <string_view>
#include <vector>

#include "policy/policy.h"

namespace plimsoll::policy {

struct CaseResult {
  std::string name;
  std::size_t line = 0;                  // in the file of cases
  std::vector<std::string> differences;  // "action: expected block, got allow"; empty: passed
  bool passed() const { return differences.empty(); }
};

struct CasesReport {
  std::vector<CaseResult> cases;
  std::size_t failed = 0;
};

// Problems of the file itself (unknown keys, wrong types, no cases at all), or what every case gave.
std::expected<CasesReport, std::vector<Problem>> run_cases(const Policy& policy, std::string_view yaml,
                                                           std::string file);

// Both from disk: the policy (the shipped one when the path is empty) and its cases.
std::expected<CasesReport, std::vector<Problem>> test_policy(const std::string& policy_path,
                                                             const std::string& cases_path);

// For a terminal; ends in a newline:
//   ok    personal data needs a lawful basis
//   FAIL  jailbreaks are answered in safe mode (cases.yaml:12)
//           action: expected safe_mode, got allow
//   1 of 2 cases failed
std::string to_text(const CasesReport& report, std::string_view file);

}  // namespace plimsoll::policy
