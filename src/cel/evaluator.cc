#include "evaluator.h"

#include <algorithm>
#include <numeric>
#include <utility>
#include <vector>

namespace plimsoll::cel {
namespace {

using Kind = Type::Kind;
using Op = Node::Op;

}  // namespace

const Value* Evaluator::eval(const Node& node, Value& scratch) {
  if (!context_.step()) return nullptr;
  switch (node.op) {
    case Op::kConstant:
      return &node.constant;
    case Op::kVariable:
      scratch = activation_.get(node.index);
      return &scratch;
    case Op::kLocal:
      return &locals_[node.index];
    case Op::kField:
      return field(node, scratch);
    case Op::kHasField:
      return has_field(node, scratch);
    case Op::kSelect:
    case Op::kMaybeSelect:
      return select(node, scratch);
    case Op::kHas:
      return has(node, scratch);
    case Op::kAnd:
    case Op::kOr:
      return logical(node, scratch);
    case Op::kConditional:
      return conditional(node, scratch);
    case Op::kList:
      return list(node, scratch);
    case Op::kMap:
      return map(node, scratch);
    case Op::kCall:
      return call_any(node, scratch);
    case Op::kMatch:
      return match(node, scratch);
    case Op::kInZone:
      return in_zone(node, scratch);
    case Op::kOptionalOr:
    case Op::kOptionalElse:
      return optional_or(node, scratch);
    case Op::kFold:
      return fold(node, scratch);
    case Op::kBind:
      return bind(node, scratch);
    case Op::kOptionalMap:
      return optional_map(node, scratch);
    case Op::kError:
      return fail(node.name);
  }
  return fail("this cannot be evaluated");
}

const Value* Evaluator::fail(std::string message) {
  context_.fail(std::move(message));
  return nullptr;
}

const Value* Evaluator::boolean(bool v, Value& scratch) {
  scratch = Value::boolean(v);
  return &scratch;
}

// false decides &&, true decides ||, in whatever order they come and whatever else fails.
const Value* Evaluator::logical(const Node& node, Value& scratch) {
  const bool decisive = node.op == Op::kOr;
  bool failed = false;
  Error first;
  for (const Node& child : node.children) {
    Value operand;
    const Value* v = eval(child, operand);
    if (context_.limit_passed()) return nullptr;
    if (v != nullptr && v->kind() == Kind::kBool) {
      if (v->as_bool() == decisive) return boolean(decisive, scratch);
      continue;
    }
    if (v != nullptr) context_.no_overload(decisive ? "||" : "&&", Args(&v, 1));
    if (!failed) first = context_.take_error();
    failed = true;
  }
  if (!failed) return boolean(!decisive, scratch);
  context_.put_error(std::move(first));
  return nullptr;
}

const Value* Evaluator::conditional(const Node& node, Value& scratch) {
  Value condition;
  const Value* v = eval(node.children[0], condition);
  if (v == nullptr) return nullptr;
  if (v->kind() != Kind::kBool) {
    context_.no_overload("?:", Args(&v, 1));
    return nullptr;
  }
  return eval(node.children[v->as_bool() ? 1 : 2], scratch);
}

const Value* Evaluator::field(const Node& node, Value& scratch) {
  Value held;
  const Value* target = eval(node.children[0], held);
  if (target == nullptr) return nullptr;
  if (target->kind() == Kind::kObject && target->as_object().type_name() == node.type_name) {
    scratch = target->as_object().field(node.index);
    return &scratch;
  }
  return select_from(node, *target, scratch);
}

const Value* Evaluator::has_field(const Node& node, Value& scratch) {
  Value held;
  const Value* target = eval(node.children[0], held);
  if (target == nullptr) return nullptr;
  if (target->kind() == Kind::kObject && target->as_object().type_name() == node.type_name) {
    return boolean(target->as_object().has(node.index), scratch);
  }
  Value ignored;
  const Found found = select_field(context_, types_, *target, node.name, true, ignored);
  return found == Found::kFailed ? nullptr : boolean(found == Found::kYes, scratch);
}

const Value* Evaluator::select(const Node& node, Value& scratch) {
  Value held;
  const Value* target = eval(node.children[0], held);
  if (target == nullptr) return nullptr;
  if (node.op == Op::kMaybeSelect) return maybe_select(node, *target, scratch);
  return select_from(node, *target, scratch);
}

const Value* Evaluator::select_from(const Node& node, const Value& target, Value& scratch) {
  if (target.kind() == Kind::kOptional) return maybe_select(node, target, scratch);
  switch (select_field(context_, types_, target, node.name, false, scratch)) {
    case Found::kYes:
      return &scratch;
    case Found::kNo:
      return fail("no such key: '" + node.name + "'");
    case Found::kFailed:
      break;
  }
  return nullptr;
}

// Through an optional, or with .?, what is not there is none.
const Value* Evaluator::maybe_select(const Node& node, const Value& target, Value& scratch) {
  const Value* inner = target.kind() == Kind::kOptional ? target.as_optional() : &target;
  scratch = Value::none();
  if (inner == nullptr) return &scratch;
  Value found;
  const Found result = select_field(context_, types_, *inner, node.name, true, found);
  if (result == Found::kFailed) return nullptr;
  if (result == Found::kYes) scratch = Value::optional_of(std::move(found));
  return context_.charge(sizeof(Value)) ? &scratch : nullptr;
}

const Value* Evaluator::has(const Node& node, Value& scratch) {
  Value held;
  const Value* target = eval(node.children[0], held);
  if (target == nullptr) return nullptr;
  if (target->kind() == Kind::kOptional) {
    target = target->as_optional();
    if (target == nullptr) return boolean(false, scratch);
  }
  Value ignored;
  const Found found = select_field(context_, types_, *target, node.name, true, ignored);
  return found == Found::kFailed ? nullptr : boolean(found == Found::kYes, scratch);
}

const Value* Evaluator::list(const Node& node, Value& scratch) {
  if (!context_.charge(node.children.size() * sizeof(Value))) return nullptr;
  std::vector<Value> elements;
  elements.reserve(node.children.size());
  for (std::size_t i = 0; i < node.children.size(); ++i) {
    Value held;
    const Value* v = eval(node.children[i], held);
    if (v == nullptr) return nullptr;
    if (node.optional_flags.empty() || !node.optional_flags[i]) {
      elements.push_back(*v);
      continue;
    }
    if (v->kind() != Kind::kOptional) return fail("'?' needs an optional value in a list");
    if (v->as_optional() != nullptr) elements.push_back(*v->as_optional());
  }
  scratch = Value::list(std::move(elements));
  return &scratch;
}

const Value* Evaluator::map(const Node& node, Value& scratch) {
  if (!context_.charge(node.children.size() * sizeof(Value))) return nullptr;
  std::vector<std::pair<Value, Value>> entries;
  for (std::size_t i = 0; i < node.children.size(); i += 2) {
    Value held_key;
    Value held;
    const Value* key = eval(node.children[i], held_key);
    if (key == nullptr) return nullptr;
    const Value* v = eval(node.children[i + 1], held);
    if (v == nullptr) return nullptr;
    if (!node.optional_flags.empty() && node.optional_flags[i / 2]) {
      if (v->kind() != Kind::kOptional) return fail("'?' needs an optional value in a map");
      v = v->as_optional();
      if (v == nullptr) continue;
    }
    entries.emplace_back(*key, *v);
  }
  return build_map(context_, std::move(entries), scratch) ? &scratch : nullptr;
}

bool build_map(Context& context, std::vector<std::pair<Value, Value>> entries, Value& out) {
  for (const auto& [key, value] : entries) {
    const Kind kind = key.kind();
    if (kind != Kind::kBool && kind != Kind::kInt && kind != Kind::kUint && kind != Kind::kString) {
      return context.fail("a map key must be a bool, int, uint or string, not " +
                          runtime_type(key).to_string());
    }
  }
  std::vector<std::size_t> order(entries.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::ranges::sort(order, [&](std::size_t a, std::size_t b) {
    return compare_keys(entries[a].first, entries[b].first) < 0;
  });
  for (std::size_t i = 1; i < order.size(); ++i) {
    const Value& key = entries[order[i]].first;
    if (compare_keys(entries[order[i - 1]].first, key) == 0) {
      return context.fail("the key " + key.to_string(60) + " is in the map twice");
    }
  }
  out = Value::map(std::move(entries));
  return true;
}

template <std::size_t N>
const Value* Evaluator::call(const Node& node, Value& scratch) {
  Value held[N == 0 ? 1 : N];
  const Value* arguments[N == 0 ? 1 : N] = {};
  for (std::size_t i = 0; i < N; ++i) {
    arguments[i] = eval(node.children[i], held[i]);
    if (arguments[i] == nullptr) return nullptr;
  }
  const Args args(arguments, N);
  switch (node.function->implementation(context_, args, scratch)) {
    case Outcome::kDone:
      return &scratch;
    case Outcome::kFailed:
      return nullptr;
    case Outcome::kNoOverload:
      break;
  }
  context_.no_overload(node.function->name, args);
  return nullptr;
}

const Value* Evaluator::call_any(const Node& node, Value& scratch) {
  switch (node.children.size()) {
    case 0:
      return call<0>(node, scratch);
    case 1:
      return call<1>(node, scratch);
    case 2:
      return call<2>(node, scratch);
    case 3:
      return call<3>(node, scratch);
    case 4:
      return call<4>(node, scratch);
    default:
      return fail("no function takes so many arguments");
  }
}

const Value* Evaluator::match(const Node& node, Value& scratch) {
  Value held;
  const Value* text = eval(node.children[0], held);
  if (text == nullptr) return nullptr;
  if (text->kind() != Kind::kString) {
    context_.no_overload("matches", Args(&text, 1));
    return nullptr;
  }
  if (!context_.match(text->as_string().size())) return nullptr;
  return boolean(occurs(*node.pattern, text->as_string()), scratch);
}

const Value* Evaluator::in_zone(const Node& node, Value& scratch) {
  Value held;
  const Value* v = eval(node.children[0], held);
  if (v == nullptr) return nullptr;
  if (v->kind() != Kind::kTimestamp) {
    context_.no_overload(node.function->name, Args(&v, 1));
    return nullptr;
  }
  Timestamp local = v->as_timestamp();
  local.seconds += node.zone->offset_at(local.seconds);
  const Value shifted = Value::timestamp(local);
  const Value* argument = &shifted;
  node.function->implementation(context_, Args(&argument, 1), scratch);
  return &scratch;
}

const Value* Evaluator::optional_or(const Node& node, Value& scratch) {
  Value held;
  const Value* first = eval(node.children[0], held);
  if (first == nullptr) return nullptr;
  if (first->kind() != Kind::kOptional) {
    context_.no_overload(node.function->name, Args(&first, 1));
    return nullptr;
  }
  if (first->as_optional() != nullptr) {
    scratch = node.op == Op::kOptionalOr ? *first : *first->as_optional();
    return &scratch;
  }
  const Value* second = eval(node.children[1], scratch);
  if (second == nullptr || node.op == Op::kOptionalElse || second->kind() == Kind::kOptional) return second;
  context_.no_overload(node.function->name, Args(&second, 1));
  return nullptr;
}

}  // namespace plimsoll::cel
