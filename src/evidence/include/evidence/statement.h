// in-toto Statements v1 about evidence (github.com/in-toto/attestation).
//
// They are a pure function of the log's entry, so that they need not be stored: the log keeps their digest (the dsse
// entry), and whoever has the entry makes the same bytes again. A change of what is written here needs another `v` in
// the entries.
#pragma once

#include <boost/json/array.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "evidence/entry.h"

namespace plimsoll::evidence {

inline constexpr std::string_view kStatementType = "https://in-toto.io/Statement/v1";
inline constexpr std::string_view kTestResult = "https://in-toto.io/attestation/test-result/v0.1";
inline constexpr std::string_view kSimpleVerificationResult = "https://in-toto.io/attestation/svr/v0.2";

// Our own predicates and the verifier's id are URIs below a base that the operator owns, such as "https://ai.example.com".
std::string model_evaluation_type(std::string_view base);
std::string audit_export_type(std::string_view base);
std::string verifier_id(std::string_view base);

// In canonical JSON, the statements that an artifact's entry calls for:
//   a merge gate's report (`metadata` has status pass|warn|fail and violations, as `plimsoll ci-check --format json`
//     writes it): a test result, and where it passed an SVR naming the policy
//   anything else: a model evaluation, our own predicate: artifactType, modelVersion, contentRef, recordedAt, entry,
//     measures, metadata
// The subjects are the submission (digest: its evidence_hash) and what contentRef names as "sha256:<hex>".
std::vector<std::string> statements_of(std::string_view entry_id, const Stored& stored);

std::string make_statement(json::array subjects, std::string_view predicate_type, json::object predicate);
json::object descriptor(std::string_view name, std::string_view sha256);

}  // namespace plimsoll::evidence
