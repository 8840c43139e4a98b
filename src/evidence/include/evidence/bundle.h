// Sigstore bundles v0.3 (github.com/sigstore/protobuf-specs): a signed statement, the log's entry about it, and the
// proof that the log holds the entry. Sigstore's own clients verify them against the trusted root that we publish.
#pragma once

#include <boost/json/object.hpp>
#include <string>
#include <string_view>

#include "base/hash.h"
#include "base/result.h"
#include "evidence/dsse.h"
#include "ledger/checkpoint.h"
#include "ledger/note.h"
#include "ledger/proof.h"

namespace plimsoll::evidence {

// The log's entry about an envelope with one signature: kind "dsse", version 0.0.2, canonical JSON. It holds the
// payload's digest, the signature and the key, not the payload.
std::string to_log_entry(const Envelope& envelope, const PublicKey& signer);

// Such an entry, read back. kInvalid for anything else.
struct LoggedEnvelope {
  Digest payload_digest{};
  std::string signature;
  PublicKey signer;
};
bool is_envelope_entry(std::string_view entry);  // at a glance
Result<LoggedEnvelope> parse_log_entry(std::string_view entry);

// The id that bundles and trusted roots call a log by: SHA-256(name || 0x0A || type || key), whole.
Digest log_id(const ledger::VerifierKey& key);

// `proof` is the log's own proof file for `entry`; kInvalid when it does not hold together with the key `log`, the
// entry or the payload.
Result<json::object> make_bundle(std::string payload, std::string_view payload_type, std::string_view entry,
                                 const ledger::ProofFile& proof, const ledger::VerifierKey& log);

// Sigstore's TrustedRoot, version 0.1, that bundles of this log verify against, with `since` as the beginning of the
// keys' validity (RFC 3339). The logs' URLs are made of their names: Sigstore's clients look for one in the other.
json::object trusted_root(std::span<const ledger::VerifierKey> logs, std::string_view since);

}  // namespace plimsoll::evidence
