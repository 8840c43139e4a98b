#include <array>
#include <limits>
#include <optional>
#include <utility>

#include "calendar.h"
#include "context.h"
#include "functions.h"

namespace plimsoll::cel {
namespace {

using Kind = Type::Kind;

Outcome overflow(Context& context) {
  return outcome(context.fail("integer overflow"));
}

template <class T, class Make>
Outcome give(Context& context, const std::optional<T>& result, Make make, Value& out) {
  if (!result) return outcome(context.fail("time out of range"));
  out = make(*result);
  return Outcome::kDone;
}

Outcome join_text(Context& context, const Value& a, const Value& b, Value& out) {
  const auto left = a.as_string();
  const auto right = b.as_string();
  if (!context.charge(left.size() + right.size())) return Outcome::kFailed;
  std::string joined;
  joined.reserve(left.size() + right.size());
  joined.append(left).append(right);
  out = a.kind() == Kind::kString ? Value::string(std::move(joined)) : Value::bytes(std::move(joined));
  return Outcome::kDone;
}

Outcome join_lists(Context& context, const List& a, const List& b, Value& out) {
  const std::size_t count = a.size() + b.size();
  if (!context.charge(count * sizeof(Value)) || !context.step(count)) return Outcome::kFailed;
  std::vector<Value> joined;
  joined.reserve(count);
  for (std::size_t i = 0; i < a.size(); ++i) joined.push_back(a.at(i));
  for (std::size_t i = 0; i < b.size(); ++i) joined.push_back(b.at(i));
  out = Value::list(std::move(joined));
  return Outcome::kDone;
}

Outcome add_times(Context& context, Args args, Value& out) {
  if (args.are(Kind::kTimestamp, Kind::kDuration)) {
    return give(context, add(args[0].as_timestamp(), args[1].as_duration()), Value::timestamp, out);
  }
  if (args.are(Kind::kDuration, Kind::kTimestamp)) {
    return give(context, add(args[1].as_timestamp(), args[0].as_duration()), Value::timestamp, out);
  }
  if (args.are(Kind::kDuration, Kind::kDuration)) {
    return give(context, add(args[0].as_duration(), args[1].as_duration()), Value::duration, out);
  }
  return Outcome::kNoOverload;
}

Outcome plus(Context& context, Args args, Value& out) {
  if (args.are(Kind::kInt, Kind::kInt)) {
    std::int64_t sum = 0;
    if (__builtin_add_overflow(args[0].as_int(), args[1].as_int(), &sum)) return overflow(context);
    out = Value::integer(sum);
  } else if (args.are(Kind::kUint, Kind::kUint)) {
    std::uint64_t sum = 0;
    if (__builtin_add_overflow(args[0].as_uint(), args[1].as_uint(), &sum)) return overflow(context);
    out = Value::unsigned_integer(sum);
  } else if (args.are(Kind::kDouble, Kind::kDouble)) {
    out = Value::number(args[0].as_double() + args[1].as_double());
  } else if (args.are(Kind::kString, Kind::kString) || args.are(Kind::kBytes, Kind::kBytes)) {
    return join_text(context, args[0], args[1], out);
  } else if (args.are(Kind::kList, Kind::kList)) {
    return join_lists(context, args[0].as_list(), args[1].as_list(), out);
  } else {
    return add_times(context, args, out);
  }
  return Outcome::kDone;
}

Outcome subtract_times(Context& context, Args args, Value& out) {
  if (args.are(Kind::kTimestamp, Kind::kTimestamp)) {
    return give(context, subtract(args[0].as_timestamp(), args[1].as_timestamp()), Value::duration, out);
  }
  if (args.are(Kind::kTimestamp, Kind::kDuration)) {
    return give(context, subtract(args[0].as_timestamp(), args[1].as_duration()), Value::timestamp, out);
  }
  if (args.are(Kind::kDuration, Kind::kDuration)) {
    return give(context, subtract(args[0].as_duration(), args[1].as_duration()), Value::duration, out);
  }
  return Outcome::kNoOverload;
}

Outcome minus(Context& context, Args args, Value& out) {
  if (args.are(Kind::kInt, Kind::kInt)) {
    std::int64_t difference = 0;
    if (__builtin_sub_overflow(args[0].as_int(), args[1].as_int(), &difference)) return overflow(context);
    out = Value::integer(difference);
  } else if (args.are(Kind::kUint, Kind::kUint)) {
    std::uint64_t difference = 0;
    if (__builtin_sub_overflow(args[0].as_uint(), args[1].as_uint(), &difference)) return overflow(context);
    out = Value::unsigned_integer(difference);
  } else if (args.are(Kind::kDouble, Kind::kDouble)) {
    out = Value::number(args[0].as_double() - args[1].as_double());
  } else {
    return subtract_times(context, args, out);
  }
  return Outcome::kDone;
}

Outcome times(Context& context, Args args, Value& out) {
  if (args.are(Kind::kInt, Kind::kInt)) {
    std::int64_t product = 0;
    if (__builtin_mul_overflow(args[0].as_int(), args[1].as_int(), &product)) return overflow(context);
    out = Value::integer(product);
  } else if (args.are(Kind::kUint, Kind::kUint)) {
    std::uint64_t product = 0;
    if (__builtin_mul_overflow(args[0].as_uint(), args[1].as_uint(), &product)) return overflow(context);
    out = Value::unsigned_integer(product);
  } else if (args.are(Kind::kDouble, Kind::kDouble)) {
    out = Value::number(args[0].as_double() * args[1].as_double());
  } else {
    return Outcome::kNoOverload;
  }
  return Outcome::kDone;
}

bool overflows_division(std::int64_t a, std::int64_t b) {
  return b == -1 && a == std::numeric_limits<std::int64_t>::min();
}

Outcome divide(Context& context, Args args, Value& out) {
  if (args.are(Kind::kInt, Kind::kInt)) {
    if (args[1].as_int() == 0) return outcome(context.fail("division by zero"));
    if (overflows_division(args[0].as_int(), args[1].as_int())) return overflow(context);
    out = Value::integer(args[0].as_int() / args[1].as_int());
  } else if (args.are(Kind::kUint, Kind::kUint)) {
    if (args[1].as_uint() == 0) return outcome(context.fail("division by zero"));
    out = Value::unsigned_integer(args[0].as_uint() / args[1].as_uint());
  } else if (args.are(Kind::kDouble, Kind::kDouble)) {
    out = Value::number(args[0].as_double() / args[1].as_double());
  } else {
    return Outcome::kNoOverload;
  }
  return Outcome::kDone;
}

Outcome modulo(Context& context, Args args, Value& out) {
  if (args.are(Kind::kInt, Kind::kInt)) {
    if (args[1].as_int() == 0) return outcome(context.fail("modulus by zero"));
    if (overflows_division(args[0].as_int(), args[1].as_int())) return overflow(context);
    out = Value::integer(args[0].as_int() % args[1].as_int());
  } else if (args.are(Kind::kUint, Kind::kUint)) {
    if (args[1].as_uint() == 0) return outcome(context.fail("modulus by zero"));
    out = Value::unsigned_integer(args[0].as_uint() % args[1].as_uint());
  } else {
    return Outcome::kNoOverload;
  }
  return Outcome::kDone;
}

Outcome negate(Context& context, Args args, Value& out) {
  if (args.are(Kind::kInt)) {
    std::int64_t negated = 0;
    if (__builtin_sub_overflow(std::int64_t{0}, args[0].as_int(), &negated)) return overflow(context);
    out = Value::integer(negated);
  } else if (args.are(Kind::kDouble)) {
    out = Value::number(-args[0].as_double());
  } else {
    return Outcome::kNoOverload;
  }
  return Outcome::kDone;
}

Outcome logical_not(Context&, Args args, Value& out) {
  if (!args.are(Kind::kBool)) return Outcome::kNoOverload;
  out = Value::boolean(!args[0].as_bool());
  return Outcome::kDone;
}

constexpr std::array<Builtin, 7> kFunctions = {{
    {"_+_",
     "int,int->int; uint,uint->uint; double,double->double; string,string->string; bytes,bytes->bytes; "
     "list(A),list(A)->list(A); timestamp,duration->timestamp; duration,timestamp->timestamp; "
     "duration,duration->duration",
     plus},
    {"_-_",
     "int,int->int; uint,uint->uint; double,double->double; timestamp,timestamp->duration; "
     "timestamp,duration->timestamp; duration,duration->duration",
     minus},
    {"_*_", "int,int->int; uint,uint->uint; double,double->double", times},
    {"_/_", "int,int->int; uint,uint->uint; double,double->double", divide},
    {"_%_", "int,int->int; uint,uint->uint", modulo},
    {"-_", "int->int; double->double", negate},
    {"!_", "bool->bool", logical_not},
}};

}  // namespace

std::span<const Builtin> arithmetic_functions() {
  return kFunctions;
}

}  // namespace plimsoll::cel
