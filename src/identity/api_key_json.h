// API keys as JSON: the file, what is logged of them, what is asked for.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "identity/api_keys.h"

namespace plimsoll::identity {

// {"keys":[…],"v":1}
std::string to_file(std::span<const ApiKey> keys);
Result<std::vector<ApiKey>> read_keys(std::string_view text);

// An entry of the log (docs/log_format.md): `act` is "api_key_created" or "api_key_revoked".
std::string to_entry(const ApiKey& key, std::string_view act, std::string_view commitment_key);

// Of strings, each of 1 to 256 bytes, at most 64.
inline constexpr std::size_t kMaxListed = 64;
inline constexpr std::size_t kMaxNameBytes = 256;

}  // namespace plimsoll::identity
