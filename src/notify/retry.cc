#include "retry.h"

#include <algorithm>
#include <array>
#include <charconv>

namespace plimsoll::notify {
namespace {

std::optional<unsigned> number(std::string_view text) {
  unsigned out = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), out);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return out;
}

// "Sun, 06 Nov 1994 08:49:37 GMT"
std::optional<Time> read_date(std::string_view text) {
  constexpr std::array<std::string_view, 12> kMonths = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                        "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  if (text.size() != 29 || !text.ends_with(" GMT") || text[3] != ',' || text[4] != ' ' || text[19] != ':' ||
      text[22] != ':')
    return std::nullopt;
  const auto* const month = std::ranges::find(kMonths, text.substr(8, 3));
  const auto day = number(text.substr(5, 2)), year = number(text.substr(12, 4)),
             hour = number(text.substr(17, 2)), minute = number(text.substr(20, 2)),
             second = number(text.substr(23, 2));
  if (month == kMonths.end() || !day || !year || !hour || !minute || !second) return std::nullopt;
  const std::chrono::year_month_day date(
      std::chrono::year(static_cast<int>(*year)),
      std::chrono::month(static_cast<unsigned>(month - kMonths.begin()) + 1), std::chrono::day(*day));
  if (!date.ok() || *year < 1970 || *year > 2200 || *hour > 23 || *minute > 59 || *second > 60)
    return std::nullopt;
  return std::chrono::sys_days(date) + std::chrono::hours(*hour) + std::chrono::minutes(*minute) +
         std::chrono::seconds(*second);
}

}  // namespace

Verdict judge_http(int status) {
  if (status / 100 == 2) return Verdict::kDelivered;
  return status == 408 || status == 425 || status == 429 || status / 100 == 5 ? Verdict::kAgain
                                                                              : Verdict::kRefused;
}

Verdict judge_smtp(int code) {
  if (code / 100 == 2) return Verdict::kDelivered;
  return code / 100 == 5 ? Verdict::kRefused : Verdict::kAgain;
}

std::chrono::milliseconds pause_after(unsigned failures, double chance) {
  using std::chrono::milliseconds;
  const auto whole =
      std::min<milliseconds>(kLongestPause, milliseconds(1'000) * (1ULL << std::min(failures - 1, 20U)));
  return milliseconds(
      static_cast<std::int64_t>(static_cast<double>(whole.count()) * (1 - std::clamp(chance, 0.0, 1.0) / 2)));
}

std::optional<std::chrono::seconds> read_retry_after(std::string_view text, Time now) {
  using std::chrono::seconds;
  if (const auto count = number(text)) return std::min(seconds(*count), seconds(kLongestRetryAfter));
  const auto date = read_date(text);
  if (!date) return std::nullopt;
  return std::clamp(std::chrono::ceil<seconds>(*date - now), seconds(0), kLongestRetryAfter);
}

}  // namespace plimsoll::notify
