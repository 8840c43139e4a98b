#include "cases.h"

#include <algorithm>
#include <array>
#include <map>
#include <string_view>
#include <utility>

#include "cel/cel.h"
#include "values.h"

namespace plimsoll::conformance {
namespace {

using cel::Environment;
using cel::Program;
using cel::Type;
using cel::Value;

constexpr std::array<std::string_view, 15> kKnownFields = {
    "name",       "description",   "expr",       "bindings",        "type_env",
    "container",  "disable_check", "check_only", "disable_macros",  "value",
    "eval_error", "typed_result",  "unknown",    "any_eval_errors", "any_unknowns"};

bool is_word(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

// The expression without the contents of its text literals and comments, and without blanks: what is left are
// names and operators.
std::string skeleton(std::string_view expr) {
  std::string out;
  for (std::size_t i = 0; i < expr.size(); ++i) {
    const char c = expr[i];
    if (c == '"' || c == '\'') {
      std::size_t end = i + 1;
      while (end < expr.size() && expr[end] != c) end += expr[end] == '\\' ? 2 : 1;
      out += '"';
      i = end;
    } else if (c == '/' && i + 1 < expr.size() && expr[i + 1] == '/') {
      while (i < expr.size() && expr[i] != '\n') ++i;
    } else if (!std::string_view(" \t\n\r\f").contains(c)) {
      out += c;
    }
  }
  return out;
}

// A name from the messages that the cases of google/cel-spec are written against.
std::optional<std::string> message_in(const std::string& expr) {
  const std::string text = skeleton(expr);
  for (const std::string_view name : {"NestedTestAllTypes", "TestAllTypes", "GlobalEnum", "NestedEnum"}) {
    if (text.contains(name)) return std::string(name);
  }
  constexpr std::string_view kPackage = "google.protobuf.";
  for (std::size_t at = text.find(kPackage); at != std::string::npos; at = text.find(kPackage, at + 1)) {
    std::size_t end = at + kPackage.size();
    while (end < text.size() && is_word(text[end])) ++end;
    const std::string name = text.substr(at, end - at);
    const bool built = end < text.size() && text[end] == '{';
    if (built || (name != "google.protobuf.Timestamp" && name != "google.protobuf.Duration")) return name;
  }
  return std::nullopt;
}

bool is_time(std::string_view name) {
  return name.ends_with("google.protobuf.Timestamp") || name.ends_with("google.protobuf.Duration") ||
         name.ends_with("google.protobuf.Timestamp]") || name.ends_with("google.protobuf.Duration]");
}

// A message type or value among the bindings, declarations and results.
std::optional<std::string> message_below(const Message& m) {
  for (const auto& field : m.fields) {
    if (field.name == "message_type" && !is_time(field.text)) return field.text;
    if (field.name == "wrapper") return "wrapper " + field.text;
    if (field.name == "enum_value") return "enum";
    if (field.name == "object_value" && field.message != nullptr) {
      for (const auto& any : field.message->fields) {
        if (!is_time(any.name)) return any.name;
      }
    } else if (field.message != nullptr) {
      if (auto found = message_below(*field.message)) return found;
    }
  }
  return std::nullopt;
}

// Bindings by the index that the environment gave their names.
struct Bindings final : cel::Activation {
  Value get(std::size_t variable) const override {
    const auto found = values.find(variable);
    return found == values.end() ? Value::null() : found->second;
  }
  std::map<std::size_t, Value> values;
};

struct World {
  Environment environment;
  Bindings bindings;
  std::map<std::string, std::size_t> indices;
};

std::optional<std::string> declare_function(const Message& function, const std::string& name, World& world) {
  for (const Message* overload : function.all("overloads")) {
    std::vector<Type> parameters;
    for (const Message* parameter : overload->all("params")) {
      auto type = read_type(*parameter);
      if (!type) return type.error();
      parameters.push_back(*std::move(type));
    }
    const Message* result = overload->message("result_type");
    auto type = result == nullptr ? std::expected<Type, std::string>(Type::dyn()) : read_type(*result);
    if (!type) return type.error();
    world.environment.declare_function(name, std::move(parameters), *std::move(type));
  }
  return std::nullopt;
}

std::optional<std::string> declare(const Message& declaration, World& world) {
  const std::string name = declaration.text("name");
  if (const Message* function = declaration.message("function"))
    return declare_function(*function, name, world);
  const Message* ident = declaration.message("ident");
  const Message* type = ident == nullptr ? nullptr : ident->message("type");
  if (type == nullptr) return "a declaration without a type";
  auto read = read_type(*type);
  if (!read) return read.error();
  world.indices[name] = world.environment.declare(name, *std::move(read));
  return std::nullopt;
}

std::optional<std::string> bind(const Message& binding, World& world) {
  const std::string name = binding.text("key");
  const Message* value = binding.message("value");
  const Message* inner = value == nullptr ? nullptr : value->message("value");
  if (inner == nullptr) return "a binding without a value";
  auto read = read_value(*inner);
  if (!read) return read.error();
  if (!world.indices.contains(name)) world.indices[name] = world.environment.declare(name, Type::dyn());
  world.bindings.values[world.indices[name]] = *std::move(read);
  return std::nullopt;
}

std::string describe(const std::vector<cel::Problem>& problems) {
  std::string out;
  for (const auto& [line, column, message] : problems) {
    if (!out.empty()) out += "; ";
    out += std::to_string(line) + ":" + std::to_string(column) + ": " + message;
  }
  return out;
}

std::optional<std::string> compare_value(const Message& wanted, const Result<Value>& got) {
  auto expected = read_value(wanted);
  if (!expected) return expected.error();
  if (!got) return "failed: " + got.error().message;
  if (same(*got, *expected)) return std::nullopt;
  return "gave " + got->to_string() + ", wanted " + expected->to_string();
}

std::optional<std::string> compare_type(const Message& typed, const Type& got) {
  const Message* deduced = typed.message("deduced_type");
  if (deduced == nullptr) return std::nullopt;
  auto wanted = read_type(*deduced);
  if (!wanted) return wanted.error();
  if (*wanted == got) return std::nullopt;
  return "has type " + got.to_string() + ", wanted " + wanted->to_string();
}

std::optional<std::string> check_result(const Message& test, const Program& program,
                                        const Bindings& bindings) {
  if (const Message* typed = test.message("typed_result")) {
    if (auto wrong = compare_type(*typed, program.type())) return wrong;
    if (test.flag("check_only")) return std::nullopt;
    const Message* wanted = typed->message("result");
    return wanted == nullptr ? std::nullopt : compare_value(*wanted, program.evaluate(bindings));
  }
  if (test.flag("check_only")) return std::nullopt;
  const auto got = program.evaluate(bindings);
  if (test.find("eval_error") != nullptr) {
    return got ? std::optional("gave " + got->to_string() + ", wanted an error") : std::nullopt;
  }
  if (const Message* wanted = test.message("value")) return compare_value(*wanted, got);
  if (!got) return "failed: " + got.error().message;
  if (got->kind() == Type::Kind::kBool && got->as_bool()) return std::nullopt;
  return "gave " + got->to_string() + ", wanted true";
}

}  // namespace

std::optional<std::string> reason_to_exclude(const Message& test) {
  auto name = message_in(test.text("expr"));
  if (!name) name = message_below(test);
  if (!name) return std::nullopt;
  return "needs the protobuf message " + *name;
}

std::optional<std::string> run_case(const Message& test) {
  for (const auto& field : test.fields) {
    if (std::ranges::find(kKnownFields, field.name) == kKnownFields.end())
      return "unknown field " + field.name;
  }
  for (const std::string_view unsupported :
       {"disable_macros", "unknown", "any_eval_errors", "any_unknowns"}) {
    if (test.find(unsupported) != nullptr) return "not supported: " + std::string(unsupported);
  }
  World world;
  world.environment.set_container(test.text("container"));
  for (const Message* declaration : test.all("type_env")) {
    if (auto wrong = declare(*declaration, world)) return wrong;
  }
  for (const Message* binding : test.all("bindings")) {
    if (auto wrong = bind(*binding, world)) return wrong;
  }
  const auto program =
      Program::compile(world.environment, test.text("expr"), {}, !test.flag("disable_check"));
  if (!program) {
    // An error is an error, found early or late; but what is to fail in evaluation must get there.
    if (test.find("eval_error") != nullptr && !test.flag("disable_check")) return std::nullopt;
    return "does not compile: " + describe(program.error());
  }
  return check_result(test, *program, world.bindings);
}

}  // namespace plimsoll::conformance
