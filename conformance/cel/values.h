// cel.expr.Value and cel.expr.Type, from text format to ours.
#pragma once

#include <expected>
#include <string>

#include "cel/cel.h"
#include "textproto.h"

namespace plimsoll::conformance {

std::expected<cel::Value, std::string> read_value(const Message& value);
std::expected<cel::Type, std::string> read_type(const Message& type);

// Equality that also compares types: 1 is not 1.0, nor is 1 equal to 1u. NaN is NaN. Maps in any order.
bool same(const cel::Value& a, const cel::Value& b);

}  // namespace plimsoll::conformance
