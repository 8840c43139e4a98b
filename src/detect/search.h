// Every match of one rule in a text, left to right, from a place where it can be taken up again.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string_view>
#include <vector>

#include "matcher.h"
#include "ruleset.h"

namespace plimsoll::detect {

// What became of a letter or digit of the original. kTone: the accent is one of Vietnamese alone.
enum class Mark : std::uint8_t { kSame, kAccent, kTone, kOther };
// For byte `c` of a view, which comes from `source` of the original.
Mark mark_of(char c, std::string_view source);

// A stretch of a text, whole or in the middle of a stream, and where its bytes came from. `text[0]` may be a
// byte that is only there to be looked back at: what is searched begins where the Cursor says.
class Window {
 public:
  virtual ~Window() = default;
  std::string_view text;
  // No match covers more of the original: what is longer is not one.
  std::size_t longest = kMaxMatch;
  virtual std::size_t begin_of(std::size_t i) const = 0;
  virtual std::size_t end_of(std::size_t i) const = 0;
  virtual Mark mark(std::size_t) const { return Mark::kSame; }

  // Whether [begin, end) is written otherwise in the original, as no honest writer does: letters or digits that are
  // others there, something between them, or more than a few accents that are not of Vietnamese.
  bool disguised(std::size_t begin, std::size_t end) const;
  // Whether a letter of Vietnamese alone stands there in the original.
  virtual bool toned(std::size_t begin, std::size_t end) const;
};

struct Match {
  std::size_t start = 0;           // where the pattern began to match, in the window
  std::size_t begin = 0, end = 0;  // what is found, in the window
  std::size_t pattern_end = 0;     // where the pattern ended
};

// How far one rule has been searched for, in bytes of the window.
struct Cursor {
  std::size_t next = 0;
  // After a match that fails its check another may begin within it. Only kRetries are tried, so that text
  // made of near misses costs no more than a fixed factor.
  static constexpr unsigned kRetries = 2;
  std::size_t retry_end = 0;
  unsigned retries = 0;
};

// One for each rule.
class Cursors {
 public:
  explicit Cursors(std::size_t rules) : cursors_(rules) {}
  // All are at the beginning again. Texts may be short, and rules are many: each is moved there when it is asked for.
  void restart() { ++now_; }
  Cursor& operator[](RuleIndex rule) {
    auto& [cursor, since] = cursors_[rule];
    if (since != now_) {
      cursor = {};
      since = now_;
    }
    return cursor;
  }

 private:
  struct Since {
    Cursor cursor;
    std::uint64_t since = 0;
  };
  std::vector<Since> cursors_;
  std::uint64_t now_ = 0;
};

// What tells the matches of one rule from the rest: the rule, its number, and memory. Without memory RE2 does it alone,
// which gives the same.
struct Matching {
  const CompiledRule& rule;
  RuleIndex number = 0;
  Matcher* matcher = nullptr;
};

// After what is not reported the cursor moves so far at least.
inline constexpr std::size_t kBreath = 24;

// The leftmost match that begins in [cursor.next, before) and passes its check; the cursor moves past it, or
// to `before`. `end` bounds what is read of the window.
std::optional<Match> next_match(const Matching& matching, const Window& window, Cursor& cursor,
                                std::size_t before, std::size_t end);

// Whether the pattern matches from some place in [from, before), whatever its checks say.
bool any_match_begins(const Matching& matching, const Window& window, std::size_t from, std::size_t before);

}  // namespace plimsoll::detect
