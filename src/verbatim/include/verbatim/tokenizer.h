// Cuts a text into the words that copying is measured in.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "verbatim/characters.h"

namespace plimsoll::verbatim {

// A word. `hash` depends on its characters as Characters folds them, and on nothing else; the same on every machine
// (docs/corpus_format.md). Bytes [begin, end) of the text are its first to its last character that counts.
struct Token {
  std::uint64_t hash = 0;
  std::size_t begin = 0;
  std::size_t end = 0;
  friend bool operator==(const Token&, const Token&) = default;
};

// Feed it a text in pieces of any size: the tokens are the same wherever it is cut. Bytes that are not UTF-8 end a word.
// Memory is constant, however long a word is.
class Tokenizer {
 public:
  explicit Tokenizer(std::shared_ptr<const Characters> characters) : characters_(std::move(characters)) {}

  // Appends every token that ends in `piece`.
  void feed(std::string_view piece, std::vector<Token>& out);
  // The last token; the tokenizer can then take another text.
  void finish(std::vector<Token>& out);

 private:
  std::size_t take(std::string_view bytes, bool last, std::vector<Token>& out);
  void add(std::uint64_t c, std::size_t begin, std::size_t end);
  void end_word(std::vector<Token>& out);

  std::shared_ptr<const Characters> characters_;
  std::string carry_;       // the beginning of a character
  std::size_t read_ = 0;    // offset of the next byte
  std::uint64_t hash_ = 0;  // of the open word
  std::size_t begin_ = 0;
  std::size_t end_ = 0;
  bool open_ = false;
};

// The whole of a text.
std::vector<Token> tokenize(std::string_view text, const std::shared_ptr<const Characters>& characters);

}  // namespace plimsoll::verbatim
