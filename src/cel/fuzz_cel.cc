// Compiles the input as an expression, checked and unchecked, and evaluates what compiles.
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "cel/cel.h"

namespace {

using namespace plimsoll::cel;

class Request final : public Object {
 public:
  std::string_view type_name() const override { return "Request"; }
  bool has(std::size_t index) const override { return index != 2; }
  Value field(std::size_t index) const override {
    switch (index) {
      case 0:
        return Value::number(0.5);
      case 1:
        return Value::borrowed_string("Grüße aus Berlin, a@example.com");
      case 2:
        return Value::list({Value::integer(1), Value::string("two"), Value::number(3)});
      default:
        return Value::map(
            {{Value::string("k"), Value::borrowed(this)}, {Value::integer(1), Value::borrowed_string({})}});
    }
  }
};

class Facts final : public Activation {
 public:
  Value get(std::size_t variable) const override {
    switch (variable) {
      case 0:
        return Value::borrowed(&request_);
      case 1:
        return Value::integer(-7);
      case 2:
        return Value::timestamp({1'700'000'000, 123'456'789});
      case 3:
        return Value::map(
            {{Value::string("a"), Value::list({Value::unsigned_integer(1), Value::bytes("\xff")})}});
      default:
        return Value::optional_of(Value::duration({-1, -1}));
    }
  }

 private:
  Request request_;
};

Environment make_environment() {
  Environment out;
  out.declare_object("Request", {{"score", Type::number()},
                                 {"text", Type::string()},
                                 {"tags", Type::list(Type::dyn())},
                                 {"extra", Type::map(Type::dyn(), Type::dyn())}});
  out.declare("request", Type::object("Request"));
  out.declare("n", Type::integer());
  out.declare("now", Type::timestamp());
  out.declare("data.map", Type::map(Type::string(), Type::dyn()));
  out.declare("maybe", Type::optional(Type::duration()));
  out.set_container("data.inner");
  out.allow_spelled_operators(true);
  return out;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const Environment environment = make_environment();
  static const Facts facts;
  const std::string_view source(reinterpret_cast<const char*>(data), size);
  for (const bool checked : {true, false}) {
    const auto program =
        Program::compile(environment, source, {.max_steps = 20'000, .max_bytes = 1U << 18U}, checked);
    if (!program) continue;
    const auto value = program->evaluate(facts);
    if (value) (void)value->to_string(100);
  }
  return 0;
}
