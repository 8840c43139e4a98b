#include "base/time.h"

#include <cstdio>

namespace plimsoll {
namespace {

using namespace std::chrono;

struct Parts {
  year_month_day date;
  hh_mm_ss<milliseconds> time;
};

Parts split(Time instant) {
  const auto whole = floor<days>(instant);
  return {year_month_day(whole), hh_mm_ss(floor<milliseconds>(instant - whole))};
}

std::string format(Time instant, bool with_milliseconds) {
  const Parts p = split(instant);
  char text[40];
  const int year = static_cast<int>(p.date.year());
  const unsigned month = static_cast<unsigned>(p.date.month());
  const unsigned day = static_cast<unsigned>(p.date.day());
  const int hour = static_cast<int>(p.time.hours().count());
  const int minute = static_cast<int>(p.time.minutes().count());
  const int second = static_cast<int>(p.time.seconds().count());
  int size = 0;
  if (with_milliseconds) {
    const int ms = static_cast<int>(p.time.subseconds().count());
    size = std::snprintf(text, sizeof text, "%04d-%02u-%02uT%02d:%02d:%02d.%03dZ", year, month, day, hour,
                         minute, second, ms);
  } else {
    size = std::snprintf(text, sizeof text, "%04d-%02u-%02uT%02d:%02d:%02dZ", year, month, day, hour, minute,
                         second);
  }
  return {text, static_cast<std::size_t>(size)};
}

// Reads exactly `count` digits and moves past them.
std::optional<int> digits(std::string_view& text, std::size_t count) {
  if (text.size() < count) return std::nullopt;
  int value = 0;
  for (std::size_t i = 0; i < count; ++i) {
    if (text[i] < '0' || text[i] > '9') return std::nullopt;
    value = value * 10 + (text[i] - '0');
  }
  text.remove_prefix(count);
  return value;
}

bool eat(std::string_view& text, std::string_view any_of) {
  if (text.empty() || any_of.find(text.front()) == std::string_view::npos) return false;
  text.remove_prefix(1);
  return true;
}

std::optional<nanoseconds> fraction(std::string_view& text) {
  if (!eat(text, ".")) return nanoseconds(0);
  std::int64_t value = 0;
  std::int64_t scale = 1'000'000'000;
  std::size_t count = 0;
  for (; !text.empty() && text.front() >= '0' && text.front() <= '9'; text.remove_prefix(1), ++count)
    if (scale > 1) {
      scale /= 10;
      value += (text.front() - '0') * scale;
    }
  if (count == 0) return std::nullopt;
  return nanoseconds(value);
}

std::optional<minutes> offset(std::string_view& text) {
  if (eat(text, "Zz")) return minutes(0);
  const bool west = text.starts_with('-');
  if (!eat(text, "+-")) return std::nullopt;
  const auto hour = digits(text, 2);
  if (!hour || !eat(text, ":")) return std::nullopt;
  const auto minute = digits(text, 2);
  if (!minute || *hour > 23 || *minute > 59) return std::nullopt;
  const auto total = minutes(*hour * 60 + *minute);
  return west ? -total : total;
}

}  // namespace

std::string to_rfc3339(Time time) {
  return format(time, false);
}
std::string to_rfc3339_ms(Time time) {
  return format(time, true);
}

std::optional<Time> from_rfc3339(std::string_view text) {
  const auto y = digits(text, 4);
  if (!y || !eat(text, "-")) return std::nullopt;
  const auto m = digits(text, 2);
  if (!m || !eat(text, "-")) return std::nullopt;
  const auto d = digits(text, 2);
  if (!d || !eat(text, "Tt ")) return std::nullopt;
  const auto hour = digits(text, 2);
  if (!hour || !eat(text, ":")) return std::nullopt;
  const auto minute = digits(text, 2);
  if (!minute || !eat(text, ":")) return std::nullopt;
  const auto second = digits(text, 2);
  if (!second) return std::nullopt;
  const auto part = fraction(text);
  if (!part) return std::nullopt;
  const auto zone = offset(text);
  if (!zone || !text.empty()) return std::nullopt;

  const auto date = year(*y) / month(static_cast<unsigned>(*m)) / day(static_cast<unsigned>(*d));
  if (!date.ok() || *hour > 23 || *minute > 59 || *second > 60) return std::nullopt;
  return time_point_cast<system_clock::duration>(sys_days(date) + hours(*hour) + minutes(*minute) +
                                                 seconds(*second) + *part - *zone);
}

}  // namespace plimsoll
