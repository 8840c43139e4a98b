// The inner loops of inference, in one plain version and one for each vector instruction set.
//
// All give the same numbers, whatever the input; tests and a fuzz target hold them to that.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace plimsoll::classify {

inline constexpr std::size_t kLanes = 8;  // of a row: seven weights and the tag

struct Kernel {
  const char* name;
  // The keys of the runs of kRun bytes of `folded`[0, size). Reads up to 64 bytes past the end, writes up to 16 keys past
  // the last one; returns how many there are.
  std::size_t (*run_keys)(const std::uint8_t* folded, std::size_t size, std::uint32_t* keys);
  // Adds to `sums` the weights of every key's row that bears the key's tag. `mask` is rows - 1. At most
  // kMaxKeys keys a call; sums[7] is not defined.
  void (*add_rows)(const std::uint64_t* rows, std::uint32_t mask, const std::uint32_t* keys,
                   std::size_t count, std::int32_t* sums);
  // Adds vectors[ids[i]] of `width` bytes each, a multiple of 64, to `sums`.
  void (*add_vectors)(const std::int8_t* vectors, std::size_t width, const std::uint16_t* ids,
                      std::size_t count, std::int32_t* sums);
  // to[k] = bias[k] + sum over i < rows of x[i] * matrix[i][k], for `columns` of them, a multiple of 8, each in the order
  // of i.
  void (*multiply)(const float* matrix, std::size_t rows, std::size_t columns, const float* x,
                   const float* bias, float* to);
};

inline constexpr std::size_t kMaxKeys = 1U << 16U;

// Those this processor can run, plainest first; the last is the fastest.
std::span<const Kernel> kernels();

extern const Kernel kScalarKernel;
extern const Kernel kAvx2Kernel;
extern const Kernel kAvx512Kernel;

}  // namespace plimsoll::classify
