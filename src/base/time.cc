#include "base/time.h"

#include <cstddef>

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

// `value` in decimal, of `width` digits with zeros in front.
void put(std::string& out, unsigned value, std::size_t width) {
  const std::size_t begin = out.size();
  out.resize(begin + width);
  for (std::size_t i = width; i > 0; --i, value /= 10)
    out[begin + i - 1] = static_cast<char>('0' + value % 10);
}

std::string format(Time instant, bool with_milliseconds) {
  const Parts p = split(instant);
  std::string text;
  text.reserve(24);
  const int year = static_cast<int>(p.date.year());
  if (year < 0) text += '-';
  const auto magnitude = static_cast<unsigned>(year < 0 ? -year : year);
  put(text, magnitude, magnitude > 9'999 ? 5 : 4);
  text += '-';
  put(text, static_cast<unsigned>(p.date.month()), 2);
  text += '-';
  put(text, static_cast<unsigned>(p.date.day()), 2);
  text += 'T';
  put(text, static_cast<unsigned>(p.time.hours().count()), 2);
  text += ':';
  put(text, static_cast<unsigned>(p.time.minutes().count()), 2);
  text += ':';
  put(text, static_cast<unsigned>(p.time.seconds().count()), 2);
  if (with_milliseconds) {
    text += '.';
    put(text, static_cast<unsigned>(p.time.subseconds().count()), 3);
  }
  text += 'Z';
  return text;
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
  if (*y < 1678 || *y > 2261) return std::nullopt;  // what a count of nanoseconds since 1970 can hold
  return time_point_cast<system_clock::duration>(sys_days(date) + hours(*hour) + minutes(*minute) +
                                                 seconds(*second) + *part - *zone);
}

}  // namespace plimsoll
