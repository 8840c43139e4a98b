#include "access.h"

#include <algorithm>

namespace plimsoll::cel {
namespace {

using Kind = Type::Kind;

Found find_element(Context& context, const Value& target, const Value& index, Value& out) {
  if (target.kind() == Kind::kMap) {
    auto found = target.as_map().find(index);
    if (!found) return Found::kNo;
    out = *std::move(found);
    return Found::kYes;
  }
  if (target.kind() != Kind::kList) {
    context.fail("a value of type " + runtime_type(target).to_string() + " has no elements");
    return Found::kFailed;
  }
  const auto key = as_key(index);
  if (!key || !is_number(key->kind())) {
    context.fail("a list is indexed by a whole number, not by " + index.to_string(40));
    return Found::kFailed;
  }
  const bool negative = key->kind() == Kind::kInt && key->as_int() < 0;
  const std::uint64_t at =
      key->kind() == Kind::kInt ? static_cast<std::uint64_t>(key->as_int()) : key->as_uint();
  const List& list = target.as_list();
  if (negative || at >= list.size()) return Found::kNo;
  out = list.at(at);
  return Found::kYes;
}

}  // namespace

std::optional<std::size_t> find_field(const ObjectTypes& types, std::string_view type,
                                      std::string_view field) {
  const auto object =
      std::ranges::find(types, type, [](const auto& t) -> std::string_view { return t.first; });
  if (object == types.end()) return std::nullopt;
  const auto at =
      std::ranges::find(object->second, field, [](const auto& f) -> std::string_view { return f.first; });
  if (at == object->second.end()) return std::nullopt;
  return static_cast<std::size_t>(at - object->second.begin());
}

bool strict_index(Context& context, const Value& target, const Value& index, Value& out) {
  const Found found = find_element(context, target, index, out);
  if (found != Found::kNo) return found == Found::kYes;
  if (target.kind() == Kind::kMap) return context.fail("no such key: " + index.to_string(80));
  return context.fail("index out of bounds: " + index.to_string(40));
}

bool optional_index(Context& context, const Value* target, const Value& index, Value& out) {
  out = Value::none();
  if (target == nullptr) return true;
  Value element;
  const Found found = find_element(context, *target, index, element);
  if (found == Found::kYes) out = Value::optional_of(std::move(element));
  return found != Found::kFailed;
}

Found select_field(Context& context, const ObjectTypes& types, const Value& target, std::string_view field,
                   bool if_set, Value& out) {
  if (target.kind() == Kind::kMap) {
    auto found = target.as_map().find(Value::borrowed_string(field));
    if (!found) return Found::kNo;
    out = *std::move(found);
    return Found::kYes;
  }
  if (target.kind() == Kind::kObject) {
    const Object& object = target.as_object();
    const auto at = find_field(types, object.type_name(), field);
    if (at) {
      if (if_set && !object.has(*at)) return Found::kNo;
      out = object.field(*at);
      return Found::kYes;
    }
    context.fail("no such field: " + std::string(object.type_name()) + "." + std::string(field));
    return Found::kFailed;
  }
  context.fail("a value of type " + runtime_type(target).to_string() + " has no field '" +
               std::string(field) + "'");
  return Found::kFailed;
}

}  // namespace plimsoll::cel
