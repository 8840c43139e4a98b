// Equality, order and text of values, bounded by a budget.
#pragma once

#include <compare>
#include <cstddef>
#include <limits>
#include <optional>
#include <string>
#include <string_view>

#include "cel/value.h"

namespace plimsoll::cel {

// How much work a comparison may still do. Values share structure, so a small one can unfold into a huge
// tree.
struct Budget {
  std::size_t steps = std::numeric_limits<std::size_t>::max();
  std::size_t depth = 1000;

  // False once either is spent, and from then on.
  bool spend(std::size_t count = 1) {
    if (steps < count) {
      steps = 0;
      exhausted = true;
      return false;
    }
    steps -= count;
    return true;
  }
  bool exhausted = false;
};

// CEL equality. False, with budget.exhausted, when the budget ran out first.
bool equal_values(const Value& a, const Value& b, Budget& budget);

// Order of two numbers, strings, bytes, booleans, timestamps or durations; nullopt for any other pair.
// unordered when one is NaN. Numbers of different types are compared as doubles.
std::optional<std::partial_ordering> compare_values(const Value& a, const Value& b);

// What a map may be asked for: bool, int, uint and string stand for themselves, a double that is a whole
// number for that number. nullopt for a value that is in no map.
std::optional<Value> as_key(const Value& key);

// A total order over the keys of maps (bool, int, uint, string); numbers by value across types.
int compare_keys(const Value& a, const Value& b);

inline bool is_number(Type::Kind kind) {
  return kind == Type::Kind::kInt || kind == Type::Kind::kUint || kind == Type::Kind::kDouble;
}

// The shortest decimal that reads back as `v`; NaN, Infinity, -Infinity.
std::string double_to_text(double v);

// A decimal number, with or without a fraction and an exponent, or NaN, inf, Infinity. Too small is zero;
// too large, and anything else, is nullopt.
std::optional<double> double_from_text(std::string_view text);

// What type(v) gives, without parameters.
Type runtime_type(const Value& v);

// Whether two type values are the same type as far as type() can see: parameters do not count.
bool same_runtime_type(const Type& a, const Type& b);

}  // namespace plimsoll::cel
