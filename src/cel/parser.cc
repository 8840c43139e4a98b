#include "parser.h"

#include <algorithm>
#include <array>
#include <utility>

namespace plimsoll::cel {
namespace {

struct Infix {
  std::string_view symbol;
  int precedence;
  std::string_view name;
};

constexpr int kRelation = 1;

constexpr std::array<Infix, 12> kInfix = {{{"==", kRelation, "_==_"},
                                           {"!=", kRelation, "_!=_"},
                                           {"<", kRelation, "_<_"},
                                           {"<=", kRelation, "_<=_"},
                                           {">", kRelation, "_>_"},
                                           {">=", kRelation, "_>=_"},
                                           {"in", kRelation, "_in_"},
                                           {"+", 2, "_+_"},
                                           {"-", 2, "_-_"},
                                           {"*", 3, "_*_"},
                                           {"/", 3, "_/_"},
                                           {"%", 3, "_%_"}}};

const Infix* infix_for(const Token& token) {
  if (token.kind != TokenKind::kOperator && !(token.kind == TokenKind::kIdentifier && token.text == "in")) {
    return nullptr;
  }
  const auto* found = std::ranges::find(kInfix, token.text, &Infix::symbol);
  return found == kInfix.end() ? nullptr : found;
}

std::string describe(const Token& token) {
  switch (token.kind) {
    case TokenKind::kEnd:
      return "the end of the expression";
    case TokenKind::kString:
      return "a text literal";
    case TokenKind::kBytes:
      return "a bytes literal";
    default:
      return "'" + (token.spelled.empty() ? token.text.substr(0, 40) : token.spelled) + "'";
  }
}

}  // namespace

ExprPtr make_expr(Expr::Kind kind, std::uint32_t offset) {
  auto out = std::make_unique<Expr>();
  out->kind = kind;
  out->offset = offset;
  return out;
}

std::string qualified_name(const Expr& e) {
  if (e.kind == Expr::Kind::kIdentifier) return e.name;
  if (e.kind != Expr::Kind::kSelect || e.optional) return {};
  std::string prefix = qualified_name(*e.children[0]);
  return prefix.empty() ? prefix : prefix + "." + e.name;
}

Parser::Parser(std::string_view source, bool spelled_operators, std::size_t max_depth, Issues& issues)
    : lexer_(source, spelled_operators), max_depth_(max_depth), issues_(issues) {
  advance();
}

ExprPtr Parser::parse() {
  if (token_.kind == TokenKind::kEnd) return fail(0, "the expression is empty");
  auto out = expression();
  if (out == nullptr) return nullptr;
  if (token_.kind != TokenKind::kEnd) return unexpected("an operator or the end of the expression");
  return out;
}

void Parser::advance() {
  token_ = lexer_.next();
}

bool Parser::is(std::string_view op) const {
  return token_.kind == TokenKind::kOperator && token_.text == op;
}

bool Parser::accept(std::string_view op) {
  if (!is(op)) return false;
  advance();
  return true;
}

bool Parser::expect(std::string_view op, std::string_view why) {
  if (accept(op)) return true;
  unexpected("'" + std::string(op) + "' " + std::string(why));
  return false;
}

ExprPtr Parser::fail(std::uint32_t offset, std::string message) {
  if (issues_.empty()) issues_.add(offset, std::move(message));
  return nullptr;
}

ExprPtr Parser::unexpected(std::string_view wanted) {
  if (token_.kind == TokenKind::kError) return fail(token_.offset, token_.text);
  return fail(token_.offset, "found " + describe(token_) + " where " + std::string(wanted) + " should be");
}

ExprPtr Parser::finish(ExprPtr node) {
  if (node == nullptr) return nullptr;
  std::uint32_t below = 0;
  for (const auto& child : node->children) below = std::max(below, child->depth);
  node->depth = below + 1;
  if (node->depth > max_depth_) {
    return fail(node->offset, "nested too deeply: more than " + std::to_string(max_depth_) + " levels");
  }
  return node;
}

ExprPtr Parser::expression() {
  if (depth_ >= max_depth_) {
    return fail(token_.offset, "nested too deeply: more than " + std::to_string(max_depth_) + " levels");
  }
  ++depth_;
  auto condition = disjunction();
  if (condition != nullptr && is("?")) {
    auto node = make_expr(Expr::Kind::kConditional, token_.offset);
    advance();
    auto yes = disjunction();
    if (yes == nullptr || !expect(":", "between the two results of '?'")) return nullptr;
    auto no = expression();
    if (no == nullptr) return nullptr;
    node->children.push_back(std::move(condition));
    node->children.push_back(std::move(yes));
    node->children.push_back(std::move(no));
    condition = finish(std::move(node));
  }
  --depth_;
  return condition;
}

// a op b op c … as one node, so that a long chain is not a deep tree.
ExprPtr Parser::chain(Expr::Kind kind, std::string_view op, ExprPtr (Parser::*operand)()) {
  auto first = (this->*operand)();
  if (first == nullptr || !is(op)) return first;
  auto node = make_expr(kind, token_.offset);
  node->children.push_back(std::move(first));
  while (accept(op)) {
    auto next = (this->*operand)();
    if (next == nullptr) return nullptr;
    node->children.push_back(std::move(next));
  }
  return finish(std::move(node));
}

ExprPtr Parser::disjunction() {
  return chain(Expr::Kind::kOr, "||", &Parser::conjunction);
}
ExprPtr Parser::conjunction() {
  return chain(Expr::Kind::kAnd, "&&", &Parser::relation);
}
ExprPtr Parser::relation() {
  return binary(kRelation);
}

ExprPtr Parser::binary(int precedence) {
  auto left = unary();
  while (left != nullptr) {
    const Infix* infix = infix_for(token_);
    if (infix == nullptr || infix->precedence < precedence) return left;
    auto node = make_expr(Expr::Kind::kCall, token_.offset);
    node->name = infix->name;
    advance();
    auto right = binary(infix->precedence + 1);
    if (right == nullptr) return nullptr;
    node->children.push_back(std::move(left));
    node->children.push_back(std::move(right));
    left = finish(std::move(node));
  }
  return left;
}

ExprPtr Parser::unary() {
  const bool negation = is("-");
  if (!negation && !is("!")) return postfix();
  if (depth_ >= max_depth_) {
    return fail(token_.offset, "nested too deeply: more than " + std::to_string(max_depth_) + " levels");
  }
  auto node = make_expr(Expr::Kind::kCall, token_.offset);
  node->name = negation ? "-_" : "!_";
  advance();
  if (negation && (token_.kind == TokenKind::kInt || token_.kind == TokenKind::kDouble)) {
    return negated_number(node->offset);
  }
  ++depth_;
  auto operand = unary();
  --depth_;
  if (operand == nullptr) return nullptr;
  node->children.push_back(std::move(operand));
  return finish(std::move(node));
}

ExprPtr Parser::postfix() {
  auto node = primary();
  while (node != nullptr) {
    if (is(".")) {
      node = selection(std::move(node));
    } else if (is("[")) {
      node = subscript(std::move(node));
    } else if (is("{") && !qualified_name(*node).empty()) {
      node = object(std::move(node));
    } else {
      return node;
    }
  }
  return node;
}

bool Parser::arguments(std::vector<ExprPtr>& out, std::string_view close) {
  advance();
  while (!is(close)) {
    auto argument = expression();
    if (argument == nullptr) return false;
    out.push_back(std::move(argument));
    if (!accept(",")) break;
  }
  return expect(close, "or ','");
}

ExprPtr Parser::call(ExprPtr node) {
  if (!arguments(node->children, ")")) return nullptr;
  return finish(expand_macro(std::move(node), issues_));
}

}  // namespace plimsoll::cel
