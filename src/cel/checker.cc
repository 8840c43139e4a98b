#include "checker.h"

#include <algorithm>
#include <array>

#include "parser.h"
#include "suggest.h"

namespace plimsoll::cel {
namespace {

using Kind = Type::Kind;

Node constant_node(Value v) {
  Node out;
  out.constant = std::move(v);
  return out;
}

// The names that stand for types.
std::optional<Type> named_type(std::string_view name) {
  static const std::array<std::pair<std::string_view, Type>, 13> kTypes = {
      {{"bool", Type::boolean()},
       {"int", Type::integer()},
       {"uint", Type::unsigned_integer()},
       {"double", Type::number()},
       {"string", Type::string()},
       {"bytes", Type::bytes()},
       {"null_type", Type::null()},
       {"list", Type::list(Type::dyn())},
       {"map", Type::map(Type::dyn(), Type::dyn())},
       {"type", Type::type_of(Type::dyn())},
       {"optional_type", Type::optional(Type::dyn())},
       {"google.protobuf.Timestamp", Type::timestamp()},
       {"google.protobuf.Duration", Type::duration()}}};
  const auto found = std::ranges::find(kTypes, name, &std::pair<std::string_view, Type>::first);
  return found == kTypes.end() ? std::nullopt : std::optional(found->second);
}

bool is_key_type(const Type& t) {
  switch (t.kind()) {
    case Kind::kBool:
    case Kind::kInt:
    case Kind::kUint:
    case Kind::kString:
    case Kind::kDyn:
    case Kind::kParameter:
      return true;
    default:
      return false;
  }
}

bool all_constant(const std::vector<Node>& nodes) {
  return std::ranges::all_of(nodes, [](const Node& n) { return n.op == Node::Op::kConstant; });
}

const Expr& root_of(const Expr& e) {
  const Expr* at = &e;
  while (at->kind == Expr::Kind::kSelect) at = at->children[0].get();
  return *at;
}

}  // namespace

Checker::Checker(const Environment& environment, bool checked, Issues& issues)
    : environment_(environment), checked_(checked), issues_(issues) {
  for (std::size_t i = 0; i < environment.variables_.size(); ++i) {
    variables_.try_emplace(environment.variables_[i].name, i);
  }
}

Typed Checker::run(const Expr& e) {
  Typed out = check(e);
  out.type = inference_.resolve(out.type, true);
  if (inference_.exhausted()) issues_.add(e.offset, "this expression is too complex to check");
  return out;
}

Typed Checker::check(const Expr& e) {
  Typed out = dispatch(e);
  out.type = checked_ ? inference_.resolve(out.type) : Type::dyn();
  return out;
}

Typed Checker::dispatch(const Expr& e) {
  switch (e.kind) {
    case Expr::Kind::kLiteral:
      return literal(e);
    case Expr::Kind::kIdentifier:
      return identifier(e);
    case Expr::Kind::kSelect:
    case Expr::Kind::kHas:
      return select(e);
    case Expr::Kind::kCall:
      return call(e);
    case Expr::Kind::kAnd:
    case Expr::Kind::kOr:
      return logical(e);
    case Expr::Kind::kConditional:
      return conditional(e);
    case Expr::Kind::kList:
      return list(e);
    case Expr::Kind::kMap:
      return map(e);
    case Expr::Kind::kObject:
      return object(e);
    case Expr::Kind::kComprehension:
      return fold(e);
    case Expr::Kind::kBind:
      return bind(e);
    case Expr::Kind::kOptionalMap:
      return optional_map(e);
  }
  return problem(e.offset, "this cannot be evaluated");
}

Typed Checker::problem(std::uint32_t offset, std::string message) {
  if (checked_) issues_.add(offset, message);
  Node node;
  node.op = Node::Op::kError;
  node.name = std::move(message);
  return {Type::dyn(), std::move(node)};
}

Typed Checker::literal(const Expr& e) {
  return {runtime_type(e.literal), constant_node(e.literal)};
}

Checker::Candidates Checker::in_container(const std::string& name, bool absolute) const {
  Candidates out;
  std::string container = absolute ? std::string() : environment_.container_;
  while (!container.empty()) {
    out.push_back(container + "." + name);
    const auto dot = container.rfind('.');
    container.resize(dot == std::string::npos ? 0 : dot);
  }
  out.push_back(name);
  return out;
}

const Checker::Local* Checker::find_local(std::string_view name, std::size_t& slot) const {
  for (std::size_t i = locals_.size(); i-- > 0;) {
    if (locals_[i].name != name) continue;
    slot = i;
    return &locals_[i];
  }
  return nullptr;
}

bool Checker::names_a_local(const Expr& e) const {
  const Expr& root = root_of(e);
  std::size_t slot = 0;
  return root.kind == Expr::Kind::kIdentifier && !root.absolute && find_local(root.name, slot) != nullptr;
}

std::optional<Typed> Checker::resolve_name(const std::string& name, bool absolute) {
  for (const auto& candidate : in_container(name, absolute)) {
    if (const auto found = variables_.find(candidate); found != variables_.end()) {
      Node node;
      node.op = Node::Op::kVariable;
      node.index = static_cast<std::uint32_t>(found->second);
      return Typed{environment_.variables_[found->second].type, std::move(node)};
    }
    if (auto type = named_type(candidate)) {
      return Typed{Type::type_of(*type), constant_node(Value::type(*type))};
    }
  }
  return std::nullopt;
}

Typed Checker::identifier(const Expr& e) {
  std::size_t slot = 0;
  if (const Local* local = e.absolute ? nullptr : find_local(e.name, slot)) {
    Node node;
    node.op = Node::Op::kLocal;
    node.index = static_cast<std::uint32_t>(slot);
    return {local->type, std::move(node)};
  }
  if (auto found = resolve_name(e.name, e.absolute)) return *std::move(found);
  std::vector<std::string_view> names;
  if (wants_suggestions()) {
    for (const auto& variable : environment_.variables_) names.emplace_back(variable.name);
    for (const auto& local : locals_) names.emplace_back(local.name);
  }
  return problem(e.offset, "unknown variable '" + e.name + "'" + suggestion(e.name, names));
}

// The type of target.name; `index` when target is an object whose fields are known.
Type Checker::field_type(const Expr& e, const Type& target, std::optional<std::size_t>& index) {
  switch (target.kind()) {
    case Kind::kDyn:
      return Type::dyn();
    case Kind::kParameter:
      inference_.assignable(Type::dyn(), target);
      return Type::dyn();
    case Kind::kMap:
      return target.parameters()[1];
    case Kind::kOptional:
      return Type::optional(field_type(e, inference_.resolve(target.parameters()[0]), index));
    case Kind::kObject:
      break;
    default:
      problem(e.offset, "a value of type " + target.to_string() + " has no fields, so no '" + e.name + "'");
      return Type::dyn();
  }
  index = find_field(environment_.objects_, target.name(), e.name);
  const auto object = std::ranges::find(environment_.objects_, target.name(),
                                        [](const auto& o) -> const std::string& { return o.first; });
  if (index) return object->second[*index].second;
  std::vector<std::string_view> names;
  if (object != environment_.objects_.end() && wants_suggestions()) {
    for (const auto& field : object->second) names.emplace_back(field.first);
  }
  problem(e.offset, "'" + target.name() + "' has no field '" + e.name + "'" + suggestion(e.name, names));
  return Type::dyn();
}

Typed Checker::select(const Expr& e) {
  if (e.kind == Expr::Kind::kSelect && !names_a_local(e)) {
    const std::string name = qualified_name(e);
    if (!name.empty()) {
      if (auto found = resolve_name(name, root_of(e).absolute)) return *std::move(found);
    }
  }
  Typed target = check(*e.children[0]);
  std::optional<std::size_t> index;
  Type type = field_type(e, target.type, index);
  const bool direct = index && target.type.kind() == Kind::kObject && !e.optional;

  Node node;
  node.name = e.name;
  if (e.kind == Expr::Kind::kHas) {
    node.op = direct ? Node::Op::kHasField : Node::Op::kHas;
    type = Type::boolean();
  } else if (e.optional) {
    node.op = Node::Op::kMaybeSelect;
    if (type.kind() != Kind::kOptional || target.type.kind() != Kind::kOptional) type = Type::optional(type);
  } else {
    node.op = direct ? Node::Op::kField : Node::Op::kSelect;
  }
  if (direct) {
    node.index = static_cast<std::uint32_t>(*index);
    node.type_name = target.type.name();
  }
  node.children.push_back(std::move(target.node));
  return {std::move(type), std::move(node)};
}

void Checker::require_bool(const Expr& e, const Type& type, std::string_view where) {
  if (inference_.assignable(type, Type::boolean())) return;
  problem(e.offset, std::string(where) + " needs a bool here, not " + type.to_string());
}

Typed Checker::logical(const Expr& e) {
  const bool conjunction = e.kind == Expr::Kind::kAnd;
  Node node;
  node.op = conjunction ? Node::Op::kAnd : Node::Op::kOr;
  for (const auto& child : e.children) {
    Typed operand = check(*child);
    require_bool(*child, operand.type, conjunction ? "'&&'" : "'||'");
    node.children.push_back(std::move(operand.node));
  }
  return {Type::boolean(), std::move(node)};
}

Typed Checker::conditional(const Expr& e) {
  Typed condition = check(*e.children[0]);
  require_bool(*e.children[0], condition.type, "the condition of '?'");
  Typed yes = check(*e.children[1]);
  Typed no = check(*e.children[2]);
  Type type = inference_.fresh();
  if (!inference_.assignable(yes.type, type) || !inference_.assignable(no.type, type)) {
    problem(e.offset, "the two results of '?' have different types, " + yes.type.to_string() + " and " +
                          no.type.to_string() + "; wrap one in dyn() if that is meant");
    type = Type::dyn();
  }
  Node node;
  node.op = Node::Op::kConditional;
  node.children.push_back(std::move(condition.node));
  node.children.push_back(std::move(yes.node));
  node.children.push_back(std::move(no.node));
  return {std::move(type), std::move(node)};
}

Type Checker::unwrap_optional(const Expr& e, const Type& type) {
  if (type.kind() == Kind::kDyn) return type;
  Type held = inference_.fresh();
  if (inference_.assignable(type, Type::optional(held))) return inference_.resolve(held);
  problem(e.offset, "'?' needs an optional value here, not " + type.to_string());
  return Type::dyn();
}

Typed Checker::list(const Expr& e) {
  Node node;
  node.op = Node::Op::kList;
  std::optional<Type> element;
  bool any_optional = false;
  for (std::size_t i = 0; i < e.children.size(); ++i) {
    Typed child = check(*e.children[i]);
    if (e.optional_flags[i]) {
      child.type = unwrap_optional(*e.children[i], child.type);
      any_optional = true;
    }
    element = element ? inference_.join(*element, child.type) : child.type;
    node.children.push_back(std::move(child.node));
  }
  if (any_optional) node.optional_flags = e.optional_flags;
  if (!any_optional && all_constant(node.children)) fold_constants(node);
  return {Type::list(element ? *std::move(element) : inference_.fresh()), std::move(node)};
}

Typed Checker::map(const Expr& e) {
  Node node;
  node.op = Node::Op::kMap;
  std::optional<Type> key;
  std::optional<Type> value;
  bool any_optional = false;
  for (std::size_t i = 0; i < e.children.size(); i += 2) {
    Typed k = check(*e.children[i]);
    Typed v = check(*e.children[i + 1]);
    if (!is_key_type(k.type)) {
      problem(e.children[i]->offset,
              "a map key must be a bool, int, uint or string, not " + k.type.to_string());
      k.type = Type::dyn();
    }
    if (e.optional_flags[i / 2]) {
      v.type = unwrap_optional(*e.children[i + 1], v.type);
      any_optional = true;
    }
    key = key ? inference_.join(*key, k.type) : k.type;
    value = value ? inference_.join(*value, v.type) : v.type;
    node.children.push_back(std::move(k.node));
    node.children.push_back(std::move(v.node));
  }
  if (any_optional) node.optional_flags = e.optional_flags;
  if (!any_optional && all_constant(node.children)) fold_constants(node);
  return {
      Type::map(key ? *std::move(key) : inference_.fresh(), value ? *std::move(value) : inference_.fresh()),
      std::move(node)};
}

Typed Checker::object(const Expr& e) {
  for (const auto& child : e.children) check(*child);
  return problem(e.offset, "a value of type '" + e.name + "' cannot be built in an expression");
}

}  // namespace plimsoll::cel
