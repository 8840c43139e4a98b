// Time stamps of RFC 3161: an authority's signature over a hash and a time.
//
// What `openssl ts -query -data FILE -sha256 -cert` asks and `openssl ts -verify -data FILE -in RESPONSE -CAfile CA`
// checks.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "base/result.h"
#include "base/time.h"

namespace plimsoll::anchor {

inline constexpr std::size_t kMaxTimestampBytes = 64U << 10U;

// A request (DER, application/timestamp-query) for a stamp over SHA-256 of `data`, with a nonce and the authority's
// certificate asked for.
std::string timestamp_request(std::string_view data);

// When the response (DER, application/timestamp-reply) was stamped: it is over `data`, answers `request` unless that is
// empty, and its signer's certificate leads to one of the authorities in `ca_file` (PEM). kInvalid says what is wrong.
Result<Time> check_timestamp(std::string_view response, std::string_view data, std::string_view request,
                             const std::string& ca_file);

}  // namespace plimsoll::anchor
