#include "search.h"

#include <algorithm>
#include <array>
#include <bit>

#include "word_bytes.h"

namespace plimsoll::detect {
namespace {

// Fewer accents may be honest.
constexpr std::size_t kManyAccents = 3;

bool is_alnum(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

// So many places are tried one by one: most cannot be the beginning of a match, and a try ends early.
constexpr std::size_t kFewStarts = 32;
// Of more, as long as all tries together read no more than so many times what they are tried in.
constexpr std::size_t kFewTimes = 2;
// A match that may begin with more bytes than all letters begins nearly everywhere: one pass is cheaper than tries.
constexpr std::size_t kManyBeginnings = 52;

bool has_digits(std::string_view text) {
  std::array<std::size_t, RuleSet::kFewestDigits> last{};  // in turns
  std::size_t count = 0;
  for (std::size_t at = 0; at < text.size(); ++at) {
    if (text[at] < '0' || text[at] > '9') continue;
    last.at(count++ % last.size()) = at;
    if (count >= last.size() && at - last.at(count % last.size()) < RuleSet::kDigitsWithin) return true;
  }
  return false;
}

// Rows of zeros and ones are bits, and no number of a person.
bool has_number(std::string_view text) {
  return std::ranges::any_of(text, [](char c) { return c >= RuleSet::kLeastOfNumber && c <= '9'; });
}

struct Found {
  std::size_t begin = 0, end = 0;
  std::size_t named_begin = 0, named_end = 0;  // the first group's, or all
};

using Pieces = std::array<re2::StringPiece, 2>;

Found found_by_re2(const re2::StringPiece& text, const Pieces& pieces, int groups) {
  const auto& named = groups > 1 && pieces[1].data() != nullptr ? pieces[1] : pieces[0];
  const auto place = [&](const char* at) { return static_cast<std::size_t>(at - text.data()); };
  return {.begin = place(pieces[0].data()),
          .end = place(pieces[0].data()) + pieces[0].size(),
          .named_begin = place(named.data()),
          .named_end = place(named.data()) + named.size()};
}

class Search {
 public:
  Search(const Matching& matching, std::string_view text)
      : matching_(matching),
        rule_(matching.rule),
        text_(text),
        groups_(std::min(matching.rule.automaton.groups, 1) + 1) {}

  // The match that begins at `at`, within `end`.
  std::optional<Found> at(std::size_t at, std::size_t end) const {
    if (matching_.matcher == nullptr) return by_re2(at, end, RE2::ANCHOR_START);
    auto& matcher = *matching_.matcher;
    const auto& program = rule_.automaton.program;
    const auto stop = matcher.match(program, matching_.number, text_, at, end);
    if (!stop) return std::nullopt;
    if (groups_ == 1) return Found{.begin = at, .end = *stop, .named_begin = at, .named_end = *stop};
    const auto group = matcher.group(program, text_, at, *stop);
    if (!group) return by_re2(at, *stop, RE2::ANCHOR_START);
    return group->matched
               ? Found{.begin = at, .end = *stop, .named_begin = group->begin, .named_end = group->end}
               : Found{.begin = at, .end = *stop, .named_begin = at, .named_end = *stop};
  }

  // The leftmost match that begins in [from, before).
  std::optional<Found> in(std::size_t from, std::size_t before, std::size_t end) const {
    before = std::min(before, text_.size());
    const bool few = before - std::min(from, before) <= kFewStarts;
    const bool one_by_one =
        few || (matching_.matcher != nullptr && rule_.automaton.begins.count() <= kManyBeginnings);
    std::size_t budget = few ? SIZE_MAX : kFewTimes * (before - from) + kMaxMatch;
    while (from < before && one_by_one) {
      from = next_opening(from, before);
      if (from == before) break;
      if (rule_.may_begin(text_, from)) {
        if (const auto found = at(from, std::min(end, from + rule_.automaton.longest))) return found;
        if (!few) {
          const auto read = matching_.matcher->read();
          if (read > budget) break;
          budget -= read;
        }
      }
      ++from;
    }
    if (from >= before) return std::nullopt;
    auto found = by_re2(from, end, RE2::UNANCHORED);
    if (found && found->begin >= before) found.reset();
    return found;
  }

 private:
  // The next place in [at, before) that may begin a match by its first bytes, or `before`. Where matches begin at the edges
  // of words, or beyond ASCII, only such places are looked at.
  std::size_t next_opening(std::size_t at, std::size_t before) const {
    const bool edges = rule_.automaton.before == Before::kWordBoundary;
    if (!edges && !rule_.automaton.begins_beyond_ascii) return rule_.opening.next(text_, at, before);
    constexpr std::size_t kWorthIt = 4;
    for (; before >= at + kWorthIt && at + kBytesAtOnce + 4 <= text_.size(); at += kBytesAtOnce) {
      auto places = edges ? words_among(text_.data() + at) : high_among(text_.data() + at);
      if (edges) places ^= places << 1U | (at > 0 && is_word(text_[at - 1]) ? 1U : 0U);
      if (before - at < kBytesAtOnce) places &= (std::uint64_t{1} << (before - at)) - 1;
      for (; places != 0; places &= places - 1) {
        const auto place = at + static_cast<std::size_t>(std::countr_zero(places));
        if (rule_.opening.may_begin(text_.data() + place)) return place;
      }
    }
    return at >= before ? before : rule_.opening.next(text_, at, before);
  }

  std::optional<Found> by_re2(std::size_t from, std::size_t end, RE2::Anchor anchor) const {
    const re2::StringPiece text(text_.data(), text_.size());
    Pieces pieces;
    if (!rule_.expression->get().Match(text, from, end, anchor, pieces.data(), groups_)) return std::nullopt;
    return found_by_re2(text, pieces, groups_);
  }

  const Matching& matching_;
  const CompiledRule& rule_;
  std::string_view text_;
  int groups_;
};

// The window's end for matches that begin at `start`: what lies beyond would cover more than a match may.
std::size_t reach(const Window& window, std::size_t start, std::size_t end) {
  const auto limit = window.begin_of(start) + window.longest;
  // What comes later in the window comes from later in the original.
  while (start < end) {
    const auto middle = start + (end - start) / 2;
    if (window.end_of(middle) <= limit)
      start = middle + 1;
    else
      end = middle;
  }
  return end;
}

bool stands(Around around, std::string_view text, const Match& match) {
  const auto from = match.start == 0 ? 0 : match.start - 1;
  const auto to = std::min(match.pattern_end + 1, text.size());
  return around(text.substr(from, match.begin - from), text.substr(match.end, to - match.end));
}

// The letter beyond ASCII that stands there, as UTF-8 of two or three bytes, as JSON escapes it (\u00e9), or as JsonReading
// leaves that; 0 for anything else.
char32_t letter_from(std::string_view source) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(source[i]); };
  if (source.size() == 2) return (byte(0) & 0x1FU) << 6U | (byte(1) & 0x3FU);
  if (source.size() == 3) return (byte(0) & 0xFU) << 12U | (byte(1) & 0x3FU) << 6U | (byte(2) & 0x3FU);
  if (source.size() != 6 || !(source.starts_with("\\u") || source.starts_with(" \x01"))) return 0;
  char32_t code = 0;
  for (std::size_t i = 2; i < source.size(); ++i)
    code = code << 4U | ((source[0] == ' ' || source[i] <= '9' ? byte(i) : byte(i) + 9) & 0xFU);
  return code;
}

// ạ to ỹ, đ, ơ, ư.
bool is_tone(char32_t letter) {
  constexpr char32_t kTones[] = {0x110, 0x111, 0x1A0, 0x1A1, 0x1AF, 0x1B0};
  return (letter >= 0x1EA0 && letter < 0x1EFA) || std::ranges::find(kTones, letter) != std::end(kTones);
}

}  // namespace

Mark mark_of(char c, std::string_view source) {
  if (!is_alnum(c) || (source.size() == 1 && source[0] == c)) return Mark::kSame;
  const auto letter = letter_from(source);
  const bool latin = (letter >= 0xC0 && letter < 0x280) || (letter >= 0x1E00 && letter < 0x1F00);
  if (!latin) return Mark::kOther;
  return is_tone(letter) ? Mark::kTone : Mark::kAccent;
}

bool Window::disguised(std::size_t begin, std::size_t end) const {
  std::size_t accents = 0;
  bool tones = false;
  for (auto i = begin; i < end; ++i) {
    const auto m = mark(i);
    accents += m == Mark::kAccent ? 1U : 0U;
    tones = tones || m == Mark::kTone;
    if (m == Mark::kOther) return true;
    if (i + 1 < end && begin_of(i + 1) > end_of(i)) return true;
  }
  return accents >= kManyAccents && !tones;
}

bool Window::toned(std::size_t begin, std::size_t end) const {
  for (auto i = begin; i < end; ++i)
    if (mark(i) == Mark::kTone) return true;
  return false;
}

std::optional<Match> next_match(const Matching& matching, const Window& window, Cursor& cursor,
                                std::size_t before, std::size_t end) {
  const auto& rule = *matching.rule.rule;
  const Search search(matching, window.text);
  while (cursor.next < before) {
    auto found = search.in(cursor.next, before, end);
    if (!found) break;
    const auto start = found->begin;
    if (window.end_of(found->end - 1) > window.begin_of(start) + window.longest) {
      const auto limit = reach(window, start, found->end);
      found = limit == start ? std::nullopt : search.at(start, limit);
      if (!found) {
        cursor.next = start + 1;
        continue;
      }
    }
    const Match match{
        .start = start, .begin = found->named_begin, .end = found->named_end, .pattern_end = found->end};
    const auto stop = match.pattern_end;
    const auto named = window.text.substr(match.begin, match.end - match.begin);
    if (matching.rule.by_digits && !has_number(window.text.substr(start, stop - start))) {
      cursor.next = start + 1;
      continue;
    }
    if (rule.around != nullptr && !stands(rule.around, window.text, match)) {
      cursor.next = stop;
      cursor.retry_end = 0;
      continue;
    }
    if (rule.toned && !window.toned(start, stop)) {
      cursor.next = start + 1;
      continue;
    }
    const bool lacks_digits = matching.rule.by_digits && !has_digits(window.text.substr(start, stop - start));
    if (named.empty() || lacks_digits || (rule.check != nullptr && !rule.check(named))) {
      if (start >= cursor.retry_end) {
        cursor.retry_end = stop;
        cursor.retries = 0;
      }
      cursor.next = ++cursor.retries > Cursor::kRetries ? cursor.retry_end : start + 1;
      continue;
    }
    // What is not reported is only known to be there; again in the same breath it adds nothing.
    cursor.next = rule.reports() ? stop : std::max(stop, start + kBreath);
    cursor.retry_end = 0;
    return match;
  }
  cursor.next = std::max(cursor.next, before);
  return std::nullopt;
}

bool any_match_begins(const Matching& matching, const Window& window, std::size_t from, std::size_t before) {
  const auto end = std::min(window.text.size(), before + matching.rule.automaton.longest);
  return Search(matching, window.text).in(from, before, end).has_value();
}

}  // namespace plimsoll::detect
