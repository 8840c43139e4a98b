// How surprising the third of three letters is after the first two, in English words: 27³ entries, in half bits,
// 'A' + 0 to 'A' + 31. Letters count from 1; 0 is the edge of a word.
#pragma once

namespace plimsoll::text {

extern const char kLetterTriples[];

}  // namespace plimsoll::text
