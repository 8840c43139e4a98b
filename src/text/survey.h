// A quick look at a text, to tell which passes would find nothing in it.
#pragma once

#include <string_view>

namespace plimsoll::text {

// False means: the pass changes nothing, or finds nothing. True means: it may.
struct Survey {
  bool escapes = false;
  bool letters = false;
  bool codes = false;
  bool words = false;
};

Survey survey(std::string_view text);
// The same, byte by byte: what survey() is tested against.
Survey survey_slowly(std::string_view text);

}  // namespace plimsoll::text
