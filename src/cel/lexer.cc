#include "lexer.h"

#include <array>
#include <utility>

#include "utf8.h"

namespace plimsoll::cel {
namespace {

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}
bool is_hex_digit(char c) {
  return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}
bool starts_word(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}
bool continues_word(char c) {
  return starts_word(c) || is_digit(c);
}

bool continues_quoted(char c) {
  return continues_word(c) || c == '.' || c == '-' || c == '/' || c == ' ';
}

std::string_view operator_for(std::string_view word) {
  if (word == "and" || word == "AND") return "&&";
  if (word == "or" || word == "OR") return "||";
  if (word == "not" || word == "NOT") return "!";
  return {};
}

constexpr std::array<std::string_view, 25> kSymbols = {"&&", "||", "==", "!=", "<=", ">=", "<", ">", "!",
                                                       "+",  "-",  "*",  "/",  "%",  "?",  ":", ".", ",",
                                                       "(",  ")",  "[",  "]",  "{",  "}",  ";"};

std::string_view hint_for(char c) {
  switch (c) {
    case '=':
      return "; write == to compare";
    case '&':
      return "; write && for 'and'";
    case '|':
      return "; write || for 'or'";
    default:
      return "";
  }
}

}  // namespace

Lexer::Lexer(std::string_view source, bool spelled_operators)
    : source_(source), spelled_operators_(spelled_operators) {}

char Lexer::peek(std::size_t ahead) const {
  return at_ + ahead < source_.size() ? source_[at_ + ahead] : '\0';
}

Token Lexer::error_at(std::size_t offset, std::string message) const {
  return {.kind = TokenKind::kError,
          .offset = static_cast<std::uint32_t>(offset),
          .text = std::move(message),
          .spelled = {}};
}

void Lexer::skip_blanks() {
  while (at_ < source_.size()) {
    const char c = source_[at_];
    if (c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f') {
      ++at_;
    } else if (c == '/' && peek(1) == '/') {
      while (at_ < source_.size() && source_[at_] != '\n') ++at_;
    } else {
      return;
    }
  }
}

Token Lexer::next() {
  skip_blanks();
  if (at_ >= source_.size()) {
    return {.kind = TokenKind::kEnd,
            .offset = static_cast<std::uint32_t>(source_.size()),
            .text = {},
            .spelled = {}};
  }
  std::size_t prefix_length = 0;
  bool raw = false;
  bool bytes = false;
  if (starts_string(prefix_length, raw, bytes)) return string_literal(prefix_length, raw, bytes);
  const char c = peek();
  if (starts_word(c)) return word();
  if (is_digit(c) || (c == '.' && is_digit(peek(1)))) return number();
  if (c == '`') return quoted_identifier();
  return symbol();
}

Token Lexer::word() {
  const std::size_t start = at_;
  while (continues_word(peek())) ++at_;
  const auto text = source_.substr(start, at_ - start);
  const auto offset = static_cast<std::uint32_t>(start);
  if (spelled_operators_) {
    if (const auto op = operator_for(text); !op.empty()) {
      return {.kind = TokenKind::kOperator,
              .offset = offset,
              .text = std::string(op),
              .spelled = std::string(text)};
    }
  }
  return {.kind = TokenKind::kIdentifier, .offset = offset, .text = std::string(text), .spelled = {}};
}

Token Lexer::number() {
  const std::size_t start = at_;
  TokenKind kind = TokenKind::kInt;
  if (peek() == '0' && (peek(1) == 'x' || peek(1) == 'X')) {
    at_ += 2;
    while (is_hex_digit(peek())) ++at_;
  } else {
    while (is_digit(peek())) ++at_;
    if (peek() == '.' && is_digit(peek(1))) {
      kind = TokenKind::kDouble;
      ++at_;
      while (is_digit(peek())) ++at_;
    }
    const std::size_t sign = peek(1) == '+' || peek(1) == '-' ? 2 : 1;
    if ((peek() == 'e' || peek() == 'E') && is_digit(peek(sign))) {
      kind = TokenKind::kDouble;
      at_ += sign;
      while (is_digit(peek())) ++at_;
    }
  }
  Token token{.kind = kind,
              .offset = static_cast<std::uint32_t>(start),
              .text = std::string(source_.substr(start, at_ - start)),
              .spelled = {}};
  if (kind == TokenKind::kInt && (peek() == 'u' || peek() == 'U')) {
    token.kind = TokenKind::kUint;
    ++at_;
  }
  if (continues_word(peek()))
    return error_at(start, "a number runs into a word here; put a space between them");
  return token;
}

Token Lexer::quoted_identifier() {
  const std::size_t start = at_++;
  const std::size_t begin = at_;
  while (continues_quoted(peek())) ++at_;
  if (peek() != '`' || at_ == begin) {
    return error_at(
        start, "a name in back quotes may hold letters, digits, _ . - / and spaces, and must end with `");
  }
  const auto text = source_.substr(begin, at_ - begin);
  ++at_;
  return {.kind = TokenKind::kQuotedIdentifier,
          .offset = static_cast<std::uint32_t>(start),
          .text = std::string(text),
          .spelled = {}};
}

bool Lexer::starts_string(std::size_t& prefix_length, bool& raw, bool& bytes) const {
  for (std::size_t i = 0; i < 3; ++i) {
    const char c = peek(i);
    if (c == '"' || c == '\'') {
      prefix_length = i;
      return true;
    }
    if ((c == 'r' || c == 'R') && !raw) {
      raw = true;
    } else if ((c == 'b' || c == 'B') && !bytes) {
      bytes = true;
    } else {
      return false;
    }
  }
  return false;
}

// The offset of the quote that ends the literal, or npos.
std::size_t Lexer::closing_quote(std::string_view quote, bool raw) const {
  for (std::size_t i = at_; i < source_.size(); ++i) {
    if (source_.substr(i).starts_with(quote)) return i;
    if (quote.size() == 1 && (source_[i] == '\n' || source_[i] == '\r')) return std::string_view::npos;
    if (source_[i] == '\\' && !raw) ++i;
  }
  return std::string_view::npos;
}

Token Lexer::string_literal(std::size_t prefix_length, bool raw, bool bytes) {
  const std::size_t start = at_;
  at_ += prefix_length;
  const std::size_t width = peek(1) == peek() && peek(2) == peek() ? 3 : 1;
  const auto quote = source_.substr(at_, width);
  at_ += width;
  const std::size_t close = closing_quote(quote, raw);
  if (close == std::string_view::npos) {
    at_ = source_.size();
    return error_at(start, "this text has no closing " + std::string(quote));
  }
  const auto body = source_.substr(at_, close - at_);
  const std::size_t body_at = at_;
  at_ = close + width;

  Token token{.kind = bytes ? TokenKind::kBytes : TokenKind::kString,
              .offset = static_cast<std::uint32_t>(start),
              .text = {},
              .spelled = {}};
  if (raw) {
    token.text = body;
    return token;
  }
  std::string problem;
  std::size_t problem_at = 0;
  token.text = unescape(body, bytes, problem, problem_at);
  if (!problem.empty()) return error_at(body_at + problem_at, std::move(problem));
  return token;
}

Token Lexer::symbol() {
  const auto rest = source_.substr(at_);
  for (const auto symbol : kSymbols) {
    if (!rest.starts_with(symbol)) continue;
    const auto offset = static_cast<std::uint32_t>(at_);
    at_ += symbol.size();
    return {.kind = TokenKind::kOperator, .offset = offset, .text = std::string(symbol), .spelled = {}};
  }
  const auto [c, length] = decode_utf8(source_, at_);
  const std::string found(source_.substr(at_, length));
  if (c < 0x20 || c == 0x7F) return error_at(at_, "a control character cannot stand here");
  return error_at(at_, "unexpected character '" + found + "'" + std::string(hint_for(rest.front())));
}

}  // namespace plimsoll::cel
