#include <array>

#include "calendar.h"
#include "context.h"
#include "functions.h"
#include "zone.h"

namespace plimsoll::cel {
namespace {

using Kind = Type::Kind;

std::int64_t year(const Civil& c) {
  return c.year;
}
std::int64_t month(const Civil& c) {
  return c.month - 1;
}
std::int64_t date(const Civil& c) {
  return c.day;
}
std::int64_t day_of_month(const Civil& c) {
  return c.day - 1;
}
std::int64_t day_of_week(const Civil& c) {
  return c.day_of_week;
}
std::int64_t day_of_year(const Civil& c) {
  return c.day_of_year;
}
std::int64_t hours(const Civil& c) {
  return c.hour;
}
std::int64_t minutes(const Civil& c) {
  return c.minute;
}
std::int64_t seconds(const Civil& c) {
  return c.second;
}

// The second argument here is an offset; a named zone is resolved when the program is compiled.
std::optional<std::int64_t> offset(Context& context, Args args) {
  if (args.size() == 1) return 0;
  const auto fixed = Zone::fixed_offset(args[1].as_string());
  if (!fixed)
    context.fail("a named time zone must be written as a literal; computed ones may be 'UTC' or '+02:00'");
  return fixed;
}

bool takes_timestamp(Args args) {
  return args.are(Kind::kTimestamp) || args.are(Kind::kTimestamp, Kind::kString);
}

template <std::int64_t (*field)(const Civil&)>
Outcome civil(Context& context, Args args, Value& out) {
  if (!takes_timestamp(args)) return Outcome::kNoOverload;
  const auto east = offset(context, args);
  if (!east) return Outcome::kFailed;
  out = Value::integer(field(to_civil(args[0].as_timestamp().seconds + *east)));
  return Outcome::kDone;
}

template <std::int64_t (*field)(const Civil&), std::int64_t SecondsPerUnit>
Outcome civil_or_span(Context& context, Args args, Value& out) {
  if (!args.are(Kind::kDuration)) return civil<field>(context, args, out);
  out = Value::integer(args[0].as_duration().seconds / SecondsPerUnit);
  return Outcome::kDone;
}

Outcome milliseconds(Context& context, Args args, Value& out) {
  if (args.are(Kind::kDuration)) {
    out = Value::integer(args[0].as_duration().nanos / 1'000'000);
    return Outcome::kDone;
  }
  if (!takes_timestamp(args)) return Outcome::kNoOverload;
  if (!offset(context, args)) return Outcome::kFailed;
  out = Value::integer(args[0].as_timestamp().nanos / 1'000'000);
  return Outcome::kDone;
}

constexpr std::string_view kCivil = "timestamp->int; timestamp,string->int";
constexpr std::string_view kCivilOrSpan = "timestamp->int; timestamp,string->int; duration->int";

constexpr std::array<Builtin, 10> kFunctions = {{
    {".getFullYear", kCivil, civil<year>},
    {".getMonth", kCivil, civil<month>},
    {".getDate", kCivil, civil<date>},
    {".getDayOfMonth", kCivil, civil<day_of_month>},
    {".getDayOfWeek", kCivil, civil<day_of_week>},
    {".getDayOfYear", kCivil, civil<day_of_year>},
    {".getHours", kCivilOrSpan, civil_or_span<hours, 3600>},
    {".getMinutes", kCivilOrSpan, civil_or_span<minutes, 60>},
    {".getSeconds", kCivilOrSpan, civil_or_span<seconds, 1>},
    {".getMilliseconds", kCivilOrSpan, milliseconds},
}};

}  // namespace

std::span<const Builtin> time_functions() {
  return kFunctions;
}

}  // namespace plimsoll::cel
