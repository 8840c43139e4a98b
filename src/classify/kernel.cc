#include "kernel.h"

#include <array>

namespace plimsoll::classify {
namespace {

bool has_avx2() {
  return __builtin_cpu_supports("avx2") != 0;
}
bool has_avx512() {
  return __builtin_cpu_supports("avx512f") != 0 && __builtin_cpu_supports("avx512bw") != 0 &&
         __builtin_cpu_supports("avx512dq") != 0 && __builtin_cpu_supports("avx512vl") != 0;
}

}  // namespace

std::span<const Kernel> kernels() {
  static const std::array all{kScalarKernel, kAvx2Kernel, kAvx512Kernel};
  static const std::size_t usable = !has_avx2() ? 1 : !has_avx512() ? 2 : 3;
  return std::span(all).first(usable);
}

}  // namespace plimsoll::classify
