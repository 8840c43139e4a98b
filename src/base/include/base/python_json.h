// JSON as Python's json.dumps(value, sort_keys=True) writes it: what `evidence_hash` is the SHA-256 of, so that
// anybody with Python can check one.
#pragma once

#include <string>
#include <string_view>

#include "base/json.h"

namespace plimsoll {

// Reads JSON as parse_json() does, and refuses (kInvalid) what cannot be written again as Python would: an integer
// beyond 64 bits. (Python keeps those; here they would become a double.)
Result<json::value> parse_exact_json(std::string_view text, JsonLimits limits = {});

// Members sorted by code points, ", " and ": " between them, anything outside ASCII as \uXXXX (a surrogate pair
// above U+FFFF), floats as Python's repr() writes them: the shortest digits, "1.0", "1e-05", "1e+16".
std::string to_python_json(const json::value& value);

}  // namespace plimsoll
