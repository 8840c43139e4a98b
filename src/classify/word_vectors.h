// Vectors of words, learned from the texts that a model is trained on: words that stand near the same words have like
// vectors, so that what is learned of one holds a little for the other.
//
// Positive pointwise mutual information of words within a few words of each other, the nearer the more, the second
// word's frequency to the power of 3/4 (Levy, Goldberg, Dagan 2015); the first singular vectors of that matrix by
// randomized subspace iteration (Halko, Martinsson, Tropp 2011), each row of length 1 times a / (a + frequency), so that
// words which are everywhere say little (Arora, Liang, Ma 2017).
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace plimsoll::classify {

struct VectorOptions {
  std::size_t width = 64;  // a multiple of 64
  std::size_t reach = 8;   // words
  double frequent = 1e-3;  // a
  unsigned rounds = 4;     // of the iteration
  std::uint64_t seed = 1;
};

// `lines` hold words, numbers below `words` or kNoWord; words in different lines are not near. Returns words x width signed
// bytes. Deterministic. Every word must occur. Memory: about 12 bytes for each pair of words that are near.
inline constexpr std::uint32_t kNoWord = 0xFFFFFFFFU;
std::vector<std::int8_t> learn_vectors(std::span<const std::vector<std::uint32_t>> lines, std::size_t words,
                                       const VectorOptions& options);

}  // namespace plimsoll::classify
