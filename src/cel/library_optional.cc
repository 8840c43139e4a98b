#include <array>

#include "context.h"
#include "functions.h"

namespace plimsoll::cel {
namespace {

using Kind = Type::Kind;

bool is_zero(const Value& v) {
  switch (v.kind()) {
    case Kind::kNull:
      return true;
    case Kind::kBool:
      return !v.as_bool();
    case Kind::kInt:
      return v.as_int() == 0;
    case Kind::kUint:
      return v.as_uint() == 0;
    case Kind::kDouble:
      return v.as_double() == 0;
    case Kind::kString:
    case Kind::kBytes:
      return v.as_string().empty();
    case Kind::kList:
      return v.as_list().size() == 0;
    case Kind::kMap:
      return v.as_map().size() == 0;
    case Kind::kDuration:
      return v.as_duration() == Duration{};
    case Kind::kTimestamp:
      return v.as_timestamp() == Timestamp{};
    case Kind::kOptional:
      return v.as_optional() == nullptr;
    default:
      return false;
  }
}

Outcome of(Context& context, Args args, Value& out) {
  if (args.size() != 1) return Outcome::kNoOverload;
  if (!context.charge(sizeof(Value))) return Outcome::kFailed;
  out = Value::optional_of(args[0]);
  return Outcome::kDone;
}

Outcome of_non_zero(Context& context, Args args, Value& out) {
  if (args.size() != 1) return Outcome::kNoOverload;
  if (!is_zero(args[0])) return of(context, args, out);
  out = Value::none();
  return Outcome::kDone;
}

Outcome none(Context&, Args args, Value& out) {
  if (args.size() != 0) return Outcome::kNoOverload;
  out = Value::none();
  return Outcome::kDone;
}

Outcome has_value(Context&, Args args, Value& out) {
  if (!args.are(Kind::kOptional)) return Outcome::kNoOverload;
  out = Value::boolean(args[0].as_optional() != nullptr);
  return Outcome::kDone;
}

Outcome value(Context& context, Args args, Value& out) {
  if (!args.are(Kind::kOptional)) return Outcome::kNoOverload;
  const Value* held = args[0].as_optional();
  if (held == nullptr) return outcome(context.fail("optional.none() has no value"));
  out = *held;
  return Outcome::kDone;
}

// Both are evaluated by Evaluator, which leaves the alternative alone when it is not needed.
Outcome lazily(Context&, Args, Value&) {
  return Outcome::kNoOverload;
}

constexpr std::array<Builtin, 7> kFunctions = {{
    {"optional.of", "A->optional(A)", of},
    {"optional.ofNonZeroValue", "A->optional(A)", of_non_zero},
    {"optional.none", "->optional(A)", none},
    {".hasValue", "optional(A)->bool", has_value},
    {".value", "optional(A)->A", value},
    {".or", "optional(A),optional(A)->optional(A)", lazily},
    {".orValue", "optional(A),A->A", lazily},
}};

}  // namespace

std::span<const Builtin> optional_functions() {
  return kFunctions;
}

}  // namespace plimsoll::cel
