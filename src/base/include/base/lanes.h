// Sixty-four bytes of a text at once, a bit for each.
#pragma once

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

namespace plimsoll {

inline constexpr std::size_t kBlock = 64;  // bytes

// Sixteen bytes, or for each of sixteen whether it is something.
class Lanes {
 public:
  static constexpr std::size_t kSize = 16;
#if defined(__SSE2__)
  explicit Lanes(const char* at) : bytes_(_mm_loadu_si128(reinterpret_cast<const __m128i*>(at))) {}

  Lanes is(char c) const { return Lanes(_mm_cmpeq_epi8(bytes_, _mm_set1_epi8(c))); }
  // One of `count` bytes from `first` on.
  Lanes is_among(unsigned char first, unsigned count) const {
    const auto from = _mm_sub_epi8(bytes_, _mm_set1_epi8(static_cast<char>(first)));
    return Lanes(_mm_cmpeq_epi8(_mm_min_epu8(from, _mm_set1_epi8(static_cast<char>(count - 1))), from));
  }
  // Letters in lower case, all else as something.
  Lanes lower() const { return Lanes(_mm_or_si128(bytes_, _mm_set1_epi8(0x20))); }
  friend Lanes operator|(Lanes a, Lanes b) { return Lanes(_mm_or_si128(a.bytes_, b.bytes_)); }
  friend Lanes operator&(Lanes a, Lanes b) { return Lanes(_mm_and_si128(a.bytes_, b.bytes_)); }
  static Lanes all(char c) { return Lanes(_mm_set1_epi8(c)); }
  // Zero where it is something.
  Lanes without(Lanes where) const { return Lanes(_mm_andnot_si128(where.bytes_, bytes_)); }
  void put(std::uint8_t* to) const { _mm_storeu_si128(reinterpret_cast<__m128i*>(to), bytes_); }
  // Of bytes: those beyond ASCII.
  std::uint64_t bits() const { return static_cast<std::uint32_t>(_mm_movemask_epi8(bytes_)); }

 private:
  explicit Lanes(__m128i bytes) : bytes_(bytes) {}
  __m128i bytes_;
#else
  explicit Lanes(const char* at) { std::memcpy(bytes_.data(), at, bytes_.size()); }

  Lanes is(char c) const { return is_among(static_cast<unsigned char>(c), 1); }
  Lanes is_among(unsigned char first, unsigned count) const {
    return each([=](unsigned char c) { return static_cast<unsigned char>(c - first) < count ? 0xFF : 0; });
  }
  Lanes lower() const {
    return each([](unsigned char c) { return c | 0x20; });
  }
  friend Lanes operator|(Lanes a, Lanes b) {
    for (std::size_t i = 0; i < a.bytes_.size(); ++i) a.bytes_[i] |= b.bytes_[i];
    return a;
  }
  friend Lanes operator&(Lanes a, Lanes b) {
    for (std::size_t i = 0; i < a.bytes_.size(); ++i) a.bytes_[i] &= b.bytes_[i];
    return a;
  }
  Lanes without(Lanes where) const {
    Lanes made = *this;
    for (std::size_t i = 0; i < bytes_.size(); ++i)
      made.bytes_[i] &= static_cast<unsigned char>(~where.bytes_[i]);
    return made;
  }
  static Lanes all(char c) {
    const std::array<char, 16> same{c, c, c, c, c, c, c, c, c, c, c, c, c, c, c, c};
    return Lanes(same.data());
  }
  void put(std::uint8_t* to) const { std::memcpy(to, bytes_.data(), bytes_.size()); }
  std::uint64_t bits() const {
    std::uint64_t bits = 0;
    for (std::size_t i = 0; i < bytes_.size(); ++i) bits |= std::uint64_t{bytes_[i]} >> 7U << i;
    return bits;
  }

 private:
  Lanes each(auto f) const {
    Lanes made = *this;
    for (auto& c : made.bytes_) c = static_cast<unsigned char>(f(c));
    return made;
  }
  std::array<unsigned char, 16> bytes_;
#endif

 public:
  Lanes is_letter() const { return lower().is_among('a', 26); }
  Lanes is_digit() const { return is_among('0', 10); }
  // `c` where it is something.
  Lanes with(Lanes where, char c) const { return without(where) | (where & all(c)); }
  Lanes is_one_of(char c, auto... others) const { return (is(c) | ... | is(others)); }
};

// Calls look(lanes, shift) for the block at `at`, part by part: bit i of a part is bit `shift` + i of the block.
template <class F>
void in_lanes(const char* at, F look) {
  for (unsigned part = 0; part < kBlock / Lanes::kSize; ++part)
    look(Lanes(at + part * Lanes::kSize), part * unsigned{Lanes::kSize});
}

// Where in a text a pass has something to do. `marks(block, before)` gives a bit for each byte of a block, of which two bytes
// that stand before it are given; behind the end of the text there are zeros.
template <class Marks>
class Places64 {
 public:
  Places64(std::string_view text, Marks marks) : text_(text), marks_(marks) {}

  // The first from `at` on; the end of the text where there is none.
  std::size_t next(std::size_t at) {
    for (; at < text_.size(); at = block_ + kBlock) {
      if (at < block_ || at - block_ >= kBlock) look_at(at);
      if (const auto rest = bits_ >> (at - block_); rest != 0)
        return at + static_cast<std::size_t>(std::countr_zero(rest));
    }
    return text_.size();
  }

 private:
  void look_at(std::size_t at) {
    block_ = at;
    const std::array<char, 2> before{at > 1 ? text_[at - 2] : '\0', at > 0 ? text_[at - 1] : '\0'};
    if (text_.size() - at >= kBlock) {
      bits_ = marks_(text_.data() + at, before);
      return;
    }
    std::array<char, kBlock> padded{};
    std::memcpy(padded.data(), text_.data() + at, text_.size() - at);
    bits_ = marks_(padded.data(), before);
  }

  std::string_view text_;
  Marks marks_;
  std::size_t block_ = SIZE_MAX;  // where it begins
  std::uint64_t bits_ = 0;
};

}  // namespace plimsoll
