#include <cmath>
#include <utility>

#include "cel/value.h"
#include "values.h"

namespace plimsoll::cel {
namespace {

using Kind = Type::Kind;

double to_double(const Value& v) {
  if (v.kind() == Kind::kInt) return static_cast<double>(v.as_int());
  if (v.kind() == Kind::kUint) return static_cast<double>(v.as_uint());
  return v.as_double();
}

std::partial_ordering compare_numbers(const Value& a, const Value& b) {
  if (a.kind() == Kind::kInt && b.kind() == Kind::kInt) return a.as_int() <=> b.as_int();
  if (a.kind() == Kind::kUint && b.kind() == Kind::kUint) return a.as_uint() <=> b.as_uint();
  if (a.kind() == Kind::kInt && b.kind() == Kind::kUint) {
    if (a.as_int() < 0) return std::partial_ordering::less;
    return static_cast<std::uint64_t>(a.as_int()) <=> b.as_uint();
  }
  if (a.kind() == Kind::kUint && b.kind() == Kind::kInt) return 0 <=> compare_numbers(b, a);
  return to_double(a) <=> to_double(b);
}

bool equal_lists(const List& a, const List& b, Budget& budget) {
  if (a.size() != b.size()) return false;
  for (std::size_t i = 0; i < a.size(); ++i) {
    if (!equal_values(a.at(i), b.at(i), budget)) return false;
  }
  return true;
}

bool equal_maps(const Map& a, const Map& b, Budget& budget) {
  if (a.size() != b.size()) return false;
  for (std::size_t i = 0; i < a.size(); ++i) {
    const Value key = a.key(i);
    const auto left = a.find(key);
    const auto right = b.find(key);
    if (!left || !right || !equal_values(*left, *right, budget)) return false;
  }
  return true;
}

bool equal_optionals(const Value* a, const Value* b, Budget& budget) {
  if (a == nullptr || b == nullptr) return a == b;
  return equal_values(*a, *b, budget);
}

bool equal_same_kind(const Value& a, const Value& b, Budget& budget) {
  switch (a.kind()) {
    case Kind::kNull:
      return true;
    case Kind::kBool:
      return a.as_bool() == b.as_bool();
    case Kind::kString:
    case Kind::kBytes:
      return a.as_string() == b.as_string();
    case Kind::kTimestamp:
      return a.as_timestamp() == b.as_timestamp();
    case Kind::kDuration:
      return a.as_duration() == b.as_duration();
    case Kind::kList:
      return equal_lists(a.as_list(), b.as_list(), budget);
    case Kind::kMap:
      return equal_maps(a.as_map(), b.as_map(), budget);
    case Kind::kObject:
      return &a.as_object() == &b.as_object();
    case Kind::kType:
      return same_runtime_type(a.as_type(), b.as_type());
    case Kind::kOptional:
      return equal_optionals(a.as_optional(), b.as_optional(), budget);
    default:
      return false;
  }
}

int key_class(Kind kind) {
  if (kind == Kind::kBool) return 0;
  return is_number(kind) ? 1 : 2;
}

}  // namespace

bool equal_values(const Value& a, const Value& b, Budget& budget) {
  if (is_number(a.kind()) && is_number(b.kind())) return compare_numbers(a, b) == 0;
  if (a.kind() != b.kind()) return false;
  if (budget.depth == 0) budget.exhausted = true;
  if (budget.exhausted || !budget.spend()) return false;
  --budget.depth;
  const bool equal = equal_same_kind(a, b, budget);
  ++budget.depth;
  return equal && !budget.exhausted;
}

bool Value::equals(const Value& other) const {
  Budget budget;
  return equal_values(*this, other, budget);
}

std::optional<std::partial_ordering> compare_values(const Value& a, const Value& b) {
  if (is_number(a.kind()) && is_number(b.kind())) return compare_numbers(a, b);
  if (a.kind() != b.kind()) return std::nullopt;
  switch (a.kind()) {
    case Kind::kBool:
      return a.as_bool() <=> b.as_bool();
    case Kind::kString:
    case Kind::kBytes:
      return a.as_string() <=> b.as_string();
    case Kind::kTimestamp:
      return a.as_timestamp() <=> b.as_timestamp();
    case Kind::kDuration:
      return a.as_duration() <=> b.as_duration();
    default:
      return std::nullopt;
  }
}

std::optional<Value> as_key(const Value& key) {
  constexpr double kTwoTo63 = 9223372036854775808.0;
  switch (key.kind()) {
    case Kind::kBool:
    case Kind::kInt:
    case Kind::kUint:
    case Kind::kString:
      return key;
    case Kind::kDouble: {
      const double v = key.as_double();
      if (std::isnan(v) || std::trunc(v) != v) return std::nullopt;
      if (v >= -kTwoTo63 && v < kTwoTo63) return Value::integer(static_cast<std::int64_t>(v));
      if (v >= 0 && v < 2 * kTwoTo63) return Value::unsigned_integer(static_cast<std::uint64_t>(v));
      return std::nullopt;
    }
    default:
      return std::nullopt;
  }
}

int compare_keys(const Value& a, const Value& b) {
  const int difference = key_class(a.kind()) - key_class(b.kind());
  if (difference != 0) return difference;
  const auto order = compare_values(a, b);
  if (!order) return static_cast<int>(a.kind()) - static_cast<int>(b.kind());
  return *order < 0 ? -1 : (*order > 0 ? 1 : 0);
}

Type runtime_type(const Value& v) {
  switch (v.kind()) {
    case Kind::kNull:
      return Type::null();
    case Kind::kBool:
      return Type::boolean();
    case Kind::kInt:
      return Type::integer();
    case Kind::kUint:
      return Type::unsigned_integer();
    case Kind::kDouble:
      return Type::number();
    case Kind::kString:
      return Type::string();
    case Kind::kBytes:
      return Type::bytes();
    case Kind::kTimestamp:
      return Type::timestamp();
    case Kind::kDuration:
      return Type::duration();
    case Kind::kList:
      return Type::list(Type::dyn());
    case Kind::kMap:
      return Type::map(Type::dyn(), Type::dyn());
    case Kind::kOptional:
      return Type::optional(Type::dyn());
    case Kind::kType:
      return Type::type_of(Type::dyn());
    case Kind::kObject:
      return Type::object(std::string(v.as_object().type_name()));
    case Kind::kDyn:
    case Kind::kParameter:
      break;
  }
  return Type::dyn();
}

bool same_runtime_type(const Type& a, const Type& b) {
  return a.kind() == b.kind() && a.name() == b.name();
}

}  // namespace plimsoll::cel
