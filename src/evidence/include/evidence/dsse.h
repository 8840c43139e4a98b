// Dead Simple Signing Envelope, version 1.0.2 (github.com/secure-systems-lab/dsse).
#pragma once

#include <boost/json/object.hpp>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"
#include "evidence/ed25519.h"

namespace plimsoll::evidence {

inline constexpr std::string_view kInTotoPayload = "application/vnd.in-toto+json";
inline constexpr std::size_t kMaxEnvelopeBytes = 1U << 20U;
inline constexpr std::size_t kMaxSignatures = 16;

// What is signed: "DSSEv1" SP len(type) SP type SP len(body) SP body.
std::string pre_authentication_encoding(std::string_view type, std::string_view body);

struct EnvelopeSignature {
  std::string key_id;  // a hint that nothing vouches for
  std::string bytes;
};

struct Envelope {
  std::string payload;  // decoded
  std::string payload_type;
  std::vector<EnvelopeSignature> signatures;
};

Envelope sign(std::string payload, std::string_view payload_type, const PrivateKey& key);
json::object to_object(const Envelope& envelope);
// kInvalid, with what is wrong. Unknown members are skipped, as the format asks.
Result<Envelope> parse_envelope(std::string_view text);

// The payload, when at least `threshold` (1 or more) different keys of these have signed it; kInvalid otherwise. Use
// what is returned and nothing else of the envelope.
Result<std::string> verify(const Envelope& envelope, std::span<const PublicKey> keys,
                           std::size_t threshold = 1);

}  // namespace plimsoll::evidence
