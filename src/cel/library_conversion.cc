#include <array>
#include <charconv>
#include <cmath>
#include <limits>
#include <optional>

#include "base/json.h"
#include "calendar.h"
#include "context.h"
#include "functions.h"

namespace plimsoll::cel {
namespace {

using Kind = Type::Kind;

constexpr double kTwoTo63 = 9223372036854775808.0;

Outcome out_of_range(Context& context, std::string_view type) {
  return outcome(context.fail("out of the range of " + std::string(type)));
}

Outcome not_a(Context& context, std::string_view type, const Value& text) {
  return outcome(context.fail("cannot read " + text.to_string(60) + " as " + std::string(type)));
}

template <class T>
std::optional<T> parse(std::string_view text) {
  if (text.starts_with('+')) text.remove_prefix(1);
  T value{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

Outcome to_int(Context& context, Args args, Value& out) {
  const Value& v = args[0];
  switch (v.kind()) {
    case Kind::kInt:
      out = v;
      return Outcome::kDone;
    case Kind::kUint:
      if (v.as_uint() > static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max())) {
        return out_of_range(context, "int");
      }
      out = Value::integer(static_cast<std::int64_t>(v.as_uint()));
      return Outcome::kDone;
    case Kind::kDouble: {
      const double d = v.as_double();
      if (!(d > -kTwoTo63 && d < kTwoTo63)) return out_of_range(context, "int");
      out = Value::integer(static_cast<std::int64_t>(d));
      return Outcome::kDone;
    }
    case Kind::kString: {
      const auto value = parse<std::int64_t>(v.as_string());
      if (!value) return not_a(context, "int", v);
      out = Value::integer(*value);
      return Outcome::kDone;
    }
    case Kind::kTimestamp:
      out = Value::integer(v.as_timestamp().seconds);
      return Outcome::kDone;
    default:
      return Outcome::kNoOverload;
  }
}

Outcome to_uint(Context& context, Args args, Value& out) {
  const Value& v = args[0];
  switch (v.kind()) {
    case Kind::kUint:
      out = v;
      return Outcome::kDone;
    case Kind::kInt:
      if (v.as_int() < 0) return out_of_range(context, "uint");
      out = Value::unsigned_integer(static_cast<std::uint64_t>(v.as_int()));
      return Outcome::kDone;
    case Kind::kDouble: {
      const double d = v.as_double();
      if (!(d > -1 && d < 2 * kTwoTo63)) return out_of_range(context, "uint");
      out = Value::unsigned_integer(static_cast<std::uint64_t>(d));
      return Outcome::kDone;
    }
    case Kind::kString: {
      const auto value = parse<std::uint64_t>(v.as_string());
      if (!value) return not_a(context, "uint", v);
      out = Value::unsigned_integer(*value);
      return Outcome::kDone;
    }
    default:
      return Outcome::kNoOverload;
  }
}

Outcome to_number(Context& context, Args args, Value& out) {
  const Value& v = args[0];
  switch (v.kind()) {
    case Kind::kDouble:
      out = v;
      return Outcome::kDone;
    case Kind::kInt:
      out = Value::number(static_cast<double>(v.as_int()));
      return Outcome::kDone;
    case Kind::kUint:
      out = Value::number(static_cast<double>(v.as_uint()));
      return Outcome::kDone;
    case Kind::kString: {
      const auto value = double_from_text(v.as_string());
      if (!value) return not_a(context, "double", v);
      out = Value::number(*value);
      return Outcome::kDone;
    }
    default:
      return Outcome::kNoOverload;
  }
}

Outcome to_text(Context& context, Args args, Value& out) {
  const Value& v = args[0];
  switch (v.kind()) {
    case Kind::kString:
      out = v;
      return Outcome::kDone;
    case Kind::kBool:
      out = Value::borrowed_string(v.as_bool() ? "true" : "false");
      return Outcome::kDone;
    case Kind::kInt:
      out = Value::string(std::to_string(v.as_int()));
      return outcome(context.charge(20));
    case Kind::kUint:
      out = Value::string(std::to_string(v.as_uint()));
      return outcome(context.charge(20));
    case Kind::kDouble:
      out = Value::string(double_to_text(v.as_double()));
      return outcome(context.charge(24));
    case Kind::kTimestamp:
      out = Value::string(timestamp_to_text(v.as_timestamp()));
      return outcome(context.charge(30));
    case Kind::kDuration:
      out = Value::string(duration_to_text(v.as_duration()));
      return outcome(context.charge(30));
    case Kind::kBytes:
      if (!context.charge(v.as_string().size())) return Outcome::kFailed;
      if (!is_utf8(v.as_string())) return outcome(context.fail("these bytes are not valid UTF-8"));
      out = Value::string(std::string(v.as_string()));
      return Outcome::kDone;
    default:
      return Outcome::kNoOverload;
  }
}

Outcome to_bytes(Context& context, Args args, Value& out) {
  if (args.kind(0) == Kind::kBytes) {
    out = args[0];
    return Outcome::kDone;
  }
  if (args.kind(0) != Kind::kString) return Outcome::kNoOverload;
  if (!context.charge(args[0].as_string().size())) return Outcome::kFailed;
  out = Value::bytes(std::string(args[0].as_string()));
  return Outcome::kDone;
}

Outcome to_bool(Context& context, Args args, Value& out) {
  if (args.kind(0) == Kind::kBool) {
    out = args[0];
    return Outcome::kDone;
  }
  if (args.kind(0) != Kind::kString) return Outcome::kNoOverload;
  const auto text = args[0].as_string();
  for (const std::string_view yes : {"true", "True", "TRUE", "t", "1"}) {
    if (text == yes) out = Value::boolean(true);
  }
  for (const std::string_view no : {"false", "False", "FALSE", "f", "0"}) {
    if (text == no) out = Value::boolean(false);
  }
  return out.kind() == Kind::kBool ? Outcome::kDone : not_a(context, "bool", args[0]);
}

Outcome to_timestamp(Context& context, Args args, Value& out) {
  const Value& v = args[0];
  if (v.kind() == Kind::kTimestamp) {
    out = v;
    return Outcome::kDone;
  }
  std::optional<Timestamp> read;
  if (v.kind() == Kind::kString) {
    read = timestamp_from_text(v.as_string());
  } else if (v.kind() == Kind::kInt) {
    read = timestamp_from_seconds(v.as_int());
  } else {
    return Outcome::kNoOverload;
  }
  if (!read) return not_a(context, "timestamp (RFC 3339, years 1 to 9999)", v);
  out = Value::timestamp(*read);
  return Outcome::kDone;
}

Outcome to_duration(Context& context, Args args, Value& out) {
  const Value& v = args[0];
  if (v.kind() == Kind::kDuration) {
    out = v;
    return Outcome::kDone;
  }
  if (v.kind() != Kind::kString) return Outcome::kNoOverload;
  const auto read = duration_from_text(v.as_string());
  if (!read) return not_a(context, "duration (like 1h30m or 250ms, up to 292 years)", v);
  out = Value::duration(*read);
  return Outcome::kDone;
}

Outcome to_dyn(Context&, Args args, Value& out) {
  out = args[0];
  return Outcome::kDone;
}

Outcome type_of(Context&, Args args, Value& out) {
  out = Value::type(runtime_type(args[0]));
  return Outcome::kDone;
}

// An implementation that is only ever asked about one argument.
template <Implementation one>
Outcome unary(Context& context, Args args, Value& out) {
  return args.size() == 1 ? one(context, args, out) : Outcome::kNoOverload;
}

constexpr std::array<Builtin, 10> kFunctions = {{
    {"int", "int->int; uint->int; double->int; string->int; timestamp->int", unary<to_int>},
    {"uint", "uint->uint; int->uint; double->uint; string->uint", unary<to_uint>},
    {"double", "double->double; int->double; uint->double; string->double", unary<to_number>},
    {"string",
     "string->string; bool->string; int->string; uint->string; double->string; bytes->string; "
     "timestamp->string; duration->string",
     unary<to_text>},
    {"bytes", "bytes->bytes; string->bytes", unary<to_bytes>},
    {"bool", "bool->bool; string->bool", unary<to_bool>},
    {"timestamp", "timestamp->timestamp; string->timestamp; int->timestamp", unary<to_timestamp>},
    {"duration", "duration->duration; string->duration", unary<to_duration>},
    {"dyn", "A->dyn", unary<to_dyn>},
    {"type", "A->type(A)", unary<type_of>},
}};

}  // namespace

std::span<const Builtin> conversion_functions() {
  return kFunctions;
}

}  // namespace plimsoll::cel
