// The Common Expression Language (https://cel.dev, google/cel-spec): parse, type-check, compile once,
// evaluate often.
//
//   cel::Environment env;
//   env.declare("score", cel::Type::number());                       // variable 0
//   auto program = cel::Program::compile(env, "score > 0.8");        // or the problems, with line and column
//   auto value = program->evaluate(activation);                      // activation.get(0) gives the score
//
// Environment and Program are immutable once built and may be shared by threads. Evaluation is pure, takes
// no lock, does no I/O, and is bounded by Limits whatever the expression and the data.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"
#include "cel/type.h"
#include "cel/value.h"

namespace plimsoll::cel {

// What an expression may name, and of which type.
class Environment {
 public:
  // Adds a variable; its index is the number of variables declared before it. Dotted names ("a.b.c") are
  // allowed and resolved longest first, as the specification says.
  std::size_t declare(std::string name, Type type);

  // Adds a type whose fields are known to the checker: a name that is not listed is a compile error.
  // Values of it are cel::Object. Field indices are positions in `fields`.
  void declare_object(std::string type_name, std::vector<std::pair<std::string, Type>> fields);

  // Adds a function that the checker knows and that has no implementation: evaluating a call of it fails.
  void declare_function(std::string name, std::vector<Type> parameters, Type result);

  // The namespace that unqualified names are resolved in, innermost first ("a.b" tries a.b.x, a.x, x).
  void set_container(std::string container);

  // Reads `and`, `or`, `not` (either case, as whole words outside strings) as &&, ||, !. A variable may not
  // have these names then. Off by default; the specification has no such operators.
  void allow_spelled_operators(bool allow);

  struct Variable {
    std::string name;
    Type type;
  };
  const std::vector<Variable>& variables() const { return variables_; }

 private:
  friend class Checker;
  friend class Program;
  std::vector<Variable> variables_;
  std::vector<std::pair<std::string, std::vector<std::pair<std::string, Type>>>> objects_;
  std::vector<std::pair<std::string, std::pair<std::vector<Type>, Type>>> functions_;
  std::string container_;
  bool spelled_operators_ = false;
};

// One thing wrong with an expression. Positions are 1-based; columns count code points.
struct Problem {
  std::size_t line = 1;
  std::size_t column = 1;
  std::string
      message;  // what was found and what was expected: "unknown variable 'promt'; did you mean 'prompt'?"
};

struct Limits {
  std::size_t max_source_bytes = 64U << 10U;
  std::size_t max_depth = 250;        // nesting of the parsed expression
  std::size_t max_steps = 100'000;    // evaluation steps, comprehension iterations included
  std::size_t max_bytes = 1U << 20U;  // bytes of strings, lists and maps built while evaluating
};

// Where variables get their values. `get` is called at most when an expression needs the variable.
class Activation {
 public:
  virtual ~Activation() = default;
  virtual Value get(std::size_t variable) const = 0;
};

class Program {
 public:
  // `checked = false` skips the type checker (names resolve at run time), for conformance cases that ask so.
  static std::expected<Program, std::vector<Problem>> compile(const Environment& environment,
                                                              std::string_view source,
                                                              const Limits& limits = {}, bool checked = true);

  Program(Program&&) noexcept;
  Program& operator=(Program&&) noexcept;
  ~Program();

  // The checked type of the result; dyn when unchecked.
  const Type& type() const;

  // Indices of the variables the expression names, ascending.
  const std::vector<std::size_t>& variables() const;

  // The value, or why there is none: the CEL error ("no such key: …", "division by zero"), or kTooLarge when
  // a limit was passed. Thread-safe.
  Result<Value> evaluate(const Activation& activation) const;

 private:
  struct Impl;
  explicit Program(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace plimsoll::cel
