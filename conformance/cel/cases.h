// One conformance case: what it needs, and whether we answer it as it says.
#pragma once

#include <optional>
#include <string>

#include "textproto.h"

namespace plimsoll::conformance {

// Why a case is outside the policy language: it needs protobuf messages. nullopt when it does not.
std::optional<std::string> reason_to_exclude(const Message& test);

// What went wrong, or nullopt when the case passes.
std::optional<std::string> run_case(const Message& test);

}  // namespace plimsoll::conformance
