// Values that satisfy a JSON Schema, of the kind that clients send with tools and structured output.
#pragma once

#include <boost/json/value.hpp>
#include <string_view>

namespace plimsoll::sample {

// A value for `schema`: every string is `text` unless the schema names its values, every array has the fewest
// items allowed but at least one, every declared property is there. Reads type, properties, items, enum,
// const, anyOf, oneOf, allOf, minimum, maximum, minItems and local $ref. What it does not read, or what nests
// deeper than 16 levels, is a string or null. At most 1,000 values.
boost::json::value fill(const boost::json::value& schema, std::string_view text);

}  // namespace plimsoll::sample
