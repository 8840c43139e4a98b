// A small world for the tests of expressions.
#pragma once

#include <gtest/gtest.h>

#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "cel/cel.h"

namespace plimsoll::cel {

// Values by variable index; null where there is none.
struct Facts final : Activation {
  Value get(std::size_t variable) const override {
    ++asked;
    const auto found = values.find(variable);
    return found == values.end() ? Value::null() : found->second;
  }
  std::map<std::size_t, Value> values;
  mutable int asked = 0;
};

// An object of type Prompt, seen through the host's interface.
struct Prompt final : Object {
  std::string_view type_name() const override { return "Prompt"; }
  bool has(std::size_t index) const override { return index != 2 || !region.empty(); }
  Value field(std::size_t index) const override {
    if (index == 0) return Value::boolean(contains_pii);
    if (index == 1) return Value::number(jailbreak_score);
    return Value::borrowed_string(region);
  }

  bool contains_pii = false;
  double jailbreak_score = 0;
  std::string region;
};

class Expressions : public ::testing::Test {
 protected:
  Expressions() {
    environment.declare_object(
        "Prompt",
        {{"contains_pii", Type::boolean()}, {"jailbreak_score", Type::number()}, {"region", Type::string()}});
    bind("prompt", Type::object("Prompt"), Value::borrowed(&prompt));
  }

  void bind(std::string name, Type type, Value value) {
    facts.values[environment.declare(std::move(name), std::move(type))] = std::move(value);
  }

  std::expected<Program, std::vector<Problem>> compile(std::string_view source) const {
    return Program::compile(environment, source, limits, checked);
  }

  // The value in CEL notation, or "error: …" from evaluation, or "1:2: …" lines from compilation.
  std::string run(std::string_view source) const {
    const auto program = compile(source);
    if (!program) return describe(program.error());
    const auto value = program->evaluate(facts);
    return value ? value->to_string() : "error: " + value.error().message;
  }

  std::string type_of(std::string_view source) const {
    const auto program = compile(source);
    return program ? program->type().to_string() : describe(program.error());
  }

  static std::string describe(const std::vector<Problem>& problems) {
    std::string out;
    for (const auto& [line, column, message] : problems) {
      if (!out.empty()) out += '\n';
      out += std::to_string(line) + ":" + std::to_string(column) + ": " + message;
    }
    return out;
  }

  Environment environment;
  Facts facts;
  Prompt prompt;
  Limits limits;
  bool checked = true;
};

struct Case {
  std::string_view source;
  std::string_view result;
};

}  // namespace plimsoll::cel
