// JSON in and out.
//
// Parsers that disagree about one text are a way round a policy: what is inspected must be what is
// forwarded. So input is read once, strictly, and only ever forwarded as written again from the result.
#pragma once

#include <boost/json/fwd.hpp>
#include <boost/json/storage_ptr.hpp>
#include <boost/json/value.hpp>
#include <string>
#include <string_view>

#include "base/result.h"

namespace plimsoll {

namespace json = boost::json;

struct JsonLimits {
  std::size_t max_bytes = 8U << 20U;
  std::size_t max_depth = 64;
};

// Reads one JSON text (RFC 8259, UTF-8). kInvalid, with the byte offset, for anything else: a duplicate
// key, a number beyond double, an unpaired surrogate, text after the value, too deep; kTooLarge for size.
// Messages never quote the input. The value lives in `storage`.
Result<json::value> parse_json(std::string_view text, JsonLimits limits = {}, json::storage_ptr storage = {});

// The compact form. Key order as in the value, numbers as in the canonical form.
std::string to_json(const json::value& value);

// The canonical form of RFC 8785: sorted keys, ECMAScript numbers, minimal escapes. Equal values give equal
// bytes, so this is what is hashed and signed. Integers beyond 2^53 are written in full.
std::string to_canonical_json(const json::value& value);

// Appends `text` as a JSON string, quotes included. `text` must be UTF-8.
void append_json_string(std::string& out, std::string_view text);

// Whether `text` is valid UTF-8 (no surrogates, no overlong forms).
bool is_utf8(std::string_view text);

// Members by name, or nullptr when absent or of another type.
const json::value* find(const json::value& object, std::string_view key);
const json::object* find_object(const json::value& object, std::string_view key);
const json::array* find_array(const json::value& object, std::string_view key);
const json::string* find_string(const json::value& object, std::string_view key);

// An object would be copied into a value that ends with the call: use if_contains().
const json::value* find(const json::object&, std::string_view) = delete;
const json::object* find_object(const json::object&, std::string_view) = delete;
const json::array* find_array(const json::object&, std::string_view) = delete;
const json::string* find_string(const json::object&, std::string_view) = delete;

}  // namespace plimsoll
