// The functions and operators that every expression may call.
//
// Each is a name, the signatures the checker knows, and one implementation that looks at the kinds of its
// arguments, because an expression may hide them behind dyn.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "cel/type.h"
#include "cel/value.h"

namespace plimsoll::cel {

class Context;

// Borrowed arguments.
class Args {
 public:
  Args(const Value* const* values, std::size_t count) : values_(values), count_(count) {}
  std::size_t size() const { return count_; }
  const Value& operator[](std::size_t i) const { return *values_[i]; }
  Type::Kind kind(std::size_t i) const { return values_[i]->kind(); }

  // Whether the arguments are exactly of these kinds.
  template <class... Kinds>
  bool are(Kinds... kinds) const {
    std::size_t i = 0;
    return count_ == sizeof...(kinds) && ((values_[i++]->kind() == kinds) && ...);
  }

 private:
  const Value* const* values_;
  std::size_t count_;
};

// What an implementation answers when the kinds of its arguments do not suit it is kNoOverload.
enum class Outcome { kDone, kFailed, kNoOverload };

// On kFailed the context has the failure.
using Implementation = Outcome (*)(Context& context, Args args, Value& out);

inline Outcome outcome(bool done) {
  return done ? Outcome::kDone : Outcome::kFailed;
}

struct Overload {
  std::vector<Type> parameters;
  Type result;
};

struct Function {
  std::string name;  // member functions with a dot in front; operators as "_+_"
  std::vector<Overload> overloads;
  Implementation implementation;
};

// nullptr when there is none. Member functions are asked for as ".name".
const Function* find_function(std::string_view name);
std::vector<std::string_view> function_names();

// For messages: "_+_" is "+", ".size" is "size".
std::string_view display_name(std::string_view name);

// One line of a library: signatures as "int,int->int; list(A),list(A)->list(A)", capitals being parameters.
struct Builtin {
  std::string_view name;
  std::string_view signatures;
  Implementation implementation;
};

std::vector<Overload> parse_signatures(std::string_view text);

std::span<const Builtin> arithmetic_functions();
std::span<const Builtin> comparison_functions();
std::span<const Builtin> collection_functions();
std::span<const Builtin> conversion_functions();
std::span<const Builtin> text_functions();
std::span<const Builtin> text_search_functions();
std::span<const Builtin> format_functions();
std::span<const Builtin> math_functions();
std::span<const Builtin> bit_functions();
std::span<const Builtin> time_functions();
std::span<const Builtin> optional_functions();

}  // namespace plimsoll::cel
