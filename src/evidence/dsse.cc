#include "evidence/dsse.h"

#include <algorithm>
#include <boost/json/array.hpp>

#include "base/hash.h"

namespace plimsoll::evidence {
namespace {

// Both alphabets are to be accepted; padding may be left out.
std::optional<std::string> decoded(std::string_view text) {
  if (auto bytes = from_base64(text)) return bytes;
  while (text.ends_with('=')) text.remove_suffix(1);
  return from_base64url(text);
}

}  // namespace

std::string pre_authentication_encoding(std::string_view type, std::string_view body) {
  std::string out = "DSSEv1 " + std::to_string(type.size()) + " ";
  out.append(type).append(" ").append(std::to_string(body.size())).append(" ").append(body);
  return out;
}

Envelope sign(std::string payload, std::string_view payload_type, const PrivateKey& key) {
  Envelope out{.payload = std::move(payload), .payload_type = std::string(payload_type), .signatures = {}};
  out.signatures.push_back({.key_id = key.public_key().id(),
                            .bytes = key.sign(pre_authentication_encoding(payload_type, out.payload))});
  return out;
}

json::object to_object(const Envelope& envelope) {
  json::object out;
  out["payload"] = to_base64(envelope.payload);
  out["payloadType"] = envelope.payload_type;
  json::array signatures;
  for (const auto& signature : envelope.signatures) {
    json::object one{{"sig", to_base64(signature.bytes)}};
    if (!signature.key_id.empty()) one["keyid"] = signature.key_id;
    signatures.emplace_back(std::move(one));
  }
  out["signatures"] = std::move(signatures);
  return out;
}

Result<Envelope> parse_envelope(std::string_view text) {
  const auto value = parse_json(text, {.max_bytes = kMaxEnvelopeBytes, .max_depth = 16});
  if (!value) return std::unexpected(Error(value.error()).in("envelope"));
  const auto* payload = find_string(*value, "payload");
  const auto* type = find_string(*value, "payloadType");
  const auto* signatures = find_array(*value, "signatures");
  if (payload == nullptr || type == nullptr || signatures == nullptr || signatures->empty() ||
      signatures->size() > kMaxSignatures)
    return fail(Code::kInvalid, "envelope: expected payload, payloadType and 1 to 16 signatures");
  auto bytes = decoded(*payload);
  if (!bytes) return fail(Code::kInvalid, "envelope: payload: expected base64");
  Envelope out{.payload = *std::move(bytes), .payload_type = std::string(*type), .signatures = {}};
  for (const auto& item : *signatures) {
    const auto* sig = find_string(item, "sig");
    const auto* id = find_string(item, "keyid");
    auto signature = sig != nullptr ? decoded(*sig) : std::nullopt;
    if (!signature) return fail(Code::kInvalid, "envelope: sig: expected base64");
    out.signatures.push_back(
        {.key_id = id != nullptr ? std::string(*id) : std::string(), .bytes = *std::move(signature)});
  }
  return out;
}

Result<std::string> verify(const Envelope& envelope, std::span<const PublicKey> keys, std::size_t threshold) {
  const auto message = pre_authentication_encoding(envelope.payload_type, envelope.payload);
  std::vector<PublicKey> signers;
  for (const auto& key : keys)
    if (std::ranges::find(signers, key) == signers.end() &&
        std::ranges::any_of(envelope.signatures, [&](const auto& s) { return key.verify(message, s.bytes); }))
      signers.push_back(key);
  if (signers.size() < std::max<std::size_t>(threshold, 1))
    return fail(Code::kInvalid, "envelope: " + std::to_string(signers.size()) +
                                    " of the trusted keys signed it, " +
                                    std::to_string(std::max<std::size_t>(threshold, 1)) + " are needed");
  return envelope.payload;
}

}  // namespace plimsoll::evidence
