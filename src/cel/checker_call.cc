#include <algorithm>

#include "checker.h"
#include "parser.h"
#include "suggest.h"

namespace plimsoll::cel {
namespace {

using Kind = Type::Kind;

bool takes_count(const std::vector<Overload>& overloads, std::size_t count) {
  return std::ranges::any_of(overloads, [&](const Overload& o) { return o.parameters.size() == count; });
}

bool is_number_literal(const Expr& e) {
  return e.kind == Expr::Kind::kLiteral && is_number(e.literal.kind());
}

std::string_view example(Kind kind) {
  if (kind == Kind::kDouble) return "1.0";
  return kind == Kind::kUint ? "1u" : "1";
}

// What usually goes wrong with operators.
std::string hint_for(const Expr& e, const std::vector<Type>& arguments) {
  if (arguments.size() != 2 || !e.name.starts_with('_')) return {};
  const Kind left = arguments[0].kind();
  const Kind right = arguments[1].kind();
  if (is_number(left) && is_number(right)) {
    const bool second = is_number_literal(*e.children[1]);
    if (!second && !is_number_literal(*e.children[0])) return "; convert one with int(), uint() or double()";
    const Type& wanted = arguments[second ? 0 : 1];
    return "; write the number as " + wanted.to_string() + ", for example " +
           std::string(example(wanted.kind()));
  }
  if (e.name == "_in_" && right != Kind::kList && right != Kind::kMap)
    return "; the right side must be a list or a map";
  return {};
}

}  // namespace

Typed Checker::call(const Expr& e) {
  const std::string target = e.member ? qualified_name(*e.children[0]) : std::string();
  const bool qualified = e.member && !target.empty() && !names_a_local(*e.children[0]);
  if (!e.member || qualified) {
    const Expr* root = qualified ? e.children[0].get() : &e;
    while (root->kind == Expr::Kind::kSelect) root = root->children[0].get();
    const std::string name = qualified ? target + "." + e.name : e.name;
    for (const auto& candidate : in_container(name, root->absolute)) {
      if (const Function* found = find_function(candidate)) {
        return call_overloads(e, candidate, found->overloads, found, qualified ? 1 : 0);
      }
      std::vector<Overload> declared;
      for (const auto& [known, signature] : environment_.functions_) {
        if (known == candidate) declared.push_back({signature.first, signature.second});
      }
      if (!declared.empty()) return call_overloads(e, candidate, declared, nullptr, qualified ? 1 : 0);
    }
  }
  if (!e.member) return unknown_function(e);
  const Function* found = find_function("." + e.name);
  if (found == nullptr) return unknown_function(e);
  return call_overloads(e, found->name, found->overloads, found, 0);
}

Typed Checker::unknown_function(const Expr& e) {
  for (const auto& child : e.children) {
    if (checked_ && qualified_name(*child).empty()) check(*child);
  }
  std::vector<std::string_view> names;
  if (wants_suggestions()) names = function_names();
  std::erase_if(names, [&](auto name) { return name.starts_with('.') != e.member || name.contains('_'); });
  std::ranges::transform(names, names.begin(), display_name);
  return problem(e.offset, "unknown function '" + e.name + "'" + suggestion(e.name, names));
}

std::optional<Type> Checker::resolve_overload(const std::vector<Overload>& overloads,
                                              const std::vector<Type>& arguments) {
  std::optional<Type> result;
  for (const auto& declared : overloads) {
    if (declared.parameters.size() != arguments.size()) continue;
    const Overload overload = inference_.instantiate(declared);
    if (!inference_.all_assignable(arguments, overload.parameters)) continue;
    Type type = inference_.resolve(overload.result);
    if (!result) {
      result = std::move(type);
    } else if (result->kind() != Kind::kDyn && *result != type) {
      result = Type::dyn();
    }
  }
  return result;
}

Typed Checker::no_overload(const Expr& e, std::string_view name, const std::vector<Type>& arguments) {
  std::string message = "'" + std::string(display_name(name)) + "' does not take (";
  for (std::size_t i = 0; i < arguments.size(); ++i) {
    if (i > 0) message += ", ";
    message += inference_.resolve(arguments[i], true).to_string();
  }
  return problem(e.offset, message + ")" + hint_for(e, arguments));
}

Typed Checker::call_overloads(const Expr& e, const std::string& name, const std::vector<Overload>& overloads,
                              const Function* function, std::size_t first_argument) {
  Node node;
  node.op = Node::Op::kCall;
  node.function = function;
  std::vector<Type> arguments;
  for (std::size_t i = first_argument; i < e.children.size(); ++i) {
    Typed argument = check(*e.children[i]);
    arguments.push_back(std::move(argument.type));
    node.children.push_back(std::move(argument.node));
  }
  if (!takes_count(overloads, arguments.size())) return no_overload(e, name, arguments);
  std::optional<Type> type = Type::dyn();
  if (checked_) type = resolve_overload(overloads, arguments);
  if (!type) return no_overload(e, name, arguments);
  if (function == nullptr) {
    node.op = Node::Op::kError;
    node.name = "the function '" + name + "' has no implementation";
    node.children.clear();
  } else {
    specialize(node, e);
  }
  return {*std::move(type), std::move(node)};
}

// Calls that are better done another way.
void Checker::specialize(Node& node, const Expr& e) {
  const std::string_view name = node.function->name;
  if (name == ".or") node.op = Node::Op::kOptionalOr;
  if (name == ".orValue") node.op = Node::Op::kOptionalElse;
  if (node.op != Node::Op::kCall) return;
  fold_constants(node);
  if (node.op != Node::Op::kCall || node.children.size() != 2) return;

  const Node& second = node.children[1];
  if (second.op != Node::Op::kConstant || second.constant.kind() != Kind::kString) return;
  const auto give_up = [&](const std::string& why) { node = problem(e.children.back()->offset, why).node; };
  if (name == "matches" || name == ".matches") {
    if (++patterns_ > kMostPatterns) return give_up("an expression may have at most 64 regular expressions");
    auto pattern = compile_pattern(second.constant.as_string());
    if (!pattern) return give_up(pattern.error());
    node.op = Node::Op::kMatch;
    node.pattern = *std::move(pattern);
    node.children.pop_back();
  } else if (name.starts_with(".get")) {
    auto zone = Zone::load(second.constant.as_string());
    if (!zone) return give_up(zone.error());
    node.op = Node::Op::kInZone;
    node.zone = *std::move(zone);
    node.children.pop_back();
  }
}

void fold_constants(Node& node) {
  const bool foldable = node.op == Node::Op::kCall || node.op == Node::Op::kList || node.op == Node::Op::kMap;
  if (!foldable ||
      !std::ranges::all_of(node.children, [](const Node& n) { return n.op == Node::Op::kConstant; })) {
    return;
  }
  constexpr Limits kLimits{.max_source_bytes = 0, .max_depth = 0, .max_steps = 1000, .max_bytes = 4096};
  Context context(kLimits);
  Value result;
  if (node.op == Node::Op::kCall) {
    std::vector<const Value*> arguments;
    arguments.reserve(node.children.size());
    for (const auto& child : node.children) arguments.push_back(&child.constant);
    const Args args(arguments.data(), arguments.size());
    if (node.function->implementation(context, args, result) != Outcome::kDone) return;
  } else if (node.op == Node::Op::kList) {
    std::vector<Value> elements;
    elements.reserve(node.children.size());
    for (const auto& child : node.children) elements.push_back(child.constant);
    result = Value::list(std::move(elements));
  } else {
    std::vector<std::pair<Value, Value>> entries;
    for (std::size_t i = 0; i < node.children.size(); i += 2) {
      entries.emplace_back(node.children[i].constant, node.children[i + 1].constant);
    }
    if (!build_map(context, std::move(entries), result)) return;
  }
  node = Node();
  node.constant = std::move(result);
}

}  // namespace plimsoll::cel
