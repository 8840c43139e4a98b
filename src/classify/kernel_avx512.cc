#include <immintrin.h>

#include <algorithm>
#include <array>

#include "kernel.h"
#include "ngrams.h"

namespace plimsoll::classify {
namespace {

// Steps after which sums of sixteen bits are widened: a step adds at most 2 x 128 to a lane.
constexpr std::size_t kSteps = 120;

[[gnu::target("avx512f,avx512bw,avx512dq,avx512vl")]] __m512i times(__m512i x, std::uint32_t by) {
  return _mm512_mullo_epi32(x, _mm512_set1_epi32(static_cast<int>(by)));
}

[[gnu::target("avx512f,avx512bw,avx512dq,avx512vl")]] __m512i finish(__m512i h) {
  h = times(_mm512_xor_si512(h, _mm512_srli_epi32(h, 15)), kFinish);
  return _mm512_xor_si512(h, _mm512_srli_epi32(h, 13));
}

[[gnu::target("avx512f,avx512bw,avx512dq,avx512vl")]] __m128i load16(const std::uint8_t* p) {
  return _mm_loadu_si128(reinterpret_cast<const __m128i*>(p));
}

// The four bytes at p, p + 1, ... p + 15.
[[gnu::target("avx512f,avx512bw,avx512dq,avx512vl")]] __m512i sixteen_runs(const std::uint8_t* p) {
  __m512i bytes = _mm512_castsi128_si512(load16(p));
  bytes = _mm512_inserti32x4(bytes, load16(p + 4), 1);
  bytes = _mm512_inserti32x4(bytes, load16(p + 8), 2);
  bytes = _mm512_inserti32x4(bytes, load16(p + 12), 3);
  const __m128i pick = _mm_setr_epi8(0, 1, 2, 3, 1, 2, 3, 4, 2, 3, 4, 5, 3, 4, 5, 6);
  return _mm512_shuffle_epi8(bytes, _mm512_broadcast_i32x4(pick));
}

[[gnu::target("avx512f,avx512bw,avx512dq,avx512vl")]] std::size_t run_keys(const std::uint8_t* folded,
                                                                           std::size_t size,
                                                                           std::uint32_t* keys) {
  for (std::size_t i = 0; i + kRun <= size; i += 16)
    _mm512_storeu_si512(keys + i, finish(_mm512_add_epi32(times(sixteen_runs(folded + i), kTimes),
                                                          _mm512_set1_epi32(static_cast<int>(kPlus)))));
  return size >= kRun ? size - (kRun - 1) : 0;
}

// Eight rows, those without the tag as zero.
[[gnu::target("avx512f,avx512bw,avx512dq,avx512vl")]] __m512i eight_rows(const std::uint64_t* rows,
                                                                         __m256i index, __m256i tag) {
  const __m512i found = _mm512_i32gather_epi64(index, rows, 8);
  const __mmask8 match = _mm512_cmpeq_epi64_mask(_mm512_srli_epi64(found, 56), _mm512_cvtepu32_epi64(tag));
  return _mm512_maskz_mov_epi64(match, found);
}

[[gnu::target("avx512f,avx512bw,avx512dq,avx512vl")]] void widen(__m512i sums16, std::int32_t* sums) {
  const __m512i wide = _mm512_add_epi32(_mm512_cvtepi16_epi32(_mm512_castsi512_si256(sums16)),
                                        _mm512_cvtepi16_epi32(_mm512_extracti64x4_epi64(sums16, 1)));
  const __m256i sum = _mm256_add_epi32(_mm512_castsi512_si256(wide), _mm512_extracti64x4_epi64(wide, 1));
  auto* const to = reinterpret_cast<__m256i*>(sums);
  _mm256_storeu_si256(to, _mm256_add_epi32(_mm256_loadu_si256(to), sum));
}

[[gnu::target("avx512f,avx512bw,avx512dq,avx512vl")]] void add_rows(const std::uint64_t* rows,
                                                                    std::uint32_t mask,
                                                                    const std::uint32_t* keys,
                                                                    std::size_t count, std::int32_t* sums) {
  const __m512i ones = _mm512_set1_epi8(1);
  std::size_t i = 0;
  while (i + 16 <= count) {
    __m512i low = _mm512_setzero_si512();
    __m512i high = _mm512_setzero_si512();
    const std::size_t stop = std::min(count, i + 16 * kSteps);
    for (; i + 16 <= stop; i += 16) {
      const __m512i key = _mm512_loadu_si512(keys + i);
      const __m512i index = _mm512_and_si512(key, _mm512_set1_epi32(static_cast<int>(mask)));
      const __m512i tag = _mm512_srli_epi32(key, 24);
      const __m512i a = eight_rows(rows, _mm512_castsi512_si256(index), _mm512_castsi512_si256(tag));
      const __m512i b =
          eight_rows(rows, _mm512_extracti64x4_epi64(index, 1), _mm512_extracti64x4_epi64(tag, 1));
      low = _mm512_add_epi16(low, _mm512_maddubs_epi16(ones, _mm512_unpacklo_epi8(a, b)));
      high = _mm512_add_epi16(high, _mm512_maddubs_epi16(ones, _mm512_unpackhi_epi8(a, b)));
    }
    widen(low, sums);
    widen(high, sums);
  }
  kScalarKernel.add_rows(rows, mask, keys + i, count - i, sums);
}

[[gnu::target("avx512f,avx512bw,avx512dq,avx512vl")]] void add_vectors(const std::int8_t* vectors,
                                                                       std::size_t width,
                                                                       const std::uint16_t* ids,
                                                                       std::size_t count,
                                                                       std::int32_t* sums) {
  for (std::size_t column = 0; column < width; column += 32) {
    for (std::size_t i = 0; i < count;) {
      __m512i sum = _mm512_setzero_si512();
      for (const std::size_t stop = std::min(count, i + 2 * kSteps); i < stop; ++i)
        sum = _mm512_add_epi16(sum, _mm512_cvtepi8_epi16(_mm256_loadu_si256(reinterpret_cast<const __m256i*>(
                                        vectors + ids[i] * width + column))));
      std::int32_t* const to = sums + column;
      const __m512i low = _mm512_cvtepi16_epi32(_mm512_castsi512_si256(sum));
      const __m512i high = _mm512_cvtepi16_epi32(_mm512_extracti64x4_epi64(sum, 1));
      _mm512_storeu_si512(to, _mm512_add_epi32(_mm512_loadu_si512(to), low));
      _mm512_storeu_si512(to + 16, _mm512_add_epi32(_mm512_loadu_si512(to + 16), high));
    }
  }
}

[[gnu::target("avx512f,avx512bw,avx512dq,avx512vl")]] void multiply_eight(const float* matrix,
                                                                          std::size_t rows,
                                                                          std::size_t columns, const float* x,
                                                                          const float* bias, float* to) {
  __m256 sum = _mm256_loadu_ps(bias);
  for (std::size_t i = 0; i < rows; ++i, matrix += columns)
    sum = _mm256_add_ps(sum, _mm256_mul_ps(_mm256_set1_ps(x[i]), _mm256_loadu_ps(matrix)));
  _mm256_storeu_ps(to, sum);
}

// `kParts` registers of columns at once. Products are rounded before they are added, as in the plain version.
template <std::size_t kParts>
[[gnu::target("avx512f,avx512bw,avx512dq,avx512vl")]] void multiply_some(const float* matrix,
                                                                         std::size_t rows,
                                                                         std::size_t columns, const float* x,
                                                                         const float* bias, float* to) {
  constexpr std::size_t kWide = 16;
  std::array<__m512, kParts> sums;  // NOLINT(*-member-init)
  for (std::size_t k = 0; k < kParts; ++k) sums[k] = _mm512_loadu_ps(bias + k * kWide);
  for (std::size_t i = 0; i < rows; ++i, matrix += columns) {
    const __m512 times = _mm512_set1_ps(x[i]);
    for (std::size_t k = 0; k < kParts; ++k)
      sums[k] = _mm512_add_ps(sums[k], _mm512_mul_ps(times, _mm512_loadu_ps(matrix + k * kWide)));
  }
  for (std::size_t k = 0; k < kParts; ++k) _mm512_storeu_ps(to + k * kWide, sums[k]);
}

[[gnu::target("avx512f,avx512bw,avx512dq,avx512vl")]] void multiply(const float* matrix, std::size_t rows,
                                                                    std::size_t columns, const float* x,
                                                                    const float* bias, float* to) {
  std::size_t k = 0;
  for (; k + 64 <= columns; k += 64) multiply_some<4>(matrix + k, rows, columns, x, bias + k, to + k);
  for (; k + 32 <= columns; k += 32) multiply_some<2>(matrix + k, rows, columns, x, bias + k, to + k);
  for (; k + 16 <= columns; k += 16) multiply_some<1>(matrix + k, rows, columns, x, bias + k, to + k);
  for (; k < columns; k += 8) multiply_eight(matrix + k, rows, columns, x, bias + k, to + k);
}

}  // namespace

const Kernel kAvx512Kernel{"avx512", run_keys, add_rows, add_vectors, multiply};

}  // namespace plimsoll::classify
