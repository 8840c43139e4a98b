#include <algorithm>
#include <array>
#include <cstring>

#include "kernel.h"
#include "ngrams.h"

namespace plimsoll::classify {
namespace {

std::uint32_t load4(const std::uint8_t* p) {
  std::uint32_t x = 0;
  std::memcpy(&x, p, sizeof x);
  return x;
}

std::size_t run_keys(const std::uint8_t* folded, std::size_t size, std::uint32_t* keys) {
  std::size_t n = 0;
  for (std::size_t i = 0; i + kRun <= size; ++i) keys[n++] = run_key(load4(folded + i));
  return n;
}

void add_rows(const std::uint64_t* rows, std::uint32_t mask, const std::uint32_t* keys, std::size_t count,
              std::int32_t* sums) {
  for (std::size_t i = 0; i < count; ++i) {
    const std::uint64_t row = rows[keys[i] & mask];
    if (row >> 56U != keys[i] >> 24U) continue;
    for (std::size_t lane = 0; lane + 1 < kLanes; ++lane)
      sums[lane] += static_cast<std::int8_t>(row >> (8 * lane));
  }
}

void add_vectors(const std::int8_t* vectors, std::size_t width, const std::uint16_t* ids, std::size_t count,
                 std::int32_t* sums) {
  for (std::size_t i = 0; i < count; ++i)
    for (std::size_t j = 0; j < width; ++j) sums[j] += vectors[ids[i] * width + j];
}

void multiply(const float* matrix, std::size_t rows, std::size_t columns, const float* x, const float* bias,
              float* to) {
  constexpr std::size_t kColumns = 8;  // at once: the compiler keeps them in registers
  for (std::size_t from = 0; from < columns; from += kColumns) {
    std::array<float, kColumns> sums;  // NOLINT(*-member-init)
    std::copy_n(bias + from, kColumns, sums.begin());
    for (std::size_t i = 0; i < rows; ++i)
      for (std::size_t k = 0; k < kColumns; ++k) sums[k] += x[i] * matrix[i * columns + from + k];
    std::copy_n(sums.begin(), kColumns, to + from);
  }
}

}  // namespace

const Kernel kScalarKernel{"scalar", run_keys, add_rows, add_vectors, multiply};

}  // namespace plimsoll::classify
