#include <algorithm>
#include <optional>
#include <utility>

#include "checker.h"

namespace plimsoll::cel {
namespace {

using Kind = Type::Kind;

// Variables that exist while this does.
template <class Stack>
class Scope {
 public:
  Scope(Stack& stack, std::size_t& most) : stack_(stack), most_(most), size_(stack.size()) {}
  Scope(const Scope&) = delete;
  Scope& operator=(const Scope&) = delete;
  ~Scope() { stack_.resize(size_, {{}, Type::dyn()}); }

  void add(const std::string& name, Type type) {
    stack_.push_back({name, std::move(type)});
    most_ = std::max(most_, stack_.size());
  }
  std::uint32_t first() const { return static_cast<std::uint32_t>(size_); }

 private:
  Stack& stack_;
  std::size_t& most_;
  std::size_t size_;
};

}  // namespace

// What the variables of a macro over `range` are: key or index, and value.
std::pair<Type, Type> Checker::iteration_types(const Expr& e, const Type& range) {
  switch (range.kind()) {
    case Kind::kList:
      return {Type::integer(), range.parameters()[0]};
    case Kind::kMap:
      return {range.parameters()[0], range.parameters()[1]};
    case Kind::kParameter:
      inference_.assignable(Type::dyn(), range);
      return {Type::dyn(), Type::dyn()};
    case Kind::kDyn:
      return {Type::dyn(), Type::dyn()};
    default:
      problem(e.offset, "'" + e.name + "' goes through a list or a map, not through " + range.to_string());
      return {Type::dyn(), Type::dyn()};
  }
}

Type Checker::fold_result(const Expr& e, const Type& range, const Type& first, const Type& body) {
  switch (e.fold) {
    case Expr::Fold::kAll:
    case Expr::Fold::kExists:
    case Expr::Fold::kExistsOne:
      require_bool(*e.children[1], body, "'" + e.name + "'");
      return Type::boolean();
    case Expr::Fold::kFilter:
      require_bool(*e.children[1], body, "'" + e.name + "'");
      return Type::list(first);
    case Expr::Fold::kMap:
      return Type::list(body);
    case Expr::Fold::kTransformMap: {
      const bool from_list = range.kind() == Kind::kList;
      return Type::map(from_list ? Type::integer() : first, body);
    }
    case Expr::Fold::kTransformMapEntry:
      break;
  }
  Type entry = Type::map(inference_.fresh(), inference_.fresh());
  if (inference_.assignable(body, entry)) return entry;
  problem(e.children[1]->offset, "'" + e.name + "' needs a map with one entry here, not " + body.to_string());
  return Type::dyn();
}

Typed Checker::fold(const Expr& e) {
  Typed range = check(*e.children[0]);
  const auto [key, value] = iteration_types(e, range.type);
  const bool two = e.variables.size() == 2;

  Scope scope(locals_, most_locals_);
  const Type& only = range.type.kind() == Kind::kMap ? key : value;
  scope.add(e.variables[0], two ? key : only);
  if (two) scope.add(e.variables[1], value);

  Node node;
  node.op = Node::Op::kFold;
  node.fold = e.fold;
  node.two_variables = two;
  node.index = scope.first();
  node.children.push_back(std::move(range.node));
  std::optional<Typed> filter;
  if (e.children.size() == 3) {
    filter = check(*e.children[2]);
    require_bool(*e.children[2], filter->type, "the condition of '" + e.name + "'");
  }
  Typed body = check(*e.children[1]);
  node.children.push_back(std::move(body.node));
  if (filter) node.children.push_back(std::move(filter->node));
  return {fold_result(e, range.type, two ? key : only, body.type), std::move(node)};
}

Typed Checker::bind(const Expr& e) {
  Typed value = check(*e.children[0]);
  Scope scope(locals_, most_locals_);
  scope.add(e.variables[0], value.type);
  Typed body = check(*e.children[1]);

  Node node;
  node.op = Node::Op::kBind;
  node.index = scope.first();
  node.children.push_back(std::move(value.node));
  node.children.push_back(std::move(body.node));
  return {std::move(body.type), std::move(node)};
}

Typed Checker::optional_map(const Expr& e) {
  Typed target = check(*e.children[0]);
  Type held = Type::dyn();
  if (target.type.kind() != Kind::kDyn) {
    held = inference_.fresh();
    if (!inference_.assignable(target.type, Type::optional(held))) {
      problem(e.offset, "optMap and optFlatMap need an optional value, not " + target.type.to_string());
    }
  }
  Scope scope(locals_, most_locals_);
  scope.add(e.variables[0], inference_.resolve(held));
  Typed body = check(*e.children[1]);
  Type type = Type::optional(e.flat ? unwrap_optional(*e.children[1], body.type) : body.type);

  Node node;
  node.op = Node::Op::kOptionalMap;
  node.flat = e.flat;
  node.index = scope.first();
  node.children.push_back(std::move(target.node));
  node.children.push_back(std::move(body.node));
  return {std::move(type), std::move(node)};
}

}  // namespace plimsoll::cel
