#include "search.h"

#include <algorithm>
#include <array>

namespace plimsoll::detect {
namespace {

constexpr std::size_t kBreath = 24;
// Fewer accents may be honest.
constexpr std::size_t kManyAccents = 3;

bool is_alnum(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

// So many places are tried one by one: most cannot be the beginning of a match, and a try ends early.
constexpr std::size_t kFewStarts = 32;

using Found = std::array<re2::StringPiece, 2>;

// The leftmost match that begins in [from, before).
bool find(const CompiledRule& rule, const re2::StringPiece& text, std::size_t from, std::size_t before,
          std::size_t end, Found& found, int groups) {
  before = std::min(before, text.size());
  if (before - std::min(from, before) > kFewStarts)
    return rule.expression->Match(text, from, end, RE2::UNANCHORED, found.data(), groups) &&
           found[0].data() < text.data() + before;
  for (auto at = from; at < before; ++at)
    if (rule.may_begin({text.data(), text.size()}, at) &&
        rule.expression->Match(text, at, std::min(end, at + rule.automaton.longest), RE2::ANCHOR_START,
                               found.data(), groups))
      return true;
  return false;
}

// The window's end for matches that begin at `start`: what lies beyond would cover more than a match may.
std::size_t reach(const Window& window, std::size_t start, std::size_t end) {
  const auto limit = window.begin_of(start) + window.longest;
  while (end > start && window.end_of(end - 1) > limit) --end;
  return end;
}

bool stands(Around around, std::string_view text, const Match& match) {
  const auto from = match.start == 0 ? 0 : match.start - 1;
  const auto to = std::min(match.pattern_end + 1, text.size());
  return around(text.substr(from, match.begin - from), text.substr(match.end, to - match.end));
}

}  // namespace

Mark mark_of(char c, std::string_view source) {
  if (!is_alnum(c) || (source.size() == 1 && source[0] == c)) return Mark::kSame;
  const auto lead = static_cast<unsigned char>(source.empty() ? '\0' : source[0]);
  const bool latin =
      (source.size() == 2 && lead >= 0xC3 && lead <= 0xC9) || (source.size() == 3 && lead == 0xE1);
  return latin ? Mark::kAccent : Mark::kOther;
}

bool Window::disguised(std::size_t begin, std::size_t end) const {
  std::size_t accents = 0;
  for (auto i = begin; i < end; ++i) {
    const auto m = mark(i);
    accents += m == Mark::kAccent ? 1U : 0U;
    if (m == Mark::kOther || accents >= kManyAccents) return true;
    if (i + 1 < end && begin_of(i + 1) > end_of(i)) return true;
  }
  return false;
}

std::optional<Match> next_match(const CompiledRule& rule, const Window& window, Cursor& cursor,
                                std::size_t before, std::size_t end) {
  const re2::StringPiece text(window.text.data(), window.text.size());
  const int groups = std::min(rule.automaton.groups, 1) + 1;
  while (cursor.next < before) {
    Found found;
    if (!find(rule, text, cursor.next, before, end, found, groups)) break;
    auto start = static_cast<std::size_t>(found[0].data() - text.data());
    auto stop = start + found[0].size();
    if (window.end_of(stop - 1) > window.begin_of(start) + window.longest) {
      const auto limit = reach(window, start, stop);
      if (limit == start ||
          !rule.expression->Match(text, start, limit, RE2::ANCHOR_START, found.data(), groups)) {
        cursor.next = start + 1;
        continue;
      }
      stop = start + found[0].size();
    }
    const auto& named = groups > 1 && found[1].data() != nullptr ? found[1] : found[0];
    const Match match{.start = start,
                      .begin = static_cast<std::size_t>(named.data() - text.data()),
                      .end = static_cast<std::size_t>(named.data() - text.data()) + named.size(),
                      .pattern_end = stop};
    if (rule.rule->around != nullptr && !stands(rule.rule->around, window.text, match)) {
      cursor.next = stop;
      cursor.retry_end = 0;
      continue;
    }
    if (named.empty() || (rule.rule->check != nullptr && !rule.rule->check({named.data(), named.size()}))) {
      if (start >= cursor.retry_end) {
        cursor.retry_end = stop;
        cursor.retries = 0;
      }
      cursor.next = ++cursor.retries > Cursor::kRetries ? cursor.retry_end : start + 1;
      continue;
    }
    // What is not reported is only known to be there; again in the same breath it adds nothing.
    cursor.next = rule.rule->reports() ? stop : std::max(stop, start + kBreath);
    cursor.retry_end = 0;
    return match;
  }
  cursor.next = std::max(cursor.next, before);
  return std::nullopt;
}

}  // namespace plimsoll::detect
