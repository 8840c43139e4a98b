// One thing wrong with a file.
#pragma once

#include <cstddef>
#include <expected>
#include <string>
#include <vector>

namespace plimsoll::yaml {

// Positions are 1-based; columns count code points.
struct Problem {
  std::string file;
  std::size_t line = 1;
  std::size_t column = 1;
  std::string message;  // what was found, what was expected
};

// "policy.yaml:12:7: unknown key 'treshold'; did you mean 'threshold'?"
std::string to_string(const Problem& problem);

// A file's bytes, at most 4 MiB. What is wrong with it stands at 1:1.
std::expected<std::string, std::vector<Problem>> read_file(const std::string& path);

}  // namespace plimsoll::yaml
