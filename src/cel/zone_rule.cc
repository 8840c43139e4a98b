#include "zone_rule.h"

#include "calendar.h"

namespace plimsoll::cel {

constexpr std::int64_t kDay = 86'400;

class ZoneRule::Reader {
 public:
  explicit Reader(std::string_view text) : text_(text) {}
  bool done() const { return text_.empty(); }

  bool accept(char c) {
    if (!text_.starts_with(c)) return false;
    text_.remove_prefix(1);
    return true;
  }

  // "CET" or "<+03>".
  bool name() {
    const bool quoted = accept('<');
    std::size_t n = 0;
    while (n < text_.size() && (quoted ? text_[n] != '>' : is_letter(text_[n]))) ++n;
    if (n == 0) return false;
    text_.remove_prefix(n);
    return !quoted || accept('>');
  }

  std::optional<unsigned> number() {
    unsigned out = 0;
    std::size_t n = 0;
    while (n < text_.size() && n < 4 && text_[n] >= '0' && text_[n] <= '9') {
      out = out * 10 + static_cast<unsigned>(text_[n++] - '0');
    }
    text_.remove_prefix(n);
    return n > 0 ? std::optional(out) : std::nullopt;
  }

  // [+-]hh[:mm[:ss]]
  std::optional<std::int64_t> time() {
    const bool negative = accept('-');
    if (!negative) accept('+');
    std::int64_t out = 0;
    std::int64_t unit = 3600;
    do {
      const auto part = number();
      if (!part) return std::nullopt;
      out += std::int64_t{*part} * unit;
      unit /= 60;
    } while (unit > 0 && accept(':'));
    return negative ? -out : out;
  }

  std::optional<Change> change() {
    if (!accept(',')) return std::nullopt;
    Change out;
    if (accept('M')) {
      out.kind = Change::Kind::kWeekOfMonth;
      const auto month = number();
      const auto week = accept('.') ? number() : std::nullopt;
      const auto day = accept('.') ? number() : std::nullopt;
      if (!month || !week || !day || *month < 1 || *month > 12 || *week < 1 || *week > 5 || *day > 6) {
        return std::nullopt;
      }
      out.month = *month;
      out.week = *week;
      out.day = *day;
    } else {
      out.kind = accept('J') ? Change::Kind::kJulianDay : Change::Kind::kDayOfYear;
      const auto day = number();
      if (!day || *day > 365) return std::nullopt;
      out.day = *day;
    }
    if (!accept('/')) return out;
    const auto at = time();
    if (!at) return std::nullopt;
    out.time = *at;
    return out;
  }

 private:
  static bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
  std::string_view text_;
};

std::int64_t ZoneRule::Change::in_year(std::int64_t year) const {
  const std::int64_t first_of_year = days_from_civil(year, 1, 1);
  if (kind == Kind::kDayOfYear) return (first_of_year + day) * kDay + time;
  if (kind == Kind::kJulianDay) {  // 29 February is never counted
    const bool leap = days_from_civil(year + 1, 1, 1) - first_of_year == 366;
    return (first_of_year + day - 1 + (leap && day >= 60 ? 1 : 0)) * kDay + time;
  }
  const std::int64_t first = days_from_civil(year, month, 1);
  const std::int64_t next_month =
      month == 12 ? days_from_civil(year + 1, 1, 1) : days_from_civil(year, month + 1, 1);
  const unsigned first_weekday = to_civil(first * kDay).day_of_week;
  std::int64_t at = first + (day + 7 - first_weekday) % 7 + 7 * (std::int64_t{week} - 1);
  while (at >= next_month) at -= 7;
  return at * kDay + time;
}

std::optional<ZoneRule> ZoneRule::parse(std::string_view text) {
  Reader in(text);
  ZoneRule out;
  if (!in.name()) return std::nullopt;
  const auto standard = in.time();
  if (!standard) return std::nullopt;
  out.standard_ = -*standard;
  if (in.done()) return out;

  if (!in.name()) return std::nullopt;
  out.has_daylight_ = true;
  out.daylight_ = out.standard_ + 3600;
  Reader ahead = in;
  if (const auto daylight = ahead.time()) {
    out.daylight_ = -*daylight;
    in = ahead;
  }
  const auto begin = in.change();
  const auto end = in.change();
  if (!begin || !end || !in.done()) return std::nullopt;
  out.begin_ = *begin;
  out.end_ = *end;
  return out;
}

std::int64_t ZoneRule::offset_at(std::int64_t seconds) const {
  if (!has_daylight_) return standard_;
  const std::int64_t year = to_civil(seconds + standard_).year;
  const std::int64_t begin = begin_.in_year(year) - standard_;
  const std::int64_t end = end_.in_year(year) - daylight_;
  const bool daylight = begin < end ? seconds >= begin && seconds < end : seconds >= begin || seconds < end;
  return daylight ? daylight_ : standard_;
}

}  // namespace plimsoll::cel
