#include <array>
#include <cmath>
#include <limits>

#include "context.h"
#include "functions.h"

namespace plimsoll::cel {
namespace {

using Kind = Type::Kind;

// The extreme of numbers of any types; the first of equals.
template <bool (*Better)(std::partial_ordering)>
Outcome extreme(Context& context, Args args, Value& out) {
  if (args.size() == 0) return Outcome::kNoOverload;
  const bool one_list = args.are(Kind::kList);
  const std::size_t count = one_list ? args[0].as_list().size() : args.size();
  if (count == 0) return outcome(context.fail("an empty list has neither a least nor a greatest"));
  for (std::size_t i = 0; i < count; ++i) {
    const Value candidate = one_list ? args[0].as_list().at(i) : args[i];
    if (!context.step()) return Outcome::kFailed;
    if (!is_number(candidate.kind())) return Outcome::kNoOverload;
    if (i == 0 || Better(*compare_values(candidate, out))) out = candidate;
  }
  return Outcome::kDone;
}

template <double (*f)(double)>
Outcome real(Context&, Args args, Value& out) {
  if (!args.are(Kind::kDouble)) return Outcome::kNoOverload;
  out = Value::number(f(args[0].as_double()));
  return Outcome::kDone;
}

double ceil(double v) {
  return std::ceil(v);
}
double floor(double v) {
  return std::floor(v);
}
double round(double v) {
  return std::round(v);
}
double trunc(double v) {
  return std::trunc(v);
}

template <bool (*f)(double)>
Outcome test(Context&, Args args, Value& out) {
  if (!args.are(Kind::kDouble)) return Outcome::kNoOverload;
  out = Value::boolean(f(args[0].as_double()));
  return Outcome::kDone;
}

bool is_nan(double v) {
  return std::isnan(v);
}
bool is_infinite(double v) {
  return std::isinf(v);
}
bool is_finite(double v) {
  return std::isfinite(v);
}

Outcome absolute(Context& context, Args args, Value& out) {
  if (args.are(Kind::kInt)) {
    if (args[0].as_int() == std::numeric_limits<std::int64_t>::min()) {
      return outcome(context.fail("integer overflow"));
    }
    out = Value::integer(std::abs(args[0].as_int()));
  } else if (args.are(Kind::kUint)) {
    out = args[0];
  } else if (args.are(Kind::kDouble)) {
    out = Value::number(std::fabs(args[0].as_double()));
  } else {
    return Outcome::kNoOverload;
  }
  return Outcome::kDone;
}

Outcome sign(Context&, Args args, Value& out) {
  if (args.are(Kind::kInt)) {
    out = Value::integer((args[0].as_int() > 0) - (args[0].as_int() < 0));
  } else if (args.are(Kind::kUint)) {
    out = Value::unsigned_integer(args[0].as_uint() > 0 ? 1 : 0);
  } else if (args.are(Kind::kDouble)) {
    const double v = args[0].as_double();
    out = Value::number(v > 0 ? 1.0 : (v < 0 ? -1.0 : v));
  } else {
    return Outcome::kNoOverload;
  }
  return Outcome::kDone;
}

constexpr std::string_view kExtreme =
    "int->int; uint->uint; double->double; list(int)->int; list(uint)->uint; list(double)->double; "
    "list(dyn)->dyn; int,int->int; uint,uint->uint; double,double->double; int,uint->dyn; int,double->dyn; "
    "uint,int->dyn; uint,double->dyn; double,int->dyn; double,uint->dyn";

constexpr std::array<Builtin, 11> kFunctions = {{
    {"math.greatest", kExtreme, extreme<std::is_gt>},
    {"math.least", kExtreme, extreme<std::is_lt>},
    {"math.ceil", "double->double", real<ceil>},
    {"math.floor", "double->double", real<floor>},
    {"math.round", "double->double", real<round>},
    {"math.trunc", "double->double", real<trunc>},
    {"math.isNaN", "double->bool", test<is_nan>},
    {"math.isInf", "double->bool", test<is_infinite>},
    {"math.isFinite", "double->bool", test<is_finite>},
    {"math.abs", "int->int; uint->uint; double->double", absolute},
    {"math.sign", "int->int; uint->uint; double->double", sign},
}};

template <std::uint64_t (*f)(std::uint64_t, std::uint64_t)>
Outcome combine(Context&, Args args, Value& out) {
  if (args.are(Kind::kInt, Kind::kInt)) {
    const auto bits =
        f(static_cast<std::uint64_t>(args[0].as_int()), static_cast<std::uint64_t>(args[1].as_int()));
    out = Value::integer(static_cast<std::int64_t>(bits));
  } else if (args.are(Kind::kUint, Kind::kUint)) {
    out = Value::unsigned_integer(f(args[0].as_uint(), args[1].as_uint()));
  } else {
    return Outcome::kNoOverload;
  }
  return Outcome::kDone;
}

std::uint64_t bits_and(std::uint64_t a, std::uint64_t b) {
  return a & b;
}
std::uint64_t bits_or(std::uint64_t a, std::uint64_t b) {
  return a | b;
}
std::uint64_t bits_xor(std::uint64_t a, std::uint64_t b) {
  return a ^ b;
}
std::uint64_t shift_left(std::uint64_t v, std::uint64_t by) {
  return by > 63 ? 0 : v << by;
}
std::uint64_t shift_right(std::uint64_t v, std::uint64_t by) {
  return by > 63 ? 0 : v >> by;
}

template <std::uint64_t (*f)(std::uint64_t, std::uint64_t)>
Outcome shift(Context& context, Args args, Value& out) {
  if (args.size() != 2 || args.kind(1) != Kind::kInt) return Outcome::kNoOverload;
  const std::int64_t by = args[1].as_int();
  if (args.kind(0) != Kind::kInt && args.kind(0) != Kind::kUint) return Outcome::kNoOverload;
  if (by < 0) return outcome(context.fail("a shift by a negative number: " + std::to_string(by)));
  const auto distance = static_cast<std::uint64_t>(by);
  if (args.kind(0) == Kind::kUint) {
    out = Value::unsigned_integer(f(args[0].as_uint(), distance));
  } else {
    const auto bits = f(static_cast<std::uint64_t>(args[0].as_int()), distance);
    out = Value::integer(static_cast<std::int64_t>(bits));
  }
  return Outcome::kDone;
}

Outcome complement(Context&, Args args, Value& out) {
  if (args.are(Kind::kInt)) {
    out = Value::integer(~args[0].as_int());
  } else if (args.are(Kind::kUint)) {
    out = Value::unsigned_integer(~args[0].as_uint());
  } else {
    return Outcome::kNoOverload;
  }
  return Outcome::kDone;
}

constexpr std::array<Builtin, 6> kBitFunctions = {{
    {"math.bitAnd", "int,int->int; uint,uint->uint", combine<bits_and>},
    {"math.bitOr", "int,int->int; uint,uint->uint", combine<bits_or>},
    {"math.bitXor", "int,int->int; uint,uint->uint", combine<bits_xor>},
    {"math.bitNot", "int->int; uint->uint", complement},
    {"math.bitShiftLeft", "int,int->int; uint,int->uint", shift<shift_left>},
    {"math.bitShiftRight", "int,int->int; uint,int->uint", shift<shift_right>},
}};

}  // namespace

std::span<const Builtin> math_functions() {
  return kFunctions;
}
std::span<const Builtin> bit_functions() {
  return kBitFunctions;
}

}  // namespace plimsoll::cel
