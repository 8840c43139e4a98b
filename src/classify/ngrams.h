// Text into hashed n-grams: what the model sees of a window.
//
// A window is folded (letters in lower case, every digit 0, white space and control characters one space, a
// space at either end), then gives a key for each
//   - word, and pair of neighbouring words and of words with one between them,
//   - run of four bytes. (Runs of three and five beside them told nothing more of sources that were left out, and took
//     twice the time.)
// A word is a run of letters, digits, apostrophes and bytes beyond ASCII (a character of
// Chinese, Japanese and Korean for itself), or the English word that glosses.h has for it or
// for it and the next. A key's low bits choose a row of the
// model's table, its top eight bits are the tag that the row must bear; see docs/model_format.md.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

namespace plimsoll::classify {

// Memory that is used again from window to window; grows to the longest window.
struct WindowKeys {
  std::vector<std::uint8_t> folded;    // the folded window, then kPadding bytes of zero
  std::vector<std::uint32_t> hashes;   // of its words
  std::vector<std::uint32_t> lengths;  // of its words, in bytes
  std::vector<std::uint32_t> edges;    // where they begin and end, as they stand
  std::vector<std::uint32_t> parted;   // while they are found and read
  std::vector<std::uint32_t> keys;     // of words, of pairs of words, of runs; room for kSlack more
  std::size_t length = 0;              // bytes of `folded` in use
  std::size_t words = 0;               // how many of `keys` are words
  std::size_t size = 0;                // how many of `keys` are in use
  bool ascii = true;                   // all of the window

  static constexpr std::size_t kPadding = 64;
  static constexpr std::size_t kSlack = 64;
};

// Fills `out` with the folded window and its words as they stand.
void split_words(std::string_view window, WindowKeys& out);
// Of a word in the folded window, which may be read eight bytes past its end.
std::uint32_t word_hash(const std::uint8_t* word, std::size_t size);

// Fills `out` with everything but the keys of byte runs, which a kernel appends.
void read_words(std::string_view window, WindowKeys& out);

// The key that a word has when it stands alone in a window.
std::uint32_t word_key(std::string_view word);

// The keys of byte runs. `x` holds four bytes, the first lowest.
inline constexpr std::size_t kRun = 4;
inline constexpr std::uint32_t kTimes = 0x85EBCA6BU;
inline constexpr std::uint32_t kPlus = 0x27D4EB2FU;
inline constexpr std::uint32_t kFinish = 0x2C1B3C6DU;

constexpr std::uint32_t finish_key(std::uint32_t h) {
  h ^= h >> 15U;
  h *= kFinish;
  return h ^ (h >> 13U);
}
constexpr std::uint32_t run_key(std::uint32_t x) {
  return finish_key(x * kTimes + kPlus);
}

}  // namespace plimsoll::classify
