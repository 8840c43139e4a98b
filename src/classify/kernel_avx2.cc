#include <immintrin.h>

#include <algorithm>
#include <array>

#include "kernel.h"
#include "ngrams.h"

namespace plimsoll::classify {
namespace {

// Steps after which sums of sixteen bits are widened: a step adds at most 2 x 128 to a lane.
constexpr std::size_t kSteps = 120;

[[gnu::target("avx2")]] __m256i times(__m256i x, std::uint32_t by) {
  return _mm256_mullo_epi32(x, _mm256_set1_epi32(static_cast<int>(by)));
}

[[gnu::target("avx2")]] __m256i finish(__m256i h) {
  h = times(_mm256_xor_si256(h, _mm256_srli_epi32(h, 15)), kFinish);
  return _mm256_xor_si256(h, _mm256_srli_epi32(h, 13));
}

[[gnu::target("avx2")]] void store(std::uint32_t* to, __m256i keys) {
  _mm256_storeu_si256(reinterpret_cast<__m256i*>(to), keys);
}

// The four bytes at p, p + 1, ... p + 7.
[[gnu::target("avx2")]] __m256i eight_runs(const std::uint8_t* p) {
  const __m256i bytes = _mm256_broadcastsi128_si256(_mm_loadu_si128(reinterpret_cast<const __m128i*>(p)));
  const __m256i pick = _mm256_setr_epi8(0, 1, 2, 3, 1, 2, 3, 4, 2, 3, 4, 5, 3, 4, 5, 6,  //
                                        4, 5, 6, 7, 5, 6, 7, 8, 6, 7, 8, 9, 7, 8, 9, 10);
  return _mm256_shuffle_epi8(bytes, pick);
}

[[gnu::target("avx2")]] std::size_t run_keys(const std::uint8_t* folded, std::size_t size,
                                             std::uint32_t* keys) {
  for (std::size_t i = 0; i + kRun <= size; i += 8)
    store(keys + i, finish(_mm256_add_epi32(times(eight_runs(folded + i), kTimes),
                                            _mm256_set1_epi32(static_cast<int>(kPlus)))));
  return size >= kRun ? size - (kRun - 1) : 0;
}

// Four rows, those without the tag as zero.
[[gnu::target("avx2")]] __m256i four_rows(const std::uint64_t* rows, __m128i index, __m128i tag) {
  const __m256i found = _mm256_i32gather_epi64(reinterpret_cast<const long long*>(rows), index, 8);
  return _mm256_and_si256(found,
                          _mm256_cmpeq_epi64(_mm256_srli_epi64(found, 56), _mm256_cvtepu32_epi64(tag)));
}

[[gnu::target("avx2")]] void widen(__m256i sums16, std::int32_t* sums) {
  const __m256i sum = _mm256_add_epi32(_mm256_cvtepi16_epi32(_mm256_castsi256_si128(sums16)),
                                       _mm256_cvtepi16_epi32(_mm256_extracti128_si256(sums16, 1)));
  auto* const to = reinterpret_cast<__m256i*>(sums);
  _mm256_storeu_si256(to, _mm256_add_epi32(_mm256_loadu_si256(to), sum));
}

[[gnu::target("avx2")]] void add_rows(const std::uint64_t* rows, std::uint32_t mask,
                                      const std::uint32_t* keys, std::size_t count, std::int32_t* sums) {
  const __m256i ones = _mm256_set1_epi8(1);
  std::size_t i = 0;
  while (i + 8 <= count) {
    __m256i low = _mm256_setzero_si256();
    __m256i high = _mm256_setzero_si256();
    const std::size_t stop = std::min(count, i + 8 * kSteps);
    for (; i + 8 <= stop; i += 8) {
      const __m256i key = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(keys + i));
      const __m256i index = _mm256_and_si256(key, _mm256_set1_epi32(static_cast<int>(mask)));
      const __m256i tag = _mm256_srli_epi32(key, 24);
      const __m256i a = four_rows(rows, _mm256_castsi256_si128(index), _mm256_castsi256_si128(tag));
      const __m256i b = four_rows(rows, _mm256_extracti128_si256(index, 1), _mm256_extracti128_si256(tag, 1));
      low = _mm256_add_epi16(low, _mm256_maddubs_epi16(ones, _mm256_unpacklo_epi8(a, b)));
      high = _mm256_add_epi16(high, _mm256_maddubs_epi16(ones, _mm256_unpackhi_epi8(a, b)));
    }
    widen(low, sums);
    widen(high, sums);
  }
  kScalarKernel.add_rows(rows, mask, keys + i, count - i, sums);
}

[[gnu::target("avx2")]] void add_vectors(const std::int8_t* vectors, std::size_t width,
                                         const std::uint16_t* ids, std::size_t count, std::int32_t* sums) {
  for (std::size_t column = 0; column < width; column += 32) {
    for (std::size_t i = 0; i < count;) {
      __m256i low = _mm256_setzero_si256();
      __m256i high = _mm256_setzero_si256();
      for (const std::size_t stop = std::min(count, i + kSteps); i < stop; ++i) {
        const __m256i v =
            _mm256_loadu_si256(reinterpret_cast<const __m256i*>(vectors + ids[i] * width + column));
        low = _mm256_add_epi16(low, _mm256_cvtepi8_epi16(_mm256_castsi256_si128(v)));
        high = _mm256_add_epi16(high, _mm256_cvtepi8_epi16(_mm256_extracti128_si256(v, 1)));
      }
      std::int32_t* to = sums + column;
      for (const __m256i part : {low, high})
        for (const __m128i half : {_mm256_castsi256_si128(part), _mm256_extracti128_si256(part, 1)}) {
          auto* const at = reinterpret_cast<__m256i*>(to);
          _mm256_storeu_si256(at, _mm256_add_epi32(_mm256_loadu_si256(at), _mm256_cvtepi16_epi32(half)));
          to += 8;
        }
    }
  }
}

// `kParts` registers of columns at once. Products are rounded before they are added, as in the plain version.
template <std::size_t kParts>
[[gnu::target("avx2")]] void multiply_some(const float* matrix, std::size_t rows, std::size_t columns,
                                           const float* x, const float* bias, float* to) {
  constexpr std::size_t kWide = 8;
  std::array<__m256, kParts> sums;  // NOLINT(*-member-init)
  for (std::size_t k = 0; k < kParts; ++k) sums[k] = _mm256_loadu_ps(bias + k * kWide);
  for (std::size_t i = 0; i < rows; ++i, matrix += columns) {
    const __m256 times = _mm256_set1_ps(x[i]);
    for (std::size_t k = 0; k < kParts; ++k)
      sums[k] = _mm256_add_ps(sums[k], _mm256_mul_ps(times, _mm256_loadu_ps(matrix + k * kWide)));
  }
  for (std::size_t k = 0; k < kParts; ++k) _mm256_storeu_ps(to + k * kWide, sums[k]);
}

[[gnu::target("avx2")]] void multiply(const float* matrix, std::size_t rows, std::size_t columns,
                                      const float* x, const float* bias, float* to) {
  std::size_t k = 0;
  for (; k + 32 <= columns; k += 32) multiply_some<4>(matrix + k, rows, columns, x, bias + k, to + k);
  for (; k < columns; k += 8) multiply_some<1>(matrix + k, rows, columns, x, bias + k, to + k);
}

}  // namespace

const Kernel kAvx2Kernel{"avx2", run_keys, add_rows, add_vectors, multiply};

}  // namespace plimsoll::classify
