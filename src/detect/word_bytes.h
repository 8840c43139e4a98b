// What kinds of bytes are where, many at a time.
#pragma once

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

#include <cstddef>
#include <cstdint>

namespace plimsoll::detect {

// Letters, digits and the underscore of ASCII, as patterns see them.
constexpr bool is_word(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

// Bytes that are looked at together.
inline constexpr std::size_t kBytesAtOnce = 64;

// Of kBytesAtOnce bytes, bit i: whether text[i] is part of a word.
inline std::uint64_t words_among(const char* text) {
  std::uint64_t mask = 0;
#if defined(__SSE2__)
  for (unsigned part = 0; part < 4; ++part) {
    const auto bytes = _mm_loadu_si128(reinterpret_cast<const __m128i*>(text + std::size_t{part} * 16));
    const auto between = [](__m128i x, char first, char count) {
      const auto from = _mm_sub_epi8(x, _mm_set1_epi8(first));
      return _mm_cmpeq_epi8(_mm_min_epu8(from, _mm_set1_epi8(static_cast<char>(count - 1))), from);
    };
    const auto letter = between(_mm_or_si128(bytes, _mm_set1_epi8(0x20)), 'a', 26);
    const auto other = _mm_or_si128(between(bytes, '0', 10), _mm_cmpeq_epi8(bytes, _mm_set1_epi8('_')));
    mask |= std::uint64_t{static_cast<std::uint32_t>(_mm_movemask_epi8(_mm_or_si128(letter, other)))}
            << (part * 16U);
  }
#else
  for (unsigned i = 0; i < kBytesAtOnce; ++i) mask |= std::uint64_t{is_word(text[i])} << i;
#endif
  return mask;
}

// The same of decimal digits, from `first` on.
inline std::uint64_t digits_among(const char* text, char first = '0') {
  std::uint64_t mask = 0;
#if defined(__SSE2__)
  for (unsigned part = 0; part < 4; ++part) {
    const auto bytes = _mm_loadu_si128(reinterpret_cast<const __m128i*>(text + std::size_t{part} * 16));
    const auto from = _mm_sub_epi8(bytes, _mm_set1_epi8(first));
    const auto is_digit =
        _mm_cmpeq_epi8(_mm_min_epu8(from, _mm_set1_epi8(static_cast<char>('9' - first))), from);
    mask |= std::uint64_t{static_cast<std::uint32_t>(_mm_movemask_epi8(is_digit))} << (part * 16U);
  }
#else
  for (unsigned i = 0; i < kBytesAtOnce; ++i) mask |= std::uint64_t{text[i] >= first && text[i] <= '9'} << i;
#endif
  return mask;
}

// The same beyond ASCII.
inline std::uint64_t high_among(const char* text) {
  std::uint64_t mask = 0;
#if defined(__SSE2__)
  for (unsigned part = 0; part < 4; ++part) {
    const auto bytes = _mm_loadu_si128(reinterpret_cast<const __m128i*>(text + std::size_t{part} * 16));
    mask |= std::uint64_t{static_cast<std::uint32_t>(_mm_movemask_epi8(bytes))} << (part * 16U);
  }
#else
  for (unsigned i = 0; i < kBytesAtOnce; ++i)
    mask |= std::uint64_t{static_cast<unsigned char>(text[i]) >= 0x80} << i;
#endif
  return mask;
}

}  // namespace plimsoll::detect
