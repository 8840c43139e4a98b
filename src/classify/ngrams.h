// Text into hashed n-grams: what the model sees of a window.
//
// A window is folded (letters in lower case, every digit 0, white space and control characters one space, a
// space at either end), then gives a key for each
//   - word, and pair of neighbouring words and of words with one between them,
//   - run of three, four and five bytes.
// A word is a run of letters, digits, apostrophes and bytes beyond ASCII. A key's low bits choose a row of the
// model's table, its top eight bits are the tag that the row must bear; see docs/model_format.md.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

namespace plimsoll::classify {

// Memory that is used again from window to window; grows to the longest window.
struct FeatureBuffer {
  std::vector<std::uint8_t> folded;  // the folded window and kPadding bytes of zero
  std::vector<std::uint32_t> words;  // keys of words, then of their pairs
  std::size_t length = 0;            // bytes of `folded` in use

  static constexpr std::size_t kPadding = 64;
};

// Fills `buffer` with the folded window and the keys of its words.
void extract(std::string_view window, FeatureBuffer& buffer);

// The key that a word has when it stands alone in a window.
std::uint32_t word_key(std::string_view word);

// The keys of byte runs. `x` holds four bytes, the first lowest.
inline constexpr std::uint32_t kRun3 = 0x9E3779B1U;
inline constexpr std::uint32_t kRun4 = 0x85EBCA6BU;
inline constexpr std::uint32_t kRun5 = 0xC2B2AE35U;
inline constexpr std::uint32_t kFifth = 0x27D4EB2FU;
inline constexpr std::uint32_t kFinish = 0x2C1B3C6DU;

constexpr std::uint32_t finish_key(std::uint32_t h) {
  h ^= h >> 15U;
  h *= kFinish;
  return h ^ (h >> 13U);
}
constexpr std::uint32_t run3_key(std::uint32_t x) { return finish_key((x & 0xFFFFFFU) * kRun3 + kRun5); }
constexpr std::uint32_t run4_key(std::uint32_t x) { return finish_key(x * kRun4 + kFifth); }
constexpr std::uint32_t run5_key(std::uint32_t x, std::uint8_t fifth) {
  return finish_key(x * kRun5 + fifth * kFifth);
}

// Every key of a window, for training; inference makes them in its kernels.
void keys_of(const FeatureBuffer& buffer, std::vector<std::uint32_t>& keys);

}  // namespace plimsoll::classify
