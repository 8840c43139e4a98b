#include <array>

#include "access.h"
#include "context.h"
#include "functions.h"
#include "utf8.h"

namespace plimsoll::cel {
namespace {

using Kind = Type::Kind;

Outcome size(Context& context, Args args, Value& out) {
  if (args.size() != 1) return Outcome::kNoOverload;
  std::size_t count = 0;
  switch (args.kind(0)) {
    case Kind::kString:
      if (!context.read(args[0].as_string().size())) return Outcome::kFailed;
      count = count_code_points(args[0].as_string());
      break;
    case Kind::kBytes:
      count = args[0].as_string().size();
      break;
    case Kind::kList:
      count = args[0].as_list().size();
      break;
    case Kind::kMap:
      count = args[0].as_map().size();
      break;
    default:
      return Outcome::kNoOverload;
  }
  out = Value::integer(static_cast<std::int64_t>(count));
  return Outcome::kDone;
}

Outcome contains(Context& context, Args args, Value& out) {
  if (args.kind(1) == Kind::kMap) {
    out = Value::boolean(args[1].as_map().find(args[0]).has_value());
    return Outcome::kDone;
  }
  if (args.kind(1) != Kind::kList) return Outcome::kNoOverload;
  const List& list = args[1].as_list();
  for (std::size_t i = 0; i < list.size(); ++i) {
    bool equal = false;
    if (!context.step() || !context.equal(args[0], list.at(i), equal)) return Outcome::kFailed;
    if (equal) {
      out = Value::boolean(true);
      return Outcome::kDone;
    }
  }
  out = Value::boolean(false);
  return Outcome::kDone;
}

Outcome index(Context& context, Args args, Value& out) {
  if (args.kind(0) == Kind::kOptional) {
    return outcome(optional_index(context, args[0].as_optional(), args[1], out));
  }
  return outcome(strict_index(context, args[0], args[1], out));
}

Outcome maybe_index(Context& context, Args args, Value& out) {
  const Value* target = args.kind(0) == Kind::kOptional ? args[0].as_optional() : &args[0];
  return outcome(optional_index(context, target, args[1], out));
}

constexpr std::array<Builtin, 5> kFunctions = {{
    {"size", "string->int; bytes->int; list(A)->int; map(A,B)->int", size},
    {".size", "string->int; bytes->int; list(A)->int; map(A,B)->int", size},
    {"_in_", "A,list(A)->bool; A,map(A,B)->bool", contains},
    {"_[_]",
     "list(A),int->A; map(A,B),A->B; optional(list(A)),int->optional(A); optional(map(A,B)),A->optional(B)",
     index},
    {"_[?_]",
     "list(A),int->optional(A); map(A,B),A->optional(B); optional(list(A)),int->optional(A); "
     "optional(map(A,B)),A->optional(B)",
     maybe_index},
}};

}  // namespace

std::span<const Builtin> collection_functions() {
  return kFunctions;
}

}  // namespace plimsoll::cel
