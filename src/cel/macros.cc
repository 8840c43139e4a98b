#include <algorithm>
#include <array>
#include <utility>

#include "parser.h"

namespace plimsoll::cel {
namespace {

struct FoldMacro {
  std::string_view name;
  std::size_t variables;
  bool filter;  // there is a condition between the variables and the result
  Expr::Fold fold;
};

constexpr std::array<FoldMacro, 16> kFolds = {
    {{"all", 1, false, Expr::Fold::kAll},
     {"all", 2, false, Expr::Fold::kAll},
     {"exists", 1, false, Expr::Fold::kExists},
     {"exists", 2, false, Expr::Fold::kExists},
     {"exists_one", 1, false, Expr::Fold::kExistsOne},
     {"exists_one", 2, false, Expr::Fold::kExistsOne},
     {"existsOne", 1, false, Expr::Fold::kExistsOne},
     {"existsOne", 2, false, Expr::Fold::kExistsOne},
     {"filter", 1, false, Expr::Fold::kFilter},
     {"map", 1, false, Expr::Fold::kMap},
     {"transformList", 2, false, Expr::Fold::kMap},
     {"transformList", 2, true, Expr::Fold::kMap},
     {"transformMap", 2, false, Expr::Fold::kTransformMap},
     {"transformMap", 2, true, Expr::Fold::kTransformMap},
     {"transformMapEntry", 2, false, Expr::Fold::kTransformMapEntry},
     {"transformMapEntry", 2, true, Expr::Fold::kTransformMapEntry}}};

constexpr FoldMacro kFilteredMap = {"map", 1, true, Expr::Fold::kMap};

std::string_view usage(std::string_view name) {
  if (name == "map") return "map(x, result) or map(x, condition, result)";
  if (name == "filter") return "filter(x, condition)";
  if (name == "all" || name == "exists" || name == "exists_one" || name == "existsOne") {
    return "(x, condition) or (key, value, condition)";
  }
  return "(key, value, result) or (key, value, condition, result)";
}

const FoldMacro* find_fold(std::string_view name, std::size_t arguments) {
  if (name == "map" && arguments == 3) return &kFilteredMap;
  for (const auto& macro : kFolds) {
    const std::size_t wanted = macro.variables + (macro.filter ? 2 : 1);
    if (macro.name == name && wanted == arguments) return &macro;
  }
  return nullptr;
}

bool is_fold_name(std::string_view name) {
  return std::ranges::find(kFolds, name, &FoldMacro::name) != kFolds.end();
}

// The name of a variable that a macro declares.
bool take_variable(Expr& node, const Expr& argument, Issues& issues) {
  if (argument.kind != Expr::Kind::kIdentifier || argument.absolute) {
    issues.add(argument.offset, "a macro needs a simple variable name here");
    return false;
  }
  if (std::ranges::find(node.variables, argument.name) != node.variables.end()) {
    issues.add(argument.offset, "the two variables of a macro need different names");
    return false;
  }
  node.variables.push_back(argument.name);
  return true;
}

ExprPtr expand_fold(ExprPtr call, const FoldMacro& macro, Issues& issues) {
  auto node = make_expr(Expr::Kind::kComprehension, call->offset);
  node->fold = macro.fold;
  node->name = call->name;
  for (std::size_t i = 0; i < macro.variables; ++i) {
    if (!take_variable(*node, *call->children[1 + i], issues)) return nullptr;
  }
  node->children.push_back(std::move(call->children[0]));
  node->children.push_back(std::move(call->children.back()));
  if (macro.filter) node->children.push_back(std::move(call->children[1 + macro.variables]));
  return node;
}

ExprPtr expand_has(ExprPtr call, Issues& issues) {
  Expr& argument = *call->children[0];
  if (argument.kind != Expr::Kind::kSelect || argument.optional) {
    issues.add(call->offset, "has() asks about a field: write has(value.field)");
    return nullptr;
  }
  argument.kind = Expr::Kind::kHas;
  return std::move(call->children[0]);
}

ExprPtr expand_bind(ExprPtr call, Issues& issues) {
  auto node = make_expr(Expr::Kind::kBind, call->offset);
  if (!take_variable(*node, *call->children[1], issues)) return nullptr;
  node->children.push_back(std::move(call->children[2]));
  node->children.push_back(std::move(call->children[3]));
  return node;
}

ExprPtr expand_optional_map(ExprPtr call, Issues& issues) {
  auto node = make_expr(Expr::Kind::kOptionalMap, call->offset);
  node->flat = call->name == "optFlatMap";
  if (!take_variable(*node, *call->children[1], issues)) return nullptr;
  node->children.push_back(std::move(call->children[0]));
  node->children.push_back(std::move(call->children[2]));
  return node;
}

bool is_name(const Expr& e, std::string_view name) {
  return e.kind == Expr::Kind::kIdentifier && e.name == name;
}

// math.greatest(a, b, c) is math.greatest([a, b, c]).
ExprPtr expand_extreme(ExprPtr call) {
  auto list = make_expr(Expr::Kind::kList, call->offset);
  for (std::size_t i = 1; i < call->children.size(); ++i) {
    list->depth = std::max(list->depth, call->children[i]->depth + 1);
    list->children.push_back(std::move(call->children[i]));
  }
  list->optional_flags.assign(list->children.size(), false);
  call->children.resize(1);
  call->children.push_back(std::move(list));
  return call;
}

}  // namespace

ExprPtr expand_macro(ExprPtr call, Issues& issues) {
  const std::string& name = call->name;
  if (!call->member) {
    if (name == "has" && call->children.size() == 1) return expand_has(std::move(call), issues);
    return call;
  }
  const std::size_t arguments = call->children.size() - 1;
  if (const FoldMacro* fold = find_fold(name, arguments)) return expand_fold(std::move(call), *fold, issues);
  if (is_fold_name(name)) {
    issues.add(call->offset, "'" + name + "' is written " + std::string(usage(name)));
    return nullptr;
  }
  if (is_name(*call->children[0], "cel") && name == "bind" && arguments == 3) {
    return expand_bind(std::move(call), issues);
  }
  if ((name == "optMap" || name == "optFlatMap") && arguments == 2) {
    return expand_optional_map(std::move(call), issues);
  }
  const bool extreme = name == "greatest" || name == "least";
  if (extreme && arguments > 2 && is_name(*call->children[0], "math")) return expand_extreme(std::move(call));
  return call;
}

}  // namespace plimsoll::cel
