// The writing system of a text, by Unicode's blocks: coarse, cheap, and enough to see that a share of traffic changes.
#pragma once

#include <string_view>

namespace plimsoll {

// "latin", "cyrillic", "greek", "arabic", "hebrew", "devanagari", "thai", "han", "kana", "hangul", "other"; empty where
// there is no letter. The one with the most letters in the first `most` bytes of `text`, which is UTF-8; what is not,
// is skipped. Kana counts for Japanese: a text with a tenth of it is "kana", however much han there is.
std::string_view script_of(std::string_view text, std::size_t most = 1'024);

}  // namespace plimsoll
