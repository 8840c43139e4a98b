// Splits source text into tokens.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace plimsoll::cel {

enum class TokenKind {
  kEnd,
  kError,       // text is the message
  kIdentifier,  // text is the name; also reserved words
  kQuotedIdentifier,
  kInt,     // text as written
  kUint,    // text as written, without the u
  kDouble,  // text as written
  kString,  // text is the value, escapes resolved
  kBytes,
  kOperator,  // text is the operator; spelled ones are translated
};

struct Token {
  TokenKind kind = TokenKind::kEnd;
  std::uint32_t offset = 0;
  std::string text;
  // The word as written when the operator was spelled: a field may still have that name.
  std::string spelled;
};

class Lexer {
 public:
  // `source` is borrowed for the lifetime of the lexer, and is valid UTF-8.
  Lexer(std::string_view source, bool spelled_operators);

  // The next token; kEnd for ever after the last.
  Token next();

 private:
  void skip_blanks();
  Token word();
  Token number();
  Token quoted_identifier();
  Token string_literal(std::size_t prefix_length, bool raw, bool bytes);
  Token symbol();
  Token error_at(std::size_t offset, std::string message) const;
  char peek(std::size_t ahead = 0) const;
  bool starts_string(std::size_t& prefix_length, bool& raw, bool& bytes) const;
  std::size_t closing_quote(std::string_view quote, bool raw) const;

  std::string_view source_;
  std::size_t at_ = 0;
  bool spelled_operators_;
};

// The value of what stands between the quotes. Empty and `problem` set when an escape is wrong;
// `problem_at` is its offset in `body`.
std::string unescape(std::string_view body, bool bytes, std::string& problem, std::size_t& problem_at);

}  // namespace plimsoll::cel
