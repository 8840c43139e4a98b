// Where a text is cut into windows.
//
// A cut depends on the bytes before it alone, so that a text has the same windows however it arrives: after
// white space that follows the end of a sentence, after a line's end, once a window has kMinWindow bytes; and
// at the latest after kMaxWindow bytes, then behind the last white space or, without one, in front of an
// unfinished character.
#pragma once

#include <cstddef>
#include <string_view>

namespace plimsoll::classify {

inline constexpr std::size_t kMinWindow = 64;
inline constexpr std::size_t kMaxWindow = 320;

// Length of the first window of `text`, or 0 when `text` ends before the cut. The first `seen` bytes are known
// to hold no cut.
std::size_t first_window(std::string_view text, std::size_t seen = 0);

}  // namespace plimsoll::classify
