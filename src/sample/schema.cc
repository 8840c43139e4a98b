#include "schema.h"

#include <algorithm>
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <cmath>

#include "base/json.h"

namespace plimsoll::sample {
namespace {

constexpr int kMaxDepth = 16;
constexpr int kMaxValues = 1'000;
constexpr std::int64_t kMaxItems = 16;

double number(const json::value& schema, std::string_view member, double otherwise) {
  const auto* value = find(schema, member);
  return value != nullptr && value->is_number() ? value->to_number<double>() : otherwise;
}

// The schema's type; of several the first that is not "null".
std::string_view type_of(const json::value& schema) {
  if (const auto* type = find_string(schema, "type"); type != nullptr) return *type;
  if (const auto* types = find_array(schema, "type"); types != nullptr)
    for (const auto& type : *types)
      if (type.is_string() && type.get_string() != "null") return type.get_string();
  if (find_object(schema, "properties") != nullptr) return "object";
  return find(schema, "items") != nullptr ? "array" : "string";
}

class Filler {
 public:
  Filler(const json::value& root, std::string_view text) : root_(root), text_(text) {}

  json::value fill(const json::value& schema, int depth) {
    if (depth > kMaxDepth || ++values_ > kMaxValues) return nullptr;
    if (const auto* elsewhere = elsewhere_of(schema); elsewhere != nullptr)
      return fill(*elsewhere, depth + 1);
    if (const auto* value = find(schema, "const"); value != nullptr) return *value;
    if (const auto* values = find_array(schema, "enum"); values != nullptr && !values->empty())
      return values->front();
    const auto type = type_of(schema);
    if (type == "object") return object(schema, depth);
    if (type == "array") return array(schema, depth);
    if (type == "boolean") return true;
    if (type == "null") return nullptr;
    if (type != "integer" && type != "number") return json::value(text_);
    const auto value =
        std::clamp(1.0, number(schema, "minimum", -1e15),
                   std::max(number(schema, "minimum", -1e15), number(schema, "maximum", 1e15)));
    const bool whole = type == "integer" && std::abs(value) <= 1e15;
    return whole ? json::value(static_cast<std::int64_t>(std::ceil(value))) : json::value(value);
  }

 private:
  // Where the schema says that another holds in its place, or nullptr.
  const json::value* elsewhere_of(const json::value& schema) const {
    if (const auto* path = find_string(schema, "$ref"); path != nullptr) {
      boost::system::error_code error;
      const auto* target =
          path->starts_with("#") ? root_.find_pointer(std::string_view(*path).substr(1), error) : nullptr;
      return target;
    }
    for (const auto* choice : {"anyOf", "oneOf", "allOf"})
      if (const auto* schemas = find_array(schema, choice); schemas != nullptr)
        for (const auto& one : *schemas)
          if (const auto* type = find_string(one, "type"); type == nullptr || *type != "null") return &one;
    return nullptr;
  }

  json::value object(const json::value& schema, int depth) {
    json::object all;
    if (const auto* properties = find_object(schema, "properties"); properties != nullptr)
      for (const auto& property : *properties) all.emplace(property.key(), fill(property.value(), depth + 1));
    return all;
  }

  json::value array(const json::value& schema, int depth) {
    const auto* items = find(schema, "items");
    const auto least = std::clamp<std::int64_t>(
        static_cast<std::int64_t>(std::clamp(number(schema, "minItems", 1), 1.0, 1e3)), 1, kMaxItems);
    json::array all;
    for (std::int64_t i = 0; i < least; ++i)
      all.push_back(items != nullptr ? fill(*items, depth + 1) : json::value(text_));
    return all;
  }

  const json::value& root_;
  std::string_view text_;
  int values_ = 0;
};

}  // namespace

json::value fill(const json::value& schema, std::string_view text) {
  return Filler(schema, text).fill(schema, 0);
}

}  // namespace plimsoll::sample
