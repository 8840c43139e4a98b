#include "evaluator.h"

namespace plimsoll::cel {
namespace {

using Kind = Type::Kind;

std::size_t size_of(const Value& range) {
  return range.kind() == Kind::kList ? range.as_list().size() : range.as_map().size();
}

}  // namespace

const Value* Evaluator::fold(const Node& node, Value& scratch) {
  Value held;
  const Value* range = eval(node.children[0], held);
  if (range == nullptr) return nullptr;
  if (range->kind() != Kind::kList && range->kind() != Kind::kMap) {
    return fail("a macro goes through a list or a map, not through " + runtime_type(*range).to_string());
  }
  switch (node.fold) {
    case Expr::Fold::kAll:
    case Expr::Fold::kExists:
    case Expr::Fold::kExistsOne:
      return fold_condition(node, *range, scratch);
    case Expr::Fold::kFilter:
    case Expr::Fold::kMap:
      return fold_list(node, *range, scratch);
    case Expr::Fold::kTransformMap:
    case Expr::Fold::kTransformMapEntry:
      return fold_map(node, *range, scratch);
  }
  return nullptr;
}

bool Evaluator::set_variables(const Node& node, const Value& range, std::size_t i) {
  if (!context_.step()) return false;
  Value* variables = &locals_[node.index];
  if (range.kind() == Kind::kList) {
    if (node.two_variables) {
      variables[0] = Value::integer(static_cast<std::int64_t>(i));
      variables[1] = range.as_list().at(i);
    } else {
      variables[0] = range.as_list().at(i);
    }
    return true;
  }
  variables[0] = range.as_map().key(i);
  if (node.two_variables) variables[1] = range.as_map().find(variables[0]).value_or(Value());
  return true;
}

// The filter of a macro that has one.
bool Evaluator::passes(const Node& node, bool& out) {
  out = true;
  if (node.children.size() < 3) return true;
  Value held;
  const Value* v = eval(node.children[2], held);
  if (v == nullptr) return false;
  if (v->kind() != Kind::kBool) return context_.no_overload("?:", Args(&v, 1));
  out = v->as_bool();
  return true;
}

// all and exists forgive failures as && and || do; exists_one does not.
const Value* Evaluator::fold_condition(const Node& node, const Value& range, Value& scratch) {
  const bool decisive = node.fold == Expr::Fold::kExists;
  const bool counting = node.fold == Expr::Fold::kExistsOne;
  std::size_t matches = 0;
  bool failed = false;
  Error first;
  const std::size_t size = size_of(range);
  for (std::size_t i = 0; i < size; ++i) {
    if (!set_variables(node, range, i)) return nullptr;
    Value held;
    const Value* v = eval(node.children[1], held);
    if (context_.limit_passed()) return nullptr;
    if (v != nullptr && v->kind() == Kind::kBool) {
      if (counting) {
        matches += v->as_bool() ? 1 : 0;
      } else if (v->as_bool() == decisive) {
        return boolean(decisive, scratch);
      }
      continue;
    }
    if (v != nullptr) context_.no_overload(decisive ? "||" : "&&", Args(&v, 1));
    if (counting) return nullptr;
    if (!failed) first = context_.take_error();
    failed = true;
  }
  if (counting) return boolean(matches == 1, scratch);
  if (!failed) return boolean(!decisive, scratch);
  context_.put_error(std::move(first));
  return nullptr;
}

const Value* Evaluator::fold_list(const Node& node, const Value& range, Value& scratch) {
  std::vector<Value> out;
  const std::size_t size = size_of(range);
  for (std::size_t i = 0; i < size; ++i) {
    bool wanted = false;
    if (!set_variables(node, range, i) || !passes(node, wanted)) return nullptr;
    if (!wanted) continue;
    Value held;
    const Value* v = eval(node.children[1], held);
    if (v == nullptr) return nullptr;
    if (node.fold == Expr::Fold::kFilter) {
      if (v->kind() != Kind::kBool) {
        context_.no_overload("filter", Args(&v, 1));
        return nullptr;
      }
      if (!v->as_bool()) continue;
      v = &locals_[node.index];
    }
    if (!context_.charge(sizeof(Value))) return nullptr;
    out.push_back(*v);
  }
  scratch = Value::list(std::move(out));
  return &scratch;
}

const Value* Evaluator::fold_map(const Node& node, const Value& range, Value& scratch) {
  std::vector<std::pair<Value, Value>> entries;
  const std::size_t size = size_of(range);
  for (std::size_t i = 0; i < size; ++i) {
    bool wanted = false;
    if (!set_variables(node, range, i) || !passes(node, wanted)) return nullptr;
    if (!wanted) continue;
    Value held;
    const Value* v = eval(node.children[1], held);
    if (v == nullptr || !context_.charge(2 * sizeof(Value))) return nullptr;
    if (node.fold == Expr::Fold::kTransformMap) {
      entries.emplace_back(locals_[node.index], *v);
      continue;
    }
    if (v->kind() != Kind::kMap || v->as_map().size() != 1) {
      return fail("transformMapEntry needs a map with one entry");
    }
    const Value key = v->as_map().key(0);
    entries.emplace_back(key, v->as_map().find(key).value_or(Value()));
  }
  return build_map(context_, std::move(entries), scratch) ? &scratch : nullptr;
}

// The body may come back as the very local that the next binding reuses, so the result is copied out.
const Value* Evaluator::bind(const Node& node, Value& scratch) {
  Value held;
  const Value* v = eval(node.children[0], held);
  if (v == nullptr) return nullptr;
  locals_[node.index] = *v;
  Value body;
  const Value* result = eval(node.children[1], body);
  if (result == nullptr) return nullptr;
  scratch = *result;
  return &scratch;
}

const Value* Evaluator::optional_map(const Node& node, Value& scratch) {
  Value held;
  const Value* target = eval(node.children[0], held);
  if (target == nullptr) return nullptr;
  if (target->kind() != Kind::kOptional) {
    context_.no_overload("optMap", Args(&target, 1));
    return nullptr;
  }
  scratch = Value::none();
  if (target->as_optional() == nullptr) return &scratch;
  locals_[node.index] = *target->as_optional();
  Value body;
  const Value* result = eval(node.children[1], body);
  if (result == nullptr || !context_.charge(sizeof(Value))) return nullptr;
  if (!node.flat) {
    scratch = Value::optional_of(*result);
    return &scratch;
  }
  if (result->kind() != Kind::kOptional) return fail("optFlatMap needs an optional value");
  scratch = *result;
  return &scratch;
}

}  // namespace plimsoll::cel
