// in-toto Statements v1 about evidence (github.com/in-toto/attestation).
//
// They are a pure function of the log's entry, so that they need not be stored: the log keeps their digest (the dsse
// entry), and whoever has the entry makes the same bytes again. A change of what is written here needs another `v` in
// the entries.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "evidence/entry.h"

namespace plimsoll::evidence {

inline constexpr std::string_view kStatementType = "https://in-toto.io/Statement/v1";
inline constexpr std::string_view kTestResult = "https://in-toto.io/attestation/test-result/v0.1";
inline constexpr std::string_view kSimpleVerificationResult = "https://in-toto.io/attestation/svr/v0.2";

// Our own predicates and the verifier's id are URIs below a domain that the operator owns.
struct AttestationNames {
  std::string base = "https://plimsoll.example";  // without a slash at its end

  std::string model_evaluation() const { return base + "/attestation/model-evaluation/v0.1"; }
  std::string audit_export() const { return base + "/attestation/audit-export/v0.1"; }
  std::string verifier() const { return base + "/verifier"; }
};

// In canonical JSON, the statements that an artifact's entry calls for:
//   a merge gate's report (`metadata` has status pass|warn|fail and violations, as `plimsoll ci-check --format json`
//     writes it): a test result, and where it passed an SVR naming the policy
//   anything else: a model evaluation, our own predicate: artifactType, modelVersion, contentRef, recordedAt, entry,
//     measures, metadata
// The subjects are the submission (digest: its evidence_hash) and what contentRef names as "sha256:<hex>".
std::vector<std::string> statements_of(std::string_view entry_id, const Stored& stored,
                                       const AttestationNames& names);

}  // namespace plimsoll::evidence
