// Stretches of a text that hold another text.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "text/views.h"

namespace plimsoll::text {

// A stretch [begin, end) of the text that was read, and what it holds. Byte i of `text` comes from
// [begin + pieces[i].begin, begin + pieces[i].end).
struct Run {
  struct Piece {
    std::uint32_t begin;
    std::uint32_t end;
  };
  Encoding encoding = Encoding::kNone;
  std::size_t begin = 0, end = 0;
  std::string text;
  std::vector<Piece> pieces;

  void reset(Encoding e, std::size_t at) {
    encoding = e;
    begin = end = at;
    text.clear();
    pieces.clear();
  }
  void add(char c, std::size_t from, std::size_t to) {
    text.push_back(c);
    pieces.push_back({static_cast<std::uint32_t>(from - begin), static_cast<std::uint32_t>(to - begin)});
  }
};

class RunSink {
 public:
  virtual ~RunSink() = default;
  virtual void run(const Run& run) = 0;
};

// Where the text that is read came from: how much of the original lies under [begin, end) of it.
class Places {
 public:
  virtual ~Places() = default;
  virtual std::size_t span(std::size_t begin, std::size_t end) const { return end - begin; }
};

// A longer run is read in parts of kMaxRun bytes of the original, each of which begins kRunStep after the one before it; so
// whatever lies within the rest is in one part. (Divisible by 64, so that base64 within base64 within base64 is not cut
// in the middle of four digits.)
inline constexpr std::size_t kMaxRun = 4096, kRunStep = 3584;
// The same of zero-width characters, of which a byte takes two dozen and more.
inline constexpr std::size_t kMaxZeroWidth = 6144, kZeroWidthStep = 4608;

// The passes: each as rewrite.h says, with what it has to remember from call to call. `run` is memory that is used
// again: nothing in it is remembered.

// Text in base64, base32, hexadecimal, binary, decimal codes or Morse code.
class CodeRuns {
 public:
  std::size_t find(std::string_view text, std::size_t from, bool last, const Places& places, Run& run,
                   RunSink& sink);

 private:
  Encoding within_ = Encoding::kNone;  // the next part of a long run begins at `from`
};

// Words in a substitution cipher (rot13, Caesar's, Atbash), backwards, or upside down.
class WordRuns {
 public:
  std::size_t find(std::string_view text, std::size_t from, bool last, const Places& places, Run& run,
                   RunSink& sink);

 private:
  unsigned within_ = 0;  // the cipher of a long run of which the next part begins at `from`
};

// Text in variation selectors, Unicode tags or zero-width characters.
class HiddenRuns {
 public:
  static std::size_t find(std::string_view text, std::size_t from, bool last, Run& run, RunSink& sink);
};

}  // namespace plimsoll::text
