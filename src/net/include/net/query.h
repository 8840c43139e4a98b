// Query strings, strictly: what is not known, or there twice, or no text is refused by name.
#pragma once

#include <cstdint>
#include <expected>
#include <initializer_list>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "base/time.h"

namespace plimsoll::net {

struct QueryProblem {
  std::string name;     // of the parameter; plain text
  std::string message;  // "is given twice"
};

inline constexpr std::size_t kMaxParameterBytes = 256;

// Percent-decoded; each once.
using Parameters = std::map<std::string, std::string, std::less<>>;
std::expected<Parameters, QueryProblem> parse_query(std::string_view query,
                                                    std::initializer_list<std::string_view> known);

// Readers of parameters; absent is nullopt. A time may be a day (2026-01-31): its beginning.
std::expected<std::optional<Time>, QueryProblem> time_in(const Parameters& parameters, std::string_view name);
std::expected<std::optional<std::uint64_t>, QueryProblem> number_in(const Parameters& parameters,
                                                                    std::string_view name,
                                                                    std::uint64_t least, std::uint64_t most);

}  // namespace plimsoll::net
