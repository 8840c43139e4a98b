// Spans found against spans marked.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "model/finding.h"

namespace plimsoll::evaluate {

// What two annotators call by different names: "PHONE" and "PHONE_NUMBER" are one type. The name that is
// compared; the same name where nothing is known of it.
std::string_view canonical_type(std::string_view type);

// A place in a text, in code points, and which type it is of, as a number.
struct Place {
  Span span;
  std::uint32_t type = 0;
};

// The share of what either covers that both cover.
double overlap(const Span& a, const Span& b);
inline constexpr double kLeastOverlap = .7;  // a match is more than that

// Pairs (marked, found) of those that overlap by more than kLeastOverlap: best overlap first, then the first
// in the text; each in at most one pair. With `typed`, only within a type.
std::vector<std::pair<std::size_t, std::size_t>> match(std::span<const Place> marked,
                                                       std::span<const Place> found, bool typed);

}  // namespace plimsoll::evaluate
