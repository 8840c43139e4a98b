// Elements of lists and maps, fields of maps and objects.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "cel/cel.h"
#include "cel/value.h"
#include "context.h"

namespace plimsoll::cel {

// The object types of an environment.
using ObjectTypes = std::vector<std::pair<std::string, std::vector<std::pair<std::string, Type>>>>;

// The position of a field, or nothing when the type or the field is unknown.
std::optional<std::size_t> find_field(const ObjectTypes& types, std::string_view type,
                                      std::string_view field);

// target[index]; fails when there is no such element.
bool strict_index(Context& context, const Value& target, const Value& index, Value& out);

// target[?index]: an optional; none when `target` is nullptr or has no such element.
bool optional_index(Context& context, const Value* target, const Value& index, Value& out);

// What a field access finds.
enum class Found { kYes, kNo, kFailed };

// target.field where the type of target is known only now. `out` is set on kYes. An object answers kNo for a
// field that is not set only when `if_set`.
Found select_field(Context& context, const ObjectTypes& types, const Value& target, std::string_view field,
                   bool if_set, Value& out);

}  // namespace plimsoll::cel
