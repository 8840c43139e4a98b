#include "calendar.h"

#include <array>
#include <charconv>
#include <chrono>
#include <cmath>

namespace plimsoll::cel {
namespace {

constexpr std::int64_t kNanosPerSecond = 1'000'000'000;
constexpr std::int64_t kFirstSecond = -62'135'596'800;  // 0001-01-01T00:00:00Z
constexpr std::int64_t kLastSecond = 253'402'300'799;   // 9999-12-31T23:59:59Z
constexpr std::int64_t kSecondsPerDay = 86'400;

std::string pad(std::uint64_t value, std::size_t width) {
  std::string text = std::to_string(value);
  return text.size() < width ? std::string(width - text.size(), '0') + text : text;
}

std::string fraction(std::uint64_t nanos) {
  if (nanos == 0) return {};
  std::string text = "." + pad(nanos, 9);
  text.resize(text.find_last_not_of('0') + 1);
  return text;
}

std::optional<std::int64_t> total_nanos(Duration d) {
  std::int64_t out = 0;
  if (__builtin_mul_overflow(d.seconds, kNanosPerSecond, &out)) return std::nullopt;
  if (__builtin_add_overflow(out, std::int64_t{d.nanos}, &out)) return std::nullopt;
  return out;
}

Duration from_nanos(std::int64_t nanos) {
  return {nanos / kNanosPerSecond, static_cast<std::int32_t>(nanos % kNanosPerSecond)};
}

std::optional<Timestamp> normalized(std::int64_t seconds, std::int64_t nanos) {
  if (nanos < 0) {
    nanos += kNanosPerSecond;
    --seconds;
  } else if (nanos >= kNanosPerSecond) {
    nanos -= kNanosPerSecond;
    ++seconds;
  }
  const Timestamp out{seconds, static_cast<std::int32_t>(nanos)};
  return in_range(out) ? std::optional(out) : std::nullopt;
}

// Consumes text from the front.
class Reader {
 public:
  explicit Reader(std::string_view text) : text_(text) {}

  bool done() const { return text_.empty(); }
  char peek() const { return text_.empty() ? '\0' : text_.front(); }

  bool accept(char c) {
    if (peek() != c) return false;
    text_.remove_prefix(1);
    return true;
  }

  bool accept(std::string_view word) {
    if (!text_.starts_with(word)) return false;
    text_.remove_prefix(word.size());
    return true;
  }

  std::optional<unsigned> digits(std::size_t count) {
    if (text_.size() < count) return std::nullopt;
    unsigned out = 0;
    for (std::size_t i = 0; i < count; ++i) {
      const char c = text_[i];
      if (c < '0' || c > '9') return std::nullopt;
      out = out * 10 + static_cast<unsigned>(c - '0');
    }
    text_.remove_prefix(count);
    return out;
  }

  std::string_view run_of_digits() {
    std::size_t n = 0;
    while (n < text_.size() && text_[n] >= '0' && text_[n] <= '9') ++n;
    const auto out = text_.substr(0, n);
    text_.remove_prefix(n);
    return out;
  }

 private:
  std::string_view text_;
};

// ".5" as nanoseconds; zero when there is no fraction.
std::optional<std::int32_t> read_fraction(Reader& in) {
  if (!in.accept('.')) return 0;
  const auto digits = in.run_of_digits();
  if (digits.empty() || digits.size() > 9) return std::nullopt;
  std::int32_t nanos = 0;
  for (std::size_t i = 0; i < 9; ++i) nanos = nanos * 10 + (i < digits.size() ? digits[i] - '0' : 0);
  return nanos;
}

std::optional<std::int64_t> read_offset(Reader& in) {
  if (in.accept('Z') || in.accept('z')) return 0;
  const bool west = in.peek() == '-';
  if (!in.accept('+') && !in.accept('-')) return std::nullopt;
  const auto hours = in.digits(2);
  if (!hours || !in.accept(':')) return std::nullopt;
  const auto minutes = in.digits(2);
  if (!minutes || *hours > 23 || *minutes > 59) return std::nullopt;
  const std::int64_t seconds = std::int64_t{*hours} * 3600 + std::int64_t{*minutes} * 60;
  return west ? -seconds : seconds;
}

std::optional<std::int64_t> read_date(Reader& in) {
  const auto year = in.digits(4);
  if (!year || !in.accept('-')) return std::nullopt;
  const auto month = in.digits(2);
  if (!month || !in.accept('-')) return std::nullopt;
  const auto day = in.digits(2);
  if (!day) return std::nullopt;
  const std::chrono::year_month_day date{std::chrono::year(static_cast<int>(*year)),
                                         std::chrono::month(*month), std::chrono::day(*day)};
  if (!date.ok()) return std::nullopt;
  return std::chrono::sys_days(date).time_since_epoch().count() * kSecondsPerDay;
}

std::optional<std::int64_t> read_time_of_day(Reader& in) {
  const auto hour = in.digits(2);
  if (!hour || !in.accept(':')) return std::nullopt;
  const auto minute = in.digits(2);
  if (!minute || !in.accept(':')) return std::nullopt;
  const auto second = in.digits(2);
  if (!second || *hour > 23 || *minute > 59 || *second > 59) return std::nullopt;
  return std::int64_t{*hour} * 3600 + std::int64_t{*minute} * 60 + std::int64_t{*second};
}

std::optional<std::int64_t> read_unit(Reader& in) {
  if (in.accept("ns")) return 1;
  if (in.accept("us") || in.accept("µs")) return 1'000;
  if (in.accept("ms")) return 1'000'000;
  if (in.accept("s")) return kNanosPerSecond;
  if (in.accept("m")) return 60 * kNanosPerSecond;
  if (in.accept("h")) return 3600 * kNanosPerSecond;
  return std::nullopt;
}

// One "1.5h" in nanoseconds.
std::optional<std::int64_t> read_term(Reader& in) {
  const auto whole = in.run_of_digits();
  const auto part = in.accept('.') ? in.run_of_digits() : std::string_view();
  if (whole.empty() && part.empty()) return std::nullopt;
  const auto unit = read_unit(in);
  if (!unit) return std::nullopt;

  std::int64_t out = 0;
  if (!whole.empty()) {
    std::int64_t value = 0;
    const auto [end, error] = std::from_chars(whole.data(), whole.data() + whole.size(), value);
    if (error != std::errc() || __builtin_mul_overflow(value, *unit, &out)) return std::nullopt;
  }
  std::int64_t scale = *unit;
  double below = 0;
  for (const char c : part) {
    below += static_cast<double>(c - '0') * static_cast<double>(scale) / 10.0;
    scale /= 10;
    if (scale == 0) break;
  }
  if (__builtin_add_overflow(out, static_cast<std::int64_t>(std::llround(below)), &out)) return std::nullopt;
  return out;
}

}  // namespace

bool in_range(Timestamp t) {
  return t.seconds >= kFirstSecond && t.seconds <= kLastSecond;
}

std::int64_t days_from_civil(std::int64_t year, unsigned month, unsigned day) {
  const std::chrono::year_month_day date{std::chrono::year(static_cast<int>(year)), std::chrono::month(month),
                                         std::chrono::day(day)};
  return std::chrono::sys_days(date).time_since_epoch().count();
}

Civil to_civil(std::int64_t seconds) {
  std::int64_t day = seconds / kSecondsPerDay;
  std::int64_t rest = seconds % kSecondsPerDay;
  if (rest < 0) {
    rest += kSecondsPerDay;
    --day;
  }
  const std::chrono::sys_days date{std::chrono::days(day)};
  const std::chrono::year_month_day ymd(date);
  const std::chrono::sys_days first(ymd.year() / std::chrono::January / 1);
  const auto second_of_day = static_cast<unsigned>(rest);
  return {.year = static_cast<int>(ymd.year()),
          .month = static_cast<unsigned>(ymd.month()),
          .day = static_cast<unsigned>(ymd.day()),
          .day_of_week = std::chrono::weekday(date).c_encoding(),
          .day_of_year = static_cast<unsigned>((date - first).count()),
          .hour = second_of_day / 3600,
          .minute = second_of_day / 60 % 60,
          .second = second_of_day % 60};
}

std::string timestamp_to_text(Timestamp t) {
  const Civil c = to_civil(t.seconds);
  return pad(static_cast<std::uint64_t>(c.year), 4) + "-" + pad(c.month, 2) + "-" + pad(c.day, 2) + "T" +
         pad(c.hour, 2) + ":" + pad(c.minute, 2) + ":" + pad(c.second, 2) +
         fraction(static_cast<std::uint64_t>(t.nanos)) + "Z";
}

std::string duration_to_text(Duration d) {
  const bool negative = d.seconds < 0 || d.nanos < 0;
  const std::uint64_t seconds =
      d.seconds < 0 ? 0 - static_cast<std::uint64_t>(d.seconds) : static_cast<std::uint64_t>(d.seconds);
  const auto nanos = static_cast<std::uint64_t>(std::abs(std::int64_t{d.nanos}));
  return (negative ? "-" : "") + std::to_string(seconds) + fraction(nanos) + "s";
}

std::optional<Timestamp> timestamp_from_text(std::string_view text) {
  Reader in(text);
  const auto date = read_date(in);
  if (!date || (!in.accept('T') && !in.accept('t'))) return std::nullopt;
  const auto time = read_time_of_day(in);
  if (!time) return std::nullopt;
  const auto nanos = read_fraction(in);
  if (!nanos) return std::nullopt;
  const auto offset = read_offset(in);
  if (!offset || !in.done()) return std::nullopt;
  return normalized(*date + *time - *offset, *nanos);
}

std::optional<Duration> duration_from_text(std::string_view text) {
  Reader in(text);
  const bool negative = in.accept('-');
  if (!negative) in.accept('+');
  if (in.accept('0') && in.done()) return Duration{};
  Reader terms(text.substr(text.starts_with('-') || text.starts_with('+') ? 1 : 0));
  if (terms.done()) return std::nullopt;
  std::int64_t total = 0;
  while (!terms.done()) {
    const auto term = read_term(terms);
    if (!term || __builtin_add_overflow(total, *term, &total)) return std::nullopt;
  }
  return from_nanos(negative ? -total : total);
}

std::optional<Timestamp> timestamp_from_seconds(std::int64_t seconds) {
  return normalized(seconds, 0);
}

std::optional<Timestamp> add(Timestamp t, Duration d) {
  std::int64_t seconds = 0;
  if (__builtin_add_overflow(t.seconds, d.seconds, &seconds)) return std::nullopt;
  if (seconds < 2 * kFirstSecond || seconds > 2 * kLastSecond) return std::nullopt;
  return normalized(seconds, std::int64_t{t.nanos} + d.nanos);
}

std::optional<Timestamp> subtract(Timestamp t, Duration d) {
  std::int64_t seconds = 0;
  if (__builtin_sub_overflow(t.seconds, d.seconds, &seconds)) return std::nullopt;
  if (seconds < 2 * kFirstSecond || seconds > 2 * kLastSecond) return std::nullopt;
  return normalized(seconds, std::int64_t{t.nanos} - d.nanos);
}

std::optional<Duration> subtract(Timestamp a, Timestamp b) {
  const auto nanos = total_nanos({a.seconds - b.seconds, a.nanos - b.nanos});
  return nanos ? std::optional(from_nanos(*nanos)) : std::nullopt;
}

std::optional<Duration> add(Duration a, Duration b) {
  const auto left = total_nanos(a);
  const auto right = total_nanos(b);
  std::int64_t sum = 0;
  if (!left || !right || __builtin_add_overflow(*left, *right, &sum)) return std::nullopt;
  return from_nanos(sum);
}

std::optional<Duration> subtract(Duration a, Duration b) {
  const auto left = total_nanos(a);
  const auto right = total_nanos(b);
  std::int64_t difference = 0;
  if (!left || !right || __builtin_sub_overflow(*left, *right, &difference)) return std::nullopt;
  return from_nanos(difference);
}

}  // namespace plimsoll::cel
