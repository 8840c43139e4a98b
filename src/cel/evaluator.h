// Walks a compiled expression.
#pragma once

#include <cstddef>
#include <span>

#include "cel/cel.h"
#include "context.h"
#include "node.h"

namespace plimsoll::cel {

class Evaluator {
 public:
  Evaluator(const ObjectTypes& types, const Activation& activation, Context& context, std::span<Value> locals)
      : types_(types), activation_(activation), context_(context), locals_(locals) {}

  // The value, in `scratch` (null on entry) or wherever it already is; nullptr on failure, which the context
  // then has. Valid until `scratch` is gone or a local that it is changes.
  const Value* eval(const Node& node, Value& scratch);

 private:
  const Value* logical(const Node& node, Value& scratch);
  const Value* conditional(const Node& node, Value& scratch);
  const Value* field(const Node& node, Value& scratch);
  const Value* has_field(const Node& node, Value& scratch);
  const Value* select(const Node& node, Value& scratch);
  const Value* has(const Node& node, Value& scratch);
  const Value* select_from(const Node& node, const Value& target, Value& scratch);
  const Value* maybe_select(const Node& node, const Value& target, Value& scratch);
  const Value* list(const Node& node, Value& scratch);
  const Value* map(const Node& node, Value& scratch);
  template <std::size_t N>
  const Value* call(const Node& node, Value& scratch);
  const Value* call_any(const Node& node, Value& scratch);
  const Value* match(const Node& node, Value& scratch);
  const Value* in_zone(const Node& node, Value& scratch);
  const Value* optional_or(const Node& node, Value& scratch);

  const Value* fold(const Node& node, Value& scratch);
  const Value* fold_condition(const Node& node, const Value& range, Value& scratch);
  const Value* fold_list(const Node& node, const Value& range, Value& scratch);
  const Value* fold_map(const Node& node, const Value& range, Value& scratch);
  bool set_variables(const Node& node, const Value& range, std::size_t i);
  bool passes(const Node& node, bool& out);
  const Value* bind(const Node& node, Value& scratch);
  const Value* optional_map(const Node& node, Value& scratch);

  const Value* fail(std::string message);
  const Value* boolean(bool v, Value& scratch);

  const ObjectTypes& types_;
  const Activation& activation_;
  Context& context_;
  std::span<Value> locals_;
};

}  // namespace plimsoll::cel
