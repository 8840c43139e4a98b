// The files of rules that are part of the program.
#pragma once

#include <span>
#include <string_view>
#include <utility>

namespace plimsoll::detect {

struct ShippedFile {
  std::string_view name;  // "cbrn.yaml"
  std::string_view text;
};

// rules/*.yaml as they were when the program was built, in the order in which they are read.
std::span<const ShippedFile> shipped_rule_files();

}  // namespace plimsoll::detect
