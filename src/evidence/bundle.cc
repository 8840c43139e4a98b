#include "evidence/bundle.h"

#include <algorithm>
#include <boost/json/array.hpp>

#include "base/json.h"

namespace plimsoll::evidence {
namespace {

constexpr std::string_view kKeyDetails = "PKIX_ED25519";

std::string der_of(const ledger::VerifierKey& key) {
  return PublicKey(key.key).der();
}

std::string text_of(const json::value& object, std::string_view key) {
  const auto* text = find_string(object, key);
  return text != nullptr ? std::string(*text) : std::string();
}

}  // namespace

std::string to_log_entry(const Envelope& envelope, const PublicKey& signer) {
  json::object verifier{{"keyDetails", kKeyDetails}};
  verifier["publicKey"] = json::object{{"rawBytes", to_base64(signer.der())}};
  json::object signature{{"content", to_base64(envelope.signatures.at(0).bytes)}};
  signature["verifier"] = std::move(verifier);
  json::object dsse;
  dsse["payloadHash"] =
      json::object{{"algorithm", "SHA2_256"}, {"digest", to_base64(bytes_of(sha256(envelope.payload)))}};
  dsse["signatures"] = json::array{std::move(signature)};
  json::object out{{"apiVersion", "0.0.2"}, {"kind", "dsse"}};
  out["spec"] = json::object{{"dsseV002", std::move(dsse)}};
  return to_canonical_json(out);
}

bool is_envelope_entry(std::string_view entry) {
  return entry.starts_with(R"({"apiVersion":"0.0.2","kind":"dsse",)");
}

Result<LoggedEnvelope> parse_log_entry(std::string_view entry) {
  const auto wrong = [] { return fail(Code::kInvalid, "not a dsse 0.0.2 entry"); };
  if (!is_envelope_entry(entry)) return wrong();
  const auto value = parse_json(entry, {.max_bytes = ledger::kMaxEntryBytes, .max_depth = 16});
  if (!value) return wrong();
  const auto* spec = find(*value, "spec");
  const auto* dsse = spec != nullptr ? find(*spec, "dsseV002") : nullptr;
  const auto* hash = dsse != nullptr ? find(*dsse, "payloadHash") : nullptr;
  const auto* signatures = dsse != nullptr ? find_array(*dsse, "signatures") : nullptr;
  if (hash == nullptr || text_of(*hash, "algorithm") != "SHA2_256" || signatures == nullptr ||
      signatures->size() != 1)
    return wrong();
  const auto digest = from_base64(text_of(*hash, "digest"));
  auto signature = from_base64(text_of(signatures->front(), "content"));
  const auto* verifier = find(signatures->front(), "verifier");
  const auto* key = verifier != nullptr ? find(*verifier, "publicKey") : nullptr;
  const auto der = key != nullptr ? from_base64(text_of(*key, "rawBytes")) : std::nullopt;
  const auto signer = der ? PublicKey::from_der(*der) : Result<PublicKey>(wrong());
  if (!digest || digest->size() != 32 || !signature || !signer) return wrong();
  LoggedEnvelope out{.payload_digest = {}, .signature = *std::move(signature), .signer = *signer};
  std::ranges::copy(*digest, out.payload_digest.begin());
  return out;
}

Digest log_id(const ledger::VerifierKey& key) {
  const char type[] = {'\n', static_cast<char>(key.type)};
  const std::string_view pieces[] = {
      key.name, {type, 2}, {reinterpret_cast<const char*>(key.key.data()), key.key.size()}};
  return sha256(pieces);
}

Result<json::object> make_bundle(std::string payload, std::string_view payload_type, std::string_view entry,
                                 const ledger::ProofFile& proof, const ledger::VerifierKey& log) {
  const auto logged = parse_log_entry(entry);
  if (!logged) return std::unexpected(logged.error());
  if (sha256(payload) != logged->payload_digest)
    return fail(Code::kInvalid, "the statement is not the one whose digest is in the log");
  const auto note = ledger::parse_note(proof.checkpoint);
  if (!note) return std::unexpected(Error(note.error()).in("checkpoint"));
  const auto checkpoint = ledger::parse_checkpoint(note->text);
  if (!checkpoint) return std::unexpected(Error(checkpoint.error()).in("checkpoint"));
  if (const auto signers = ledger::verify_note(*note, std::span(&log, 1)); !signers || signers->empty())
    return fail(Code::kInvalid, "the checkpoint is not signed by the log's key");
  if (!ledger::verify_inclusion(ledger::leaf_hash(entry), proof.index, checkpoint->size, proof.proof,
                                checkpoint->root))
    return fail(Code::kInvalid, "the proof does not lead from the entry to the checkpoint's root");

  Envelope envelope{
      .payload = std::move(payload), .payload_type = std::string(payload_type), .signatures = {}};
  envelope.signatures.push_back({.key_id = logged->signer.id(), .bytes = logged->signature});

  json::array hashes;
  for (const auto& hash : proof.proof) hashes.emplace_back(to_base64(bytes_of(hash)));
  json::object inclusion{{"logIndex", std::to_string(proof.index)},
                         {"treeSize", std::to_string(checkpoint->size)}};
  inclusion["rootHash"] = to_base64(bytes_of(checkpoint->root));
  inclusion["hashes"] = std::move(hashes);
  inclusion["checkpoint"] = json::object{{"envelope", proof.checkpoint}};
  json::object tlog{{"logIndex", std::to_string(proof.index)}, {"canonicalizedBody", to_base64(entry)}};
  tlog["logId"] = json::object{{"keyId", to_base64(bytes_of(log_id(log)))}};
  tlog["kindVersion"] = json::object{{"kind", "dsse"}, {"version", "0.0.2"}};
  tlog["inclusionProof"] = std::move(inclusion);
  json::object material;
  material["publicKey"] = json::object{{"hint", logged->signer.id()}};
  material["tlogEntries"] = json::array{std::move(tlog)};
  material["timestampVerificationData"] = json::object{{"rfc3161Timestamps", json::array()}};
  json::object out{{"mediaType", "application/vnd.dev.sigstore.bundle.v0.3+json"}};
  out["verificationMaterial"] = std::move(material);
  out["dsseEnvelope"] = to_object(envelope);
  return out;
}

json::object trusted_root(std::span<const ledger::VerifierKey> logs, std::string_view since) {
  json::array tlogs;
  for (const auto& log : logs) {
    json::object key{{"rawBytes", to_base64(der_of(log))}, {"keyDetails", kKeyDetails}};
    key["validFor"] = json::object{{"start", since}};
    json::object one{{"baseUrl", "https://" + log.name}, {"hashAlgorithm", "SHA2_256"}};
    one["publicKey"] = std::move(key);
    one["logId"] = json::object{{"keyId", to_base64(bytes_of(log_id(log)))}};
    tlogs.emplace_back(std::move(one));
  }
  json::object out{{"mediaType", "application/vnd.dev.sigstore.trustedroot+json;version=0.1"}};
  out["tlogs"] = std::move(tlogs);
  out["certificateAuthorities"] = json::array();
  out["ctlogs"] = json::array();
  out["timestampAuthorities"] = json::array();
  return out;
}

}  // namespace plimsoll::evidence
