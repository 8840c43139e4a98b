// Type inference: which types go where, and what type parameters stand for.
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "cel/type.h"
#include "functions.h"

namespace plimsoll::cel {

class Inference {
 public:
  // A type parameter that nothing is known about yet.
  Type fresh();

  // Whether a value of `from` may go where `to` is wanted. What that teaches about type parameters is kept
  // when the answer is yes, and forgotten when it is no.
  bool assignable(const Type& from, const Type& to);
  bool all_assignable(std::span<const Type> from, std::span<const Type> to);

  // The same overload with parameters of its own.
  Overload instantiate(const Overload& overload);

  // With everything that is known filled in; what is unknown stays a parameter, or becomes dyn.
  Type resolve(const Type& type, bool unknown_is_dyn = false);

  // The type of a list that holds both: the more general one, or dyn.
  Type join(const Type& a, const Type& b);

  // The work inference may do is bounded, because small expressions can have enormous types.
  bool exhausted() const { return steps_ == 0; }

 private:
  Type fill_in(const Type& type, bool unknown_is_dyn, std::size_t& nodes_left);
  bool try_assign(const Type& from, const Type& to);
  bool try_bind(const Type& type, const Type& parameter, bool& was_bound);
  bool all_parameters_assignable(const Type& from, const Type& to);
  bool occurs(const Type& parameter, const Type& in);
  void bind(const std::string& parameter, Type type);
  void undo(std::size_t mark);
  const Type* bound(const Type& parameter) const;
  bool step();

  std::unordered_map<std::string, Type> bindings_;
  std::vector<std::pair<std::string, std::optional<Type>>> trail_;  // what bind() replaced
  std::size_t next_ = 0;
  std::size_t steps_ = 1'000'000;
};

// Whether `a` accepts at least the values `b` does, parameters counting as dyn.
bool at_least_as_general(const Type& a, const Type& b);

}  // namespace plimsoll::cel
