#include <algorithm>
#include <array>
#include <charconv>
#include <utility>

#include "parser.h"
#include "values.h"

namespace plimsoll::cel {
namespace {

bool is_reserved(std::string_view word) {
  constexpr std::array<std::string_view, 18> kReserved = {
      "as", "break", "const", "continue", "else",   "for",       "function", "if",   "import",
      "in", "let",   "loop",  "package",  "return", "namespace", "var",      "void", "while"};
  return std::ranges::find(kReserved, word) != kReserved.end();
}

// A word that may follow a dot; an operator that was spelled is one.
bool is_field_name(const Token& token) {
  return token.kind == TokenKind::kIdentifier || token.kind == TokenKind::kQuotedIdentifier ||
         !token.spelled.empty();
}

const std::string& field_name(const Token& token) {
  return token.spelled.empty() ? token.text : token.spelled;
}

}  // namespace

ExprPtr Parser::number(bool negative) {
  const std::string& text = token_.text;
  const bool hex = text.starts_with("0x") || text.starts_with("0X");
  const char* begin = text.data() + (hex ? 2 : 0);
  const char* end = text.data() + text.size();
  auto node = make_expr(Expr::Kind::kLiteral, token_.offset);
  if (token_.kind == TokenKind::kDouble) {
    const auto value = double_from_text(text);
    if (!value) return fail(token_.offset, "this number does not fit a double");
    node->literal = Value::number(negative ? -*value : *value);
    return node;
  }
  std::uint64_t value = 0;
  const auto [at, error] = std::from_chars(begin, end, value, hex ? 16 : 10);
  if (at != end || begin == end) return fail(token_.offset, "this is not a number");
  constexpr std::uint64_t kMinimum = 1ULL << 63U;
  if (token_.kind == TokenKind::kUint) {
    if (error != std::errc())
      return fail(token_.offset, "this number does not fit an unsigned 64-bit integer");
    node->literal = Value::unsigned_integer(value);
    return node;
  }
  if (error != std::errc() || value > kMinimum || (value == kMinimum && !negative)) {
    return fail(token_.offset, "this number does not fit a signed 64-bit integer");
  }
  node->literal = Value::integer(static_cast<std::int64_t>(negative ? 0 - value : value));
  return node;
}

ExprPtr Parser::negated_number(std::uint32_t offset) {
  auto node = number(true);
  if (node == nullptr) return nullptr;
  node->offset = offset;
  advance();
  while (node != nullptr && (is(".") || is("["))) {
    node = is(".") ? selection(std::move(node)) : subscript(std::move(node));
  }
  return node;
}

ExprPtr Parser::selection(ExprPtr target) {
  advance();
  const bool optional = accept("?");
  if (!is_field_name(token_)) return unexpected("a field name");
  const bool quoted = token_.kind == TokenKind::kQuotedIdentifier;
  auto node = make_expr(Expr::Kind::kSelect, token_.offset);
  node->name = field_name(token_);
  node->optional = optional;
  node->children.push_back(std::move(target));
  advance();
  if (!quoted && !optional && is("(")) {
    node->kind = Expr::Kind::kCall;
    node->member = true;
    return call(std::move(node));
  }
  return finish(std::move(node));
}

ExprPtr Parser::subscript(ExprPtr target) {
  auto node = make_expr(Expr::Kind::kCall, token_.offset);
  advance();
  node->name = accept("?") ? "_[?_]" : "_[_]";
  auto index = expression();
  if (index == nullptr || !expect("]", "after the index")) return nullptr;
  node->children.push_back(std::move(target));
  node->children.push_back(std::move(index));
  return finish(std::move(node));
}

ExprPtr Parser::primary() {
  switch (token_.kind) {
    case TokenKind::kInt:
    case TokenKind::kUint:
    case TokenKind::kDouble: {
      auto node = number(false);
      if (node != nullptr) advance();
      return node;
    }
    case TokenKind::kString:
    case TokenKind::kBytes: {
      auto node = make_expr(Expr::Kind::kLiteral, token_.offset);
      const bool bytes = token_.kind == TokenKind::kBytes;
      node->literal = bytes ? Value::bytes(std::move(token_.text)) : Value::string(std::move(token_.text));
      advance();
      return node;
    }
    case TokenKind::kIdentifier:
      return identifier(false);
    case TokenKind::kOperator:
      return operator_primary();
    default:
      return unexpected("a value");
  }
}

ExprPtr Parser::operator_primary() {
  if (is("(")) return parenthesized();
  if (is("[")) return list();
  if (is("{")) return map();
  if (is(".")) {
    advance();
    if (token_.kind == TokenKind::kIdentifier) return identifier(true);
    return unexpected("a name");
  }
  return unexpected("a value");
}

ExprPtr Parser::identifier(bool absolute) {
  const std::string name = token_.text;
  auto node = make_expr(Expr::Kind::kLiteral, token_.offset);
  if (!absolute && (name == "true" || name == "false" || name == "null")) {
    if (name != "null") node->literal = Value::boolean(name == "true");
    advance();
    return node;
  }
  if (is_reserved(name))
    return fail(token_.offset, "'" + name + "' is a reserved word and cannot be a name here");
  advance();
  node->kind = Expr::Kind::kIdentifier;
  node->name = name;
  node->absolute = absolute;
  if (!is("(")) return node;
  node->kind = Expr::Kind::kCall;
  return call(std::move(node));
}

ExprPtr Parser::parenthesized() {
  advance();
  auto inner = expression();
  if (inner == nullptr || !expect(")", "to close the parenthesis")) return nullptr;
  return inner;
}

ExprPtr Parser::list() {
  auto node = make_expr(Expr::Kind::kList, token_.offset);
  advance();
  while (!is("]")) {
    node->optional_flags.push_back(accept("?"));
    auto element = expression();
    if (element == nullptr) return nullptr;
    node->children.push_back(std::move(element));
    if (!accept(",")) break;
  }
  if (!expect("]", "or ',' in the list")) return nullptr;
  return finish(std::move(node));
}

ExprPtr Parser::map() {
  auto node = make_expr(Expr::Kind::kMap, token_.offset);
  advance();
  while (!is("}")) {
    node->optional_flags.push_back(accept("?"));
    auto key = expression();
    if (key == nullptr || !expect(":", "after the key")) return nullptr;
    auto value = expression();
    if (value == nullptr) return nullptr;
    node->children.push_back(std::move(key));
    node->children.push_back(std::move(value));
    if (!accept(",")) break;
  }
  if (!expect("}", "or ',' in the map")) return nullptr;
  return finish(std::move(node));
}

ExprPtr Parser::object(ExprPtr name) {
  auto node = make_expr(Expr::Kind::kObject, name->offset);
  node->name = qualified_name(*name);
  advance();
  while (!is("}")) {
    accept("?");
    if (!is_field_name(token_)) return unexpected("a field name");
    advance();
    if (!expect(":", "after the field name")) return nullptr;
    auto value = expression();
    if (value == nullptr) return nullptr;
    node->children.push_back(std::move(value));
    if (!accept(",")) break;
  }
  if (!expect("}", "or ',' after the field")) return nullptr;
  return finish(std::move(node));
}

}  // namespace plimsoll::cel
