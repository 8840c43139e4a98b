// JSON inside of strings.
//
// The arguments of a tool call are a JSON text carried in a JSON string. What its escapes spell ("\u0040" for
// "@", or every letter that is not ASCII, as many serialisers write it) is what the tool will get; so that is
// what must be inspected.
#pragma once

#include <string>
#include <string_view>

namespace plimsoll::wire {

// Replaces escapes that need not be escapes ("\uXXXX", pairs of surrogates, "\/") by what they stand for, and
// writes quotation marks and backslashes the short way. The JSON text keeps its meaning. Works on any text,
// JSON or not, in pieces of any size.
class JsonUnescaper {
 public:
  std::string push(std::string_view text);
  std::string finish();  // the beginning of an escape that never ended, as it came

 private:
  std::string begun_;
};

std::string without_needless_escapes(std::string_view text);

}  // namespace plimsoll::wire
