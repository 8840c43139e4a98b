// Cuts a text into the windows that are tagged on their own.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "token.h"
#include "word_table.h"

namespace plimsoll::tagger {

// The words of a window; memory is used again.
struct Words {
  std::vector<Token> tokens;
  std::string folded;  // what Token::folded points into

  void clear() {
    tokens.clear();
    folded.clear();
  }
  std::string_view folded_of(const Token& t) const {
    return std::string_view(folded).substr(t.folded, t.folded_size);
  }
};

struct Window {
  std::size_t end = 0;        // where the next one may begin
  bool mid_sentence = false;  // the next one goes on with this one's sentence
};

// Splits into words from `begin`, where there is no white space, up to the end of the window. With `last`, the
// text ends with `text`; without, nullopt says that what follows could still matter.
std::optional<Window> next_window(std::string_view text, std::size_t begin, bool last, const WordTable& table,
                                  Words& words);

// The first character at or after `at` that is no white space, or the text's end.
std::size_t skip_space(std::string_view text, std::size_t at);

}  // namespace plimsoll::tagger
