// For each rule an invented text that it finds and one that only looks like it. Keys are put together from
// pieces, so that no scanner takes these files for a leak.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace plimsoll::detect {

struct Sample {
  std::string_view rule;
  std::string found;
  std::string not_found;  // by this rule
};

std::vector<Sample> samples();

}  // namespace plimsoll::detect
