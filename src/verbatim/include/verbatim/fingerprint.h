// Fingerprints of a text: winnowing (Schleimer, Wilkerson, Aiken: "Winnowing: Local Algorithms for Document
// Fingerprinting", SIGMOD 2003) over k-grams of words.
//
// Every run of `gram` words has a rolling hash; of every `window` runs in a row the least hash is kept. So any stretch
// of at least `window + gram - 1` words holds a kept one, and which are kept depends on that stretch alone (but for ties
// between equal hashes). On average 2 of `window + 1` are kept.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

namespace plimsoll::verbatim {

struct Grain {
  std::uint32_t gram = 5;     // words per fingerprint; kMinGram to kMaxGram
  std::uint32_t window = 22;  // fingerprints per window; 1 to kMaxWindow
  std::size_t guarantee() const { return std::size_t{window} + gram - 1; }
  friend bool operator==(const Grain&, const Grain&) = default;
};
inline constexpr std::uint32_t kMinGram = 2;
inline constexpr std::uint32_t kMaxGram = 16;
inline constexpr std::uint32_t kMaxWindow = 256;

// A bijection that spreads every bit over all (the finalizer of MurmurHash3, in the public domain).
constexpr std::uint64_t mix(std::uint64_t h) {
  h ^= h >> 33U;
  h *= 0xFF51AFD7ED558CCDU;
  h ^= h >> 33U;
  h *= 0xC4CEB9FE1A85EC53U;
  h ^= h >> 33U;
  return h;
}

// What a kept hash is filed under. Kept hashes are small ones, being minima; their keys are evenly spread.
constexpr std::uint64_t key_of(std::uint64_t hash) {
  return mix(hash + 0x9E3779B97F4A7C15U);
}

// The hash of the last `gram` words, word by word.
class Roller {
 public:
  explicit Roller(std::uint32_t gram);
  // nullopt until there are `gram` words.
  std::optional<std::uint64_t> push(std::uint64_t word) {
    auto& oldest = ring_[next_];
    sum_ = (sum_ - oldest * power_) * kBase + word;
    oldest = word;
    next_ = next_ + 1 == gram_ ? 0 : next_ + 1;
    if (count_ + 1 < gram_) {
      ++count_;
      return std::nullopt;
    }
    return mix(sum_);
  }

 private:
  static constexpr std::uint64_t kBase = 0x9E3779B97F4A7C15U;
  std::array<std::uint64_t, kMaxGram> ring_{};
  std::uint32_t gram_;
  std::uint32_t next_ = 0;
  std::uint32_t count_ = 0;
  std::uint64_t power_ = 1;  // kBase to the (gram - 1)th
  std::uint64_t sum_ = 0;
};

struct Fingerprint {
  std::uint64_t hash = 0;
  std::uint64_t word = 0;  // where it begins
  friend bool operator==(const Fingerprint&, const Fingerprint&) = default;
};

// Keeps the least hash of every window; of equal ones the last, and a kept one as long as it is one of the least.
// A text of fewer hashes than a window keeps its least.
class Winnower {
 public:
  explicit Winnower(std::uint32_t window) : ring_(window) {}
  void push(std::uint64_t hash, std::vector<Fingerprint>& out);
  void finish(std::vector<Fingerprint>& out);

 private:
  void keep(std::vector<Fingerprint>& out);
  std::vector<std::uint64_t> ring_;
  std::uint64_t count_ = 0;
  std::uint64_t least_ = 0;     // position of the least in the window
  std::uint64_t kept_ = ~0ULL;  // position last given out
};

}  // namespace plimsoll::verbatim
