// Text to tree.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "ast.h"
#include "issue.h"
#include "lexer.h"

namespace plimsoll::cel {

// Recursive descent; neither the recursion nor the tree is deeper than `max_depth`. Stops at the first
// thing it does not understand: nullptr, and the reason in `issues`.
class Parser {
 public:
  Parser(std::string_view source, bool spelled_operators, std::size_t max_depth, Issues& issues);
  ExprPtr parse();

 private:
  ExprPtr expression();
  ExprPtr chain(Expr::Kind kind, std::string_view op, ExprPtr (Parser::*operand)());
  ExprPtr disjunction();
  ExprPtr conjunction();
  ExprPtr binary(int precedence);
  ExprPtr relation();
  ExprPtr unary();
  ExprPtr negated_number(std::uint32_t offset);
  ExprPtr postfix();
  ExprPtr selection(ExprPtr target);
  ExprPtr subscript(ExprPtr target);
  ExprPtr call(ExprPtr node);
  ExprPtr primary();
  ExprPtr operator_primary();
  ExprPtr identifier(bool absolute);
  ExprPtr parenthesized();
  ExprPtr list();
  ExprPtr map();
  ExprPtr object(ExprPtr name);
  ExprPtr number(bool negative);

  bool is(std::string_view op) const;
  bool accept(std::string_view op);
  bool expect(std::string_view op, std::string_view why);
  void advance();
  ExprPtr fail(std::uint32_t offset, std::string message);
  ExprPtr unexpected(std::string_view wanted);
  ExprPtr finish(ExprPtr node);
  bool arguments(std::vector<ExprPtr>& out, std::string_view close);

  Lexer lexer_;
  Token token_;
  std::size_t max_depth_;
  std::size_t depth_ = 0;
  Issues& issues_;
};

// A node without children.
ExprPtr make_expr(Expr::Kind kind, std::uint32_t offset);

// "a.b.c" when the expression is nothing but names and dots, else empty.
std::string qualified_name(const Expr& e);

// A call whose name and shape are a macro's becomes what it stands for; any other call comes back as it was.
// nullptr, and the reason in `issues`, for a macro used wrongly.
ExprPtr expand_macro(ExprPtr call, Issues& issues);

}  // namespace plimsoll::cel
