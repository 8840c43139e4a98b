#include "key_checks.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <cstdint>
#include <span>
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

// Up to sixty-four words, one of which a text may contain.
class Words {
 public:
  template <std::size_t kCount>
  explicit constexpr Words(const std::string_view (&words)[kCount]) : words_(words) {
    static_assert(kCount <= 64);
    for (std::size_t i = 0; i < kCount; ++i)
      by_first_[static_cast<unsigned char>(words[i].front())] |= std::uint64_t{1} << i;
  }
  bool are_in(std::string_view text) const {
    for (; !text.empty(); text.remove_prefix(1))
      for (auto bits = by_first_[static_cast<unsigned char>(text.front())]; bits != 0; bits &= bits - 1)
        if (text.starts_with(words_[static_cast<std::size_t>(std::countr_zero(bits))])) return true;
    return false;
  }

 private:
  std::span<const std::string_view> words_;
  std::array<std::uint64_t, 256> by_first_{};
};

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
  std::array<unsigned, 256> counts;  // of those there are
  std::array<std::uint64_t, 4> there{};
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    auto& some = there[byte / 64U];
    const auto bit = std::uint64_t{1} << byte % 64U;
    counts[byte] = (some & bit) != 0 ? counts[byte] + 1 : 1;
    some |= bit;
  }
  double bits = 0;
  const auto size = static_cast<double>(text.size());
  for (std::size_t i = 0; i < there.size(); ++i)
    for (auto rest = there[i]; rest != 0; rest &= rest - 1) {
      const auto n = counts[i * 64 + static_cast<std::size_t>(std::countr_zero(rest))];
      bits -= n / size * std::log2(n / size);
    }
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
  static constexpr Words kPlaceholders(kWords);
  if (kPlaceholders.are_in(lower(text))) return true;
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
  static constexpr Words kNames(kNot);
  if (kNames.are_in(lower(text)) || is_placeholder(text)) return false;
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
  static constexpr std::string_view kOthers[] = {
      "public", "csrf",     "xsrf",    "page",    "next",    "continuation", "sync", "cancel", "max",
      "num",    "total",    "count",   "pad",     "eos",     "bos",          "sep",  "mask",   "stop",
      "per_",   "webtoken", "tokeniz", "primary", "foreign", "partition",    "sort"};
  static constexpr Words kOtherNames(kOthers);
  return !kOtherNames.are_in(lower(before)) && is_value(before, after);
}

bool is_value(std::string_view, std::string_view after) {
  return after.empty() || !std::string_view("([<{").contains(after.front());
}

bool is_whole_token(std::string_view before, std::string_view after) {
  return (before.empty() || !std::string_view("/+=~%").contains(before.back())) &&
         (after.empty() || !(is_alnum(after.front()) || std::string_view("~_-.").contains(after.front())));
}

}  // namespace plimsoll::detect
