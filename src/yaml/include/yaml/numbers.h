// Numbers as people read them.
#pragma once

#include <charconv>
#include <string>

namespace plimsoll::yaml {

// The shortest decimal that reads back as the same number: "0.05", "100000", "1e+20".
inline std::string number_text(double value) {
  char text[40];
  const auto end = std::to_chars(text, text + sizeof text, value).ptr;
  return {text, end};
}

}  // namespace plimsoll::yaml
