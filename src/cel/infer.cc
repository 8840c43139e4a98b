#include "infer.h"

namespace plimsoll::cel {
namespace {

using Kind = Type::Kind;

bool is_parameter(const Type& t) {
  return t.kind() == Kind::kParameter;
}

// The types that null may stand for.
bool is_nullable(const Type& t) {
  switch (t.kind()) {
    case Kind::kNull:
    case Kind::kObject:
    case Kind::kOptional:
    case Kind::kTimestamp:
    case Kind::kDuration:
      return true;
    default:
      return false;
  }
}

Type with_parameters(const Type& type, std::vector<Type> parameters) {
  switch (type.kind()) {
    case Kind::kList:
      return Type::list(std::move(parameters[0]));
    case Kind::kMap:
      return Type::map(std::move(parameters[0]), std::move(parameters[1]));
    case Kind::kOptional:
      return Type::optional(std::move(parameters[0]));
    case Kind::kType:
      return Type::type_of(std::move(parameters[0]));
    default:
      return Type::opaque(type.name(), std::move(parameters));
  }
}

template <class Replace>
Type rename(const Type& type, Replace&& replace) {
  if (is_parameter(type)) return replace(type);
  if (type.parameters().empty()) return type;
  std::vector<Type> parameters;
  for (const auto& p : type.parameters()) parameters.push_back(rename(p, replace));
  return with_parameters(type, std::move(parameters));
}

}  // namespace

bool at_least_as_general(const Type& a, const Type& b) {
  if (a.kind() == Kind::kDyn || is_parameter(a)) return true;
  if (b.kind() == Kind::kDyn || is_parameter(b)) return false;
  if (b.kind() == Kind::kNull) return is_nullable(a);
  if (a.kind() != b.kind() || a.name() != b.name()) return false;
  if (a.kind() == Kind::kType) return true;
  if (a.parameters().size() != b.parameters().size()) return false;
  for (std::size_t i = 0; i < a.parameters().size(); ++i) {
    if (!at_least_as_general(a.parameters()[i], b.parameters()[i])) return false;
  }
  return true;
}

Type Inference::fresh() {
  return Type::parameter("$" + std::to_string(next_++));
}

bool Inference::step() {
  if (steps_ > 0) --steps_;
  return steps_ > 0;
}

const Type* Inference::bound(const Type& parameter) const {
  const auto found = bindings_.find(parameter.name());
  return found == bindings_.end() ? nullptr : &found->second;
}

void Inference::bind(const std::string& parameter, Type type) {
  const auto [at, added] = bindings_.try_emplace(parameter, type);
  if (added) {
    trail_.emplace_back(parameter, std::nullopt);
  } else {
    trail_.emplace_back(parameter, std::exchange(at->second, std::move(type)));
  }
}

void Inference::undo(std::size_t mark) {
  while (trail_.size() > mark) {
    auto& [parameter, previous] = trail_.back();
    if (previous) {
      bindings_.insert_or_assign(parameter, *std::move(previous));
    } else {
      bindings_.erase(parameter);
    }
    trail_.pop_back();
  }
}

bool Inference::assignable(const Type& from, const Type& to) {
  const std::size_t mark = trail_.size();
  if (try_assign(from, to)) return true;
  undo(mark);
  return false;
}

bool Inference::all_assignable(std::span<const Type> from, std::span<const Type> to) {
  if (from.size() != to.size()) return false;
  const std::size_t mark = trail_.size();
  for (std::size_t i = 0; i < from.size(); ++i) {
    if (!try_assign(from[i], to[i])) {
      undo(mark);
      return false;
    }
  }
  return true;
}

bool Inference::occurs(const Type& parameter, const Type& in) {
  if (!step()) return true;
  if (is_parameter(in)) {
    if (in.name() == parameter.name()) return true;
    const Type* known = bound(in);
    return known != nullptr && occurs(parameter, *known);
  }
  for (const auto& p : in.parameters()) {
    if (occurs(parameter, p)) return true;
  }
  return false;
}

// Whether `parameter` can stand for `type` too.
bool Inference::try_bind(const Type& type, const Type& parameter, bool& was_bound) {
  was_bound = false;
  if (type == parameter) {
    was_bound = true;
    return true;
  }
  if (const Type* known = bound(parameter)) {
    was_bound = true;
    const Type held = *known;
    if (type == held) return true;
    if (!try_assign(type, held)) return false;
    const Type& general = at_least_as_general(type, held) ? type : held;
    if (!occurs(parameter, general)) bind(parameter.name(), general);
    return true;
  }
  if (occurs(parameter, type)) return false;
  bind(parameter.name(), type);
  return true;
}

bool Inference::all_parameters_assignable(const Type& from, const Type& to) {
  if (from.parameters().size() != to.parameters().size()) return false;
  for (std::size_t i = 0; i < from.parameters().size(); ++i) {
    if (!try_assign(from.parameters()[i], to.parameters()[i])) return false;
  }
  return true;
}

bool Inference::try_assign(const Type& from, const Type& to) {
  if (!step()) return false;
  if (is_parameter(to)) {
    bool was_bound = false;
    if (try_bind(from, to, was_bound)) return true;
    if (was_bound) return false;
  }
  if (is_parameter(from)) {
    bool was_bound = false;
    return try_bind(to, from, was_bound);
  }
  if (from.kind() == Kind::kDyn || to.kind() == Kind::kDyn) return true;
  if (from.kind() == Kind::kNull) return is_nullable(to);
  if (to.kind() == Kind::kNull) return is_nullable(from);
  if (from.kind() != to.kind()) return false;
  if (from.kind() == Kind::kType) return true;
  return from.name() == to.name() && all_parameters_assignable(from, to);
}

Overload Inference::instantiate(const Overload& overload) {
  std::vector<std::pair<std::string, Type>> renamed;
  const auto replace = [&](const Type& parameter) {
    for (const auto& [name, type] : renamed) {
      if (name == parameter.name()) return type;
    }
    renamed.emplace_back(parameter.name(), fresh());
    return renamed.back().second;
  };
  Overload out{{}, Type::dyn()};
  for (const auto& p : overload.parameters) out.parameters.push_back(rename(p, replace));
  out.result = rename(overload.result, replace);
  return out;
}

Type Inference::resolve(const Type& type, bool unknown_is_dyn) {
  constexpr std::size_t kLargest = 500;
  std::size_t nodes_left = kLargest;
  return fill_in(type, unknown_is_dyn, nodes_left);
}

Type Inference::fill_in(const Type& type, bool unknown_is_dyn, std::size_t& nodes_left) {
  if (nodes_left == 0 || !step()) return Type::dyn();
  --nodes_left;
  if (is_parameter(type)) {
    if (const Type* known = bound(type)) return fill_in(*known, unknown_is_dyn, nodes_left);
    return unknown_is_dyn ? Type::dyn() : type;
  }
  if (type.parameters().empty()) return type;
  std::vector<Type> parameters;
  for (const auto& p : type.parameters()) parameters.push_back(fill_in(p, unknown_is_dyn, nodes_left));
  return with_parameters(type, std::move(parameters));
}

Type Inference::join(const Type& a, const Type& b) {
  if (!assignable(a, b)) return Type::dyn();
  return at_least_as_general(a, b) ? a : b;
}

}  // namespace plimsoll::cel
