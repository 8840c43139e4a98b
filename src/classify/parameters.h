// Everything a model file holds.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "base/huge_pages.h"
#include "classify/model.h"

namespace plimsoll::classify {

// logit -> probability: sigmoid(slope * logit + offset).
struct Calibration {
  double slope = 1;
  double offset = 0;
  double base_rate = 0.5;  // share of positives at which the result means probability
  double operator()(double logit) const;
};

struct Parameters {
  static constexpr unsigned kMinRowBits = 8;
  static constexpr unsigned kMaxRowBits = 19;
  static constexpr std::size_t kMaxWords = 60'000;
  static constexpr std::size_t kMaxWidth = 256;
  static constexpr std::size_t kMaxHidden = 256;

  // The linear part: bias + scale * (sum of row weights) / sqrt(number of keys + shrink).
  unsigned row_bits = kMinRowBits;
  HugeVector<std::uint64_t> rows;  // 1 << row_bits; bytes 0..6 the heads' weights, byte 7 the tag
  PerHead bias{};
  PerHead scale{};
  double shrink = 0;

  // The network: d = gain * v / sqrt(|v|^2 + floor), v the sum of the words' vectors;
  // logit += sum over k of out[k] * max(0, in[k] . d + hidden_bias[k]).
  std::size_t width = 0;   // of a vector: a multiple of 64, or 0 without words
  std::size_t hidden = 0;  // a multiple of 8, or 0
  double gain = 0;
  double floor = 0;
  std::vector<std::uint32_t> word_keys;  // no two alike
  HugeVector<std::int8_t> vectors;       // words x width
  std::vector<float> in;                 // width x hidden
  std::vector<float> hidden_bias;        // hidden
  std::vector<float> out;                // hidden x 8; the eighth is 0

  // A window of several is scored this much lower than a whole text.
  PerHead window_penalty{};
  std::array<Calibration, kHeadCount> calibration{};
  std::string training = "{}";  // how it was made: canonical JSON

  // Not in the file.
  static constexpr std::uint16_t kNoWord = UINT16_MAX;
  static_assert(kMaxWords < kNoWord);
  std::vector<std::uint16_t> index;  // numbers of words by key, linear probing; a power of two
  std::string version;               // SHA-256 of the file, in hex

  void build_index();
  // The number of the word with this key, or kNoWord.
  std::uint16_t find_word(std::uint32_t key) const {
    const std::size_t mask = index.size() - 1;
    for (std::size_t i = key & mask;; i = (i + 1) & mask)
      if (index[i] == kNoWord || word_keys[index[i]] == key) return index[i];
  }
};

// docs/model_format.md. `write_parameters` is the inverse of `read_parameters`.
Result<Parameters> read_parameters(std::string_view bytes);
std::string write_parameters(const Parameters& p);

}  // namespace plimsoll::classify
