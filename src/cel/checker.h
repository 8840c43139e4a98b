// Names, types and overloads: from a parsed expression to a compiled one.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "ast.h"
#include "cel/cel.h"
#include "infer.h"
#include "issue.h"
#include "node.h"

namespace plimsoll::cel {

struct Typed {
  Type type;
  Node node;
};

// Goes on after a problem, with dyn in place of what is unknown, so that one run finds them all. Unchecked,
// every type is dyn and what cannot be resolved fails when it is evaluated.
class Checker {
 public:
  Checker(const Environment& environment, bool checked, Issues& issues);

  // The compiled expression and its type, which has no parameters left.
  Typed run(const Expr& e);

  std::size_t locals() const { return most_locals_; }

 private:
  struct Local {
    std::string name;
    Type type;
  };
  using Candidates = std::vector<std::string>;

  Typed check(const Expr& e);
  Typed dispatch(const Expr& e);
  Typed literal(const Expr& e);
  Typed identifier(const Expr& e);
  Typed select(const Expr& e);
  Typed conditional(const Expr& e);
  Typed logical(const Expr& e);
  Typed list(const Expr& e);
  Typed map(const Expr& e);
  Typed object(const Expr& e);

  Typed call(const Expr& e);
  Typed call_overloads(const Expr& e, const std::string& name, const std::vector<Overload>& overloads,
                       const Function* function, std::size_t first_argument);
  std::optional<Type> resolve_overload(const std::vector<Overload>& overloads,
                                       const std::vector<Type>& arguments);
  Typed no_overload(const Expr& e, std::string_view name, const std::vector<Type>& arguments);
  Typed unknown_function(const Expr& e);
  void specialize(Node& node, const Expr& e);

  Typed fold(const Expr& e);
  Type fold_result(const Expr& e, const Type& range, const Type& first, const Type& body);
  std::pair<Type, Type> iteration_types(const Expr& e, const Type& range);
  Typed bind(const Expr& e);
  Typed optional_map(const Expr& e);

  std::optional<Typed> resolve_name(const std::string& name, bool absolute);
  Candidates in_container(const std::string& name, bool absolute) const;
  const Local* find_local(std::string_view name, std::size_t& slot) const;
  bool names_a_local(const Expr& e) const;
  Type field_type(const Expr& e, const Type& target, std::optional<std::size_t>& index);
  Type unwrap_optional(const Expr& e, const Type& type);
  void require_bool(const Expr& e, const Type& type, std::string_view where);
  bool wants_suggestions() const { return checked_ && issues_.size() < Issues::kMost; }
  Typed problem(std::uint32_t offset, std::string message);

  const Environment& environment_;
  bool checked_;
  Issues& issues_;
  Inference inference_;
  std::unordered_map<std::string_view, std::size_t> variables_;
  std::vector<Local> locals_;
  std::size_t most_locals_ = 0;
  std::size_t patterns_ = 0;

  // Each may take megabytes.
  static constexpr std::size_t kMostPatterns = 64;
};

// Computes what needs no variables.
void fold_constants(Node& node);

}  // namespace plimsoll::cel
