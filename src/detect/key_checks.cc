#include "key_checks.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <string>

#include "base/hash.h"
#include "digits.h"

namespace plimsoll::detect {
namespace {

std::string lower(std::string_view text) {
  std::string out(text);
  for (char& c : out) c = is_upper(c) ? static_cast<char>(c + 32) : c;
  return out;
}

bool is_alnum(char c) {
  return is_digit(c) || is_alpha(c);
}

// The longest run of one character, and of characters that follow one another ("abcdef", "12345").
struct Runs {
  std::size_t same = 1, ascending = 1;
  explicit Runs(std::string_view text) {
    std::size_t s = 1, a = 1;
    for (std::size_t i = 1; i < text.size(); ++i) {
      s = text[i] == text[i - 1] ? s + 1 : 1;
      a = is_alpha(text[i]) && text[i] == text[i - 1] + 1 ? a + 1 : 1;
      same = std::max(same, s);
      ascending = std::max(ascending, a);
    }
  }
};

// IEEE 802.3's, as zlib has it.
std::uint32_t crc32(std::string_view bytes) {
  std::uint32_t crc = ~0U;
  for (const char c : bytes) {
    crc ^= static_cast<std::uint8_t>(c);
    for (int bit = 0; bit < 8; ++bit) crc = (crc & 1U) != 0 ? (crc >> 1U) ^ 0xEDB88320U : crc >> 1U;
  }
  return ~crc;
}

// The longest run of lower-case letters, and of letters.
std::size_t longest_word(std::string_view text) {
  std::size_t longest = 0, run = 0;
  for (const char c : text) {
    run = is_lower(c) ? run + 1 : 0;
    longest = std::max(longest, run);
  }
  return longest;
}

std::size_t classes(std::string_view text) {
  return std::size_t{std::ranges::any_of(text, is_lower)} + std::size_t{std::ranges::any_of(text, is_upper)} +
         std::size_t{std::ranges::any_of(text, is_digit)} +
         std::size_t{std::ranges::any_of(text, [](char c) { return !is_alnum(c); })};
}

}  // namespace

double entropy(std::string_view text) {
  std::array<unsigned, 256> counts{};
  for (const char c : text) ++counts[static_cast<unsigned char>(c)];
  double bits = 0;
  const auto size = static_cast<double>(text.size());
  for (const auto n : counts)
    if (n > 0) bits -= n / size * std::log2(n / size);
  return bits;
}

bool is_placeholder(std::string_view text) {
  static constexpr std::string_view kWords[] = {
      "xxxx",   "example",   "your",      "placeholder", "changeme",     "change-me", "change_me",
      "dummy",  "sample",    "replace",   "insert",      "redacted",     "removed",   "hidden",
      "masked", "todo",      "fixme",     "foobar",      "goes-here",    "goes_here", "goeshere",
      "_here",  "-here",     "tokenhere", "keyhere",     "randomstring", "undefined", "<",
      "${",     "{{",        "$(",        "%(",          "****",         "....",      "####",
      "[[",     "lorem",     "abc123",    "notreal",     "not-real",     "invalid",   "enter-",
      "enter_", "my-secret", "my_secret", "0123456789"};
  const auto low = lower(text);
  if (std::ranges::any_of(kWords, [&](auto word) { return low.contains(word); })) return true;
  const Runs runs(text);
  return runs.same >= 6 || runs.ascending >= 8;
}

bool is_varied(std::string_view text) {
  return entropy(text) >= 2.6 && Runs(text).same < 8 && !text.ends_with("EXAMPLE");
}

bool looks_random(std::string_view text) {
  const auto digits = std::ranges::count_if(text, is_digit);
  const bool low = std::ranges::any_of(text, is_lower), capital = std::ranges::any_of(text, is_upper);
  if (digits == 0 && !(low && capital && text.size() >= 20)) return false;
  return entropy(text) >= (text.size() < 24 ? 3.0 : 3.4) && !is_placeholder(text);
}

bool looks_assigned(std::string_view text) {
  while (text.ends_with('.') || text.ends_with('-')) text.remove_suffix(1);
  if (text.size() < 16 || !looks_random(text) || longest_word(text) > 9) return false;
  const auto digits = std::ranges::count_if(text, is_digit);
  if (digits < 2 && text.size() < 40) return false;
  if (digits == static_cast<std::ptrdiff_t>(text.size())) return false;
  // Words, versions and paths in pieces: some piece of a key is long, or it is a UUID.
  std::size_t longest = 0, run = 0, pieces = 1;
  for (const char c : text) {
    if (c == '.' || c == '-' || c == '_' || c == '/') {
      pieces += 1;
      run = 0;
      continue;
    }
    longest = std::max(longest, ++run);
  }
  if (text.size() == 36 && pieces == 5 && text[8] == '-' && text[13] == '-') return true;
  return longest >= 12 || (pieces <= 2 && longest >= 8);
}

bool looks_like_password(std::string_view text) {
  static constexpr std::string_view kNot[] = {
      "password", "passwd",    "secret",   "process.", "os.",     "getenv",   "environ",  "config",
      "request",  "token",     "function", "input",    "argv",    "self.",    "this.",    "null",
      "none",     "string",    "required", "optional", "params.", "options.", "settings", "vars.",
      "args.",    "_password", "pass_",    "://",      "->",      "user.",    "form.",    "data.",
      "http",     "true",      "false",    "varchar",  "=="};
  // What closes a sentence or a statement is no part of it.
  while (!text.empty() && std::string_view(".,;?").contains(text.back())) text.remove_suffix(1);
  if (text.size() < 6 || text.starts_with('$') || text.starts_with('%') || text.starts_with('&') ||
      text.starts_with("--") || text.starts_with('@') || text.starts_with("**"))
    return false;
  const auto low = lower(text);
  if (std::ranges::any_of(kNot, [&](auto word) { return low.contains(word); }) || is_placeholder(text))
    return false;
  const bool digits_only = std::ranges::all_of(text, is_digit);
  if (digits_only) return !std::string_view("01234567890").contains(text) && Runs(text).same < 4;
  // Letters joined by dots, lines and slashes are names; a digit or another sign makes a password.
  const bool telling = std::ranges::any_of(
      text, [](char c) { return is_digit(c) || (!is_alpha(c) && !std::string_view("._-/=").contains(c)); });
  std::size_t turns = 0;  // from one case to the other, as no words have it
  for (std::size_t i = 1; i < text.size(); ++i) turns += is_lower(text[i]) != is_lower(text[i - 1]) ? 1U : 0U;
  if (text.size() >= 12 && turns >= 5 && longest_word(text) <= 4 && entropy(text) >= 3) return true;
  return telling && classes(text) >= 2 && entropy(text) >= 2.2;
}

bool is_random_hex(std::string_view text) {
  return std::ranges::any_of(text, is_digit) && std::ranges::any_of(text, is_alpha) && entropy(text) >= 3.0 &&
         Runs(text).same < 8 && Runs(text).ascending < 8;
}

bool is_random_letters(std::string_view text) {
  return entropy(text) >= 3.4 && std::ranges::any_of(text.substr(3), is_lower) &&
         std::ranges::any_of(text.substr(3), is_upper) && !is_placeholder(text) && longest_word(text) < 16;
}

bool is_jwt(std::string_view text) {
  const auto dot = text.find('.');
  auto head = text.substr(0, dot);
  const auto whole = from_base64url(head);
  if (!whole || dot == std::string_view::npos) return false;
  return whole->starts_with('{') && whole->contains("\"alg\"") && whole->ends_with('}');
}

bool is_basic_credentials(std::string_view text) {
  std::string padded(text);
  while (padded.size() % 4 != 0) padded += '=';
  const auto whole = from_base64(padded);
  if (!whole) return text.size() >= 32 && looks_random(text);
  const auto colon = whole->find(':');
  return colon != std::string::npos && colon > 0 && whole->size() >= 6 && !is_placeholder(*whole);
}

bool looks_sent(std::string_view text) {
  return std::ranges::any_of(text, is_digit) && std::ranges::any_of(text, is_alpha) && entropy(text) >= 2.6 &&
         !is_placeholder(text);
}

bool has_crc32_suffix(std::string_view text) {
  static constexpr std::string_view kBase62 =
      "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
  const auto body = text.substr(text.rfind('_') + 1);
  constexpr std::size_t kSum = 6;
  if (body.size() < 30 + kSum) return false;
  const auto end = body.size() - kSum;
  auto rest = std::uint64_t{crc32(body.substr(0, end))};
  for (std::size_t i = body.size(); i-- > end; rest /= 62)
    if (body[i] != kBase62[rest % 62]) return false;
  return true;
}

bool is_secret_name(std::string_view before, std::string_view after) {
  const auto low = lower(before);
  for (const auto* const word :
       {"public", "csrf",     "xsrf",    "page",    "next",    "continuation", "sync", "cancel", "max",
        "num",    "total",    "count",   "pad",     "eos",     "bos",          "sep",  "mask",   "stop",
        "per_",   "webtoken", "tokeniz", "primary", "foreign", "partition",    "sort"})
    if (low.contains(word)) return false;
  return is_value(before, after);
}

bool is_value(std::string_view, std::string_view after) {
  return after.empty() || !std::string_view("([<{").contains(after.front());
}

bool is_whole_token(std::string_view before, std::string_view after) {
  return (before.empty() || !std::string_view("/+=~%").contains(before.back())) &&
         (after.empty() || !(is_alnum(after.front()) || std::string_view("~_-.").contains(after.front())));
}

}  // namespace plimsoll::detect
