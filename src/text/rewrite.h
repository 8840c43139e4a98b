// Passes over a text that undo disguises in place, or find what is encoded in it.
//
// A pass looks at text[from..] and at up to kLookBehind bytes before it, and returns up to where it has decided:
// the end when `last`, else possibly less, where what follows could change its mind. It may be called again from
// there with more text; what it decides does not depend on how the text was cut.
#pragma once

#include <cstddef>
#include <string_view>

namespace plimsoll::text {

class FoldTable;

inline constexpr std::size_t kLookBehind = 64;

// Takes a rewritten text in order. Offsets are into the text that is read.
class RewriteSink {
 public:
  virtual ~RewriteSink() = default;
  virtual void keep(std::size_t begin, std::size_t end) = 0;
  // What stood in [begin, end) reads `bytes`; each of them comes from all of it.
  virtual void replace(std::size_t begin, std::size_t end, std::string_view bytes) = 0;
};

// Percent-encoding, HTML entities, \u \x and octal escapes, U+ notation, and strings that are put together
// ("ig" + "nore"). Letters come without their accents, as the normalizer leaves them.
std::size_t undo_escapes(std::string_view text, std::size_t from, bool last, const FoldTable& table,
                         RewriteSink& sink);

// Digits and symbols that stand for letters inside words, letters set apart one by one. Up to `until`, which is the end or
// a cut.
std::size_t undo_lettering(std::string_view text, std::size_t from, bool last, RewriteSink& sink,
                           std::size_t until = std::string_view::npos);
// The first place from `at` on where the pass may begin, and may end, as well as anywhere: what it makes of the text is the
// same.
std::size_t lettering_cut(std::string_view text, std::size_t at);

}  // namespace plimsoll::text
